// Two rows, always: the worst alert, and the next; further ones take turns in row 2.

import { actions, silences } from './acting.js';
import { byId, el, own, worded } from './dom.js';
import { badge, shape } from './shapes.js';
import { clock } from './ticking.js';

const TURN_MS = 10000;
const NEW_MS = 2000; // an outline, that does not move, around a new critical alert
const phone = matchMedia('(max-width: 720px)');

let shown = { lines: [], calm: '', words: {}, lost: null };
let turn = 0;
const boards = new Map(); // name -> ids of the alerts that it had when it was seen last
const known = new Map(); // id -> state: the alerts of all of them
let outlined = new Set();

setInterval(() => {
  if (byId('strip').matches('.acts :is(:hover, :focus-within)')) return; // somebody is about to act on what is there
  turn += 1;
  if (rotating().length > 1) draw();
}, TURN_MS);

/** `lost`: null, or {sinceMs, offsetMs}: nothing is heard from the server. */
export function drawStrip(lines, calm, words, lost) {
  shown = { lines, calm, words, lost };
  draw();
}

/** Says each alert once, when it is new or has become critical; the critical ones among these are returned. What a board
 *  opens on at its first visit is not new. */
export function tell(board, lines) {
  const before = boards.get(board);
  const fresh = before ? lines.filter(isNew) : [];
  before?.forEach((id) => known.delete(id));
  lines.toReversed().forEach((line) => known.set(line.id, line.state)); // where several have one id, the worst counts
  boards.set(board, lines.map((line) => line.id));
  const told = fresh.map((line) => el('p', {}, [line.word, line.place, line.fact, line.action].filter(Boolean).join(' · ')));
  if (told.length) byId('alert').replaceChildren(...told);
  const critical = fresh.filter((line) => line.state === 'act').map((line) => line.id);
  if (critical.length) outline(critical);
  return critical;
}

const isNew = ({ id, state }) => !known.has(id) || (state === 'act' && known.get(id) !== 'act');

function outline(ids) {
  outlined = new Set(ids);
  setTimeout(() => {
    outlined = new Set();
    document.querySelectorAll('.line.new').forEach((row) => row.classList.remove('new'));
  }, NEW_MS);
}

const rotating = () => shown.lines.slice(shown.lost ? 0 : 1);

let held = false; // a pointer is down: what is under it stays there until it is up
byId('strip').addEventListener('pointerdown', () => (held = true));
for (const end of ['pointerup', 'pointercancel']) addEventListener(end, () => {
  if (held) setTimeout(draw);
  held = false;
});

function draw() {
  if (held) return;
  const focused = document.activeElement?.dataset.do;
  const first = shown.lost ? lostRow() : shown.lines.length ? alertRow(shown.lines[0]) : calmRow();
  const calm = !shown.lost && !shown.lines.length;
  const rows = calm ? [first] : [first, ...(phone.matches ? rotating().map((line) => alertRow(line)) : [secondRow()])];
  byId('strip').replaceChildren(...rows);
  if (!phone.matches) fit(rows);
  if (focused) byId('strip').querySelector(`[data-do="${CSS.escape(focused)}"]`)?.focus();
}

function secondRow() {
  const lines = rotating();
  if (!lines.length) return el('div', { class: 'line calm' });
  const line = lines[turn % lines.length];
  return alertRow(line, lines.filter((each) => each !== line && each.state !== 'ok')); // what is over is no more trouble
}

function calmRow() {
  const [first, ...rest] = sentences(shown.calm);
  return el('div', { class: 'line calm' }, el('p', { class: 'said', title: shown.calm }, el('strong', {}, first), rest.join('')), silences());
}

function alertRow(line, others = []) {
  const right = [...(line.right || [])].map((text) => el('span', {}, text));
  const more = () => el('span', { class: 'more' }, shape(others[0].state), worded(shown.words.more, { n: others.length }));
  if (others.length) right.splice(1, right.length, more());
  return el('div', { class: `line ${line.state}${outlined.has(line.id) ? ' new' : ''}`, 'data-id': line.id },
    badge(line.state, line.word),
    el('p', { class: 'fact', title: `${line.place} ${line.fact}` }, own(line.place, {}, 'b'), ' ', line.fact),
    el('p', { class: 'do', title: line.action }, line.action ? el('span', { class: 'arrow' }, '→ ') : null, line.action || ''),
    el('p', { class: 'right' }, ...right), actions(line));
}

function lostRow() {
  const { words, lost } = shown;
  const since = lost.sinceMs === null ? '' : `${words.since || ''} ${clock(lost.sinceMs, lost.offsetMs)}`;
  return el('div', { class: 'line lost' }, badge('no_data', words.disconnected),
    el('p', { class: 'fact' }, [since, words.trying].filter(Boolean).join(', ')));
}

/** Is a line more than there is room for in it, or around it? Less than half a line is what letters reach below theirs. */
function isCut(text) {
  const half = parseFloat(getComputedStyle(text).fontSize) / 2;
  return text.scrollWidth > text.clientWidth + 1 || text.scrollHeight > text.clientHeight + half
    || text.offsetHeight > text.parentElement.clientHeight + half / 4;
}

/** What does not fit goes to two smaller lines; facts give way to actions; then whole sentences are left out, the last
 *  first, and "…" says so (all of it is in the title). Nothing is cut in the middle. */
function fit(rows) {
  const texts = rows.flatMap((row) => [...row.querySelectorAll('.do, .fact')]);
  byId('strip').classList.remove('tight');
  for (const text of texts) text.classList.toggle('two', isCut(text));
  byId('strip').classList.toggle('tight', texts.some((text) => text.matches('.do') && isCut(text)));
  for (const text of texts) if (text.matches('.tight *')) text.classList.toggle('two', text.matches('.two') || isCut(text));
  texts.forEach(shorten);
  rows.flatMap((row) => [...row.querySelectorAll('.said')]).forEach(shorten);
}

function shorten(text) {
  const last = text.lastChild;
  for (let parts = sentences(last.data ?? ''); isCut(text) && parts.length > 1; parts = parts.slice(0, -1)) {
    last.data = `${parts.slice(0, -1).join('')} …`;
  }
  text.classList.toggle('three', isCut(text)); // one long sentence
}

/** "With 3 more: 84 %. Lost: no." and "12 % in time · 4 agents lost" in their parts. */
const sentences = (text) => text.split(/(?<=\.)(?= )|(?= · )/);
