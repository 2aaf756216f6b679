// What a supervisor does: take an alert, be silent for a while, speak again. What is shown changes when it is so, by what
// the server says of the board; until then there is a word that it was sent.

import { byId, el, own, worded } from './dom.js';

const SHOWN_MS = 8000;
const CONFIRMED_WITHIN_MS = 25000; // a round of the alerts worker, and a cadence
const SPANS = ['15m', '1h', 'day'];

let may = false;
let now = { lines: [], mutes: [], words: {}, language: 'en' };
let waiting = []; // {is: () => whether it is so now, until: ms of performance.now()}
let hiding = null;

/** Asks who we are; `changed` is called where we may act. */
export async function meet(changed) {
  const answer = await fetch('/api/me').catch(() => null);
  if (!answer?.ok) return;
  may = (await answer.json()).role === 'supervisor';
  if (!may) return;
  document.body.classList.add('acts');
  changed();
}

/** What the board says now: what was sent may be so. */
export function follow(lines, mutes, words, language) {
  now = { lines, mutes, words, language };
  const left = waiting.filter((each) => !each.is());
  if (waiting.length && !left.length) hide();
  waiting = left;
}

/** The buttons of a line of the strip; null where there is nothing to do, or nobody who may. */
export function actions(line) {
  if (!may) return null;
  const { words } = now;
  const worst = now.lines.find((each) => each.can_take)?.id;
  return el('div', { class: 'actions' },
    line.can_take ? button('take', line, words.take, () => take(line), line.id === worst ? 'A' : '') : null,
    line.can_mute ? button('mute', line, words.mute, () => choose(line)) : null,
    line.mute ? button('unmute', line, words.unmute, () => unmute(line.mute)) : null);
}

/** Under the words that all is calm: the mutes in force, each with its end. */
export function silences() {
  if (!may || !now.mutes.length) return null;
  return el('div', { class: 'actions' }, ...now.mutes.slice(0, 3).map(ending));
}

/** A: the worst that nobody has. */
export function takeWorst() {
  if (!may) return;
  const line = now.lines.find((each) => each.can_take);
  if (line) take(line);
  else say(now.words.nothing_to_take);
}

const ending = (mute) => button('unmute', { id: mute.id, place: mute.said }, `${now.words.unmute}: ${mute.said}`, () => unmute(mute.id));

function button(what, line, text, act, key = '') {
  const made = el('button', { type: 'button', 'data-do': `${what} ${line.id}`, 'aria-label': `${text}: ${line.place}`, 'aria-keyshortcuts': key || null },
    text, key ? el('kbd', { 'aria-hidden': 'true' }, key) : null);
  made.addEventListener('click', act);
  return made;
}

const take = (line) => send(`/api/alerts/${encodeURIComponent(line.id)}/ack`, {},
  () => () => now.lines.some((each) => each.id === line.id && !each.can_take)); // gone without a word = not known

const mute = (line, span) => send(`/api/alerts/${encodeURIComponent(line.id)}/mute`, { for: span },
  (sent) => () => now.mutes.some((each) => each.id === sent.id));

const unmute = (id) => send(`/api/mutes/${encodeURIComponent(id)}/unmute`, {}, () => () => !now.mutes.some((each) => each.id === id));

async function send(path, body, confirmation) {
  const { words, language } = now;
  say(words.sending, true);
  try {
    const answer = await fetch(`${path}?lang=${language}`, {
      method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Callpulse': 'page' }, body: JSON.stringify(body) });
    if (!answer.ok) say((await answer.text()).trim());
    else await expect(confirmation(await answer.json()));
  } catch {
    say(words.unreachable);
  }
}

function expect(is) {
  if (is()) return hide();
  say(now.words.sent, true);
  const one = { is };
  waiting.push(one);
  setTimeout(() => {
    if (!waiting.includes(one)) return;
    waiting = waiting.filter((each) => each !== one);
    say(now.words.unconfirmed);
  }, CONFIRMED_WITHIN_MS);
  return undefined;
}

/** For how long. */
function choose(line) {
  const { words, mutes } = now;
  const dialog = el('dialog', { class: 'choice', 'aria-labelledby': 'choice-title' },
    el('h2', { id: 'choice-title' }, own(worded(words.mute_title, { place: line.place }))),
    ...SPANS.map((span) => choice(words[`for_${span}`], () => mute(line, span))),
    ...mutes.map((each) => choice(`${words.unmute}: ${each.said}`, () => unmute(each.id))),
    choice(words.cancel, () => {}));
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function choice(text, act) {
  const made = el('button', { type: 'button' }, own(text));
  made.addEventListener('click', () => {
    made.closest('dialog').close();
    act();
  });
  return made;
}

/** A short notice; `stays` until something else is said. */
export function say(text, stays = false) {
  clearTimeout(hiding);
  byId('notice').textContent = text || '';
  byId('notice').hidden = !text;
  if (!stays) hiding = setTimeout(hide, SHOWN_MS);
}

function hide() {
  clearTimeout(hiding);
  byId('notice').hidden = true;
  byId('notice').textContent = '';
}
