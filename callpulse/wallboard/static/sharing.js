// What a person sees, for others: the board as text for a chat, a tile as a picture. The buttons come when somebody moves a
// pointer, and go again: on the wall there are none.

import { say } from './acting.js';
import { byId, el, worded } from './dom.js';
import { asPng, asText, tilePicture } from './picture.js';
import { clock } from './ticking.js';

const STAY_MS = 6000;

let now = null; // the wall
let board = ''; // its name in addresses
let lost = false; // nothing is heard from the server
let words = {};
let chosen = null; // id of the tile that was pointed at last
let going = null;

export function startSharing() {
  for (const move of ['pointermove', 'pointerdown', 'focusin']) addEventListener(move, come, { passive: true });
}

/** Of which board, from now on. */
export const shareOf = (name) => (board = name);

/** What there is to share. `isLost`: it is as it was when the server was last heard. */
export function share(wall, said, isLost) {
  const other = said.copy !== words.copy;
  [now, words, lost] = [wall, said, isLost];
  if (other) draw();
}

function come({ target }) {
  if (!now) return;
  const tile = target.closest?.('.tile')?.dataset.id;
  if (tile && tile !== chosen) {
    chosen = tile;
    draw();
  }
  byId('share').hidden = false;
  clearTimeout(going);
  going = setTimeout(leave, STAY_MS);
}

function leave() {
  if (byId('share').matches(':focus-within, :hover')) going = setTimeout(leave, STAY_MS);
  else byId('share').hidden = true;
}

const tile = () => now.tiles.find((each) => each.id === chosen) ?? now.tiles[0];

function draw() {
  const named = tile() && { tile: tile().label };
  const buttons = [[words.copy, copyText, 'C'], ...(named ? [[worded(words.as_svg, named), saveSvg, 'S'], [worded(words.as_png, named), savePng, 'P']] : [])];
  byId('share').setAttribute('aria-label', words.share || '');
  byId('share').replaceChildren(...buttons.map(([text, act, key]) => {
    const made = el('button', { type: 'button', 'aria-keyshortcuts': key }, text, el('kbd', { 'aria-hidden': 'true' }, key));
    made.addEventListener('click', act);
    return made;
  }));
}

export async function copyText() {
  if (!now) return;
  const answer = await fetch(`/api/boards/${board}/text?lang=${now.language}`).catch(() => null);
  if (!answer) return say(words.unreachable);
  const text = await answer.text();
  if (!answer.ok) return say(text.trim());
  try {
    await navigator.clipboard.writeText(text);
    say(words.copied);
  } catch {
    byHand(text);
  }
  return undefined;
}

/** A browser lets a page copy only over TLS or at this machine. */
function byHand(text) {
  const area = el('textarea', { readonly: 'readonly', rows: '12', 'aria-label': words.copy });
  area.value = text;
  const close = el('button', { type: 'button' }, words.close);
  const dialog = el('dialog', { class: 'choice' }, el('p', {}, words.copy_by_hand), area, close);
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  area.select();
  if (document.execCommand('copy')) {
    dialog.close();
    say(words.copied);
  }
}

export const saveSvg = () => now && tile() && save(new Blob([asText(picture())], { type: 'image/svg+xml' }), 'svg');

export const savePng = async () => now && tile() && save(await asPng(picture()), 'png');

function picture() {
  const { title, date, at_ms: atMs = null, offset_ms: offsetMs = 0, age } = now.header;
  return tilePicture(tile(), [title, date, atMs === null ? '' : clock(atMs, offsetMs), lost ? words.disconnected : age].filter(Boolean).join(' · '));
}

function save(blob, ending) {
  const address = URL.createObjectURL(blob);
  el('a', { href: address, download: `${tile().id}.${ending}` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
