// Title, how many queues are in which state, and the clock of the data.

import { byId, el, own, worded } from './dom.js';
import { age } from './aged.js';
import { logoOf } from './look.js';
import { badge, pulse, shape } from './shapes.js';
import { clock, serverNow } from './ticking.js';

let old = null; // says the age anew, while nobody else does
setInterval(() => old?.(), 1000);

/** `lost`: {sinceMs}, while nothing is heard from the server. `place`: of the board among those that take turns. */
export function drawHeader(header, words, { lost, muted, place }) {
  const sub = [header.subtitle, place].filter(Boolean).join(' · ');
  const title = el('h1', {}, own(header.title, { title: header.title }), ' ', own(sub, { class: 'sub' }));
  const counts = el('div', { class: 'counts' }, ...(header.counts || []).map(counted));
  if (muted) counts.prepend(el('span', { class: 'muted' }, words.muted || 'muted'));
  byId('header').replaceChildren(pulse(), ...[logoOf()].filter(Boolean), title, counts, dataClock(header, words, lost));
  document.title = spoken(header);
}

const counted = (count) => badge(count.state, `${count.count} ${count.word}`);

function dataClock(header, words, lost) {
  const amber = header.stale || lost;
  const at = header.at_ms ?? null;
  const text = el('span', {}, header.age || '');
  old = lost && (() => { text.textContent = silence(header, words, lost); });
  old?.();
  return el('div', { class: `clock${amber ? ' stale' : ''}`, role: 'timer', 'aria-live': 'off' },
    el('span', { class: 'date' }, header.date || ''),
    el('time', {}, at === null ? '–:–:–' : clock(at, header.offset_ms)),
    el('span', { class: 'age' }, amber ? shape(lost ? 'no_data' : 'watch') : null, text));
}

/** "data 14 s old": as old as it was, and older since; the strip says why. */
function silence(header, words, { sinceMs }) {
  if ((header.age_ms ?? null) === null || sinceMs === null) return words.disconnected;
  return worded(words.data_old, { age: age(header.age_ms + serverNow() - sinceMs) });
}

/** The worst first: a tab among others shows it. */
function spoken(header) {
  const worst = (header.counts || [])[0];
  return worst && worst.state !== 'ok' ? `${worst.count} ${worst.word} · ${header.title}` : header.title;
}
