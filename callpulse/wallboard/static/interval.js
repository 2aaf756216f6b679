// The interval that runs, what it still takes, and the day.

import { byId, el, percent } from './dom.js';
import { day } from './graphs.js';

export function drawInterval(interval) {
  const [title, ...rest] = interval.title.split(' · ');
  byId('interval').replaceChildren(
    el('h2', {}, el('span', {}, el('b', {}, title), rest.length ? ` · ${rest.join(' · ')}` : '')),
    el('div', { class: 'interval-parts' }, texts(interval), chart(interval)));
}

const texts = (interval) => el('div', { class: 'interval-texts' },
  el('p', {}, el('b', {}, interval.value), ` ${interval.span}`),
  el('p', { class: 'need', title: interval.sentence }, interval.sentence || ''),
  el('p', {}, interval.day || ''),
  el('p', { class: 'need', title: interval.day_sentence }, interval.day_sentence || ''));

/** Bars from 0 to 1, with the share to reach as `target`, and `ticks` below: [place, text]. */
export function chart({ bars, target, ticks, bands }) {
  const aim = target ?? null;
  const labels = [[1, '0'], ...(aim === null ? [] : [[1 - aim, `${Math.round(100 * aim)} %`]])];
  return el('div', { class: 'chart' },
    el('div', { class: 'chart-plot' }, day(bars || [], aim, '', bands)),
    el('div', { class: 'chart-scale' }, ...labels.map(([place, text]) => at('top', place, text))),
    el('div', { class: 'chart-ticks' }, ...(ticks || []).map(([place, text]) => at('left', place, text))));
}

function at(side, place, text) {
  const label = el('span', {}, text);
  label.style[side] = percent(place);
  if (side === 'left' && place < 0.03) label.className = 'first';
  return label;
}
