// Title, how many queues are in which state, and the clock of the data.

import { byId, el, own } from './dom.js';
import { badge, pulse, shape } from './shapes.js';
import { clock } from './ticking.js';

/** `lost`: nothing is heard from the server. `place`: of the board among those that take turns. */
export function drawHeader(header, words, { lost, muted, place }) {
  const sub = [header.subtitle, place].filter(Boolean).join(' · ');
  const title = el('h1', {}, own(header.title, { title: header.title }), ' ', own(sub, { class: 'sub' }));
  const counts = el('div', { class: 'counts' }, ...(header.counts || []).map(counted));
  if (muted) counts.prepend(el('span', { class: 'muted' }, words.muted || 'muted'));
  byId('header').replaceChildren(pulse(), title, counts, dataClock(header, words, lost));
  document.title = spoken(header);
}

const counted = (count) => badge(count.state, `${count.count} ${count.word}`);

function dataClock(header, words, lost) {
  const old = header.stale || lost;
  const at = header.at_ms ?? null;
  const age = lost ? words.disconnected : header.age;
  return el('div', { class: `clock${old ? ' stale' : ''}`, role: 'timer', 'aria-live': 'off' },
    el('span', { class: 'date' }, header.date || ''),
    el('time', {}, at === null ? '–:–:–' : clock(at, header.offset_ms)),
    el('span', { class: 'age' }, old ? shape(lost ? 'no_data' : 'watch') : null, age || ''));
}

/** The worst first: a tab among others shows it. */
function spoken(header) {
  const worst = (header.counts || [])[0];
  return worst && worst.state !== 'ok' ? `${worst.count} ${worst.word} · ${header.title}` : header.title;
}
