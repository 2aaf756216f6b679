// The figures to be read from afar. A tile stays the same element: the focus stays where it was.

import { byId, el } from './dom.js';
import { patch } from './parts.js';
import { badge } from './shapes.js';
import { tilesWithRoom } from './room.js';
import { spark } from './spark.js';
import { figure, ticks } from './ticking.js';

const STAYS_MS = 10000; // a definition that was tapped for
const WIDE = 3; // characters from which the partner gets less room

export function drawTiles(all, words) {
  const tiles = tilesWithRoom(all);
  const before = new Map([...byId('tiles').children].map((element) => [element.dataset.id, element]));
  const now = tiles.map((tile) => filled(before.get(tile.id) || empty(tile.id), tile, words));
  if (now.some((element, at) => byId('tiles').children[at] !== element) || before.size !== now.length) {
    byId('tiles').replaceChildren(...now);
  }
  now.forEach(shorten);
  if (defined && !defined.isConnected) undefine();
}

/** Where the state's word leaves no room for the label, its window goes, then its short form stands. Asked once of a head:
 *  the browser has to lay out the page to tell. */
function shorten(element) {
  const label = element.querySelector('.label:not([data-fits])');
  if (!label) return;
  const cut = () => label.dataset.short && label.scrollWidth > label.clientWidth;
  if (cut()) label.querySelector('small')?.remove();
  if (cut()) label.textContent = label.dataset.short;
  label.setAttribute('data-fits', '');
}

function empty(id) {
  const element = el('article', { 'data-id': id, tabindex: '0' });
  element.addEventListener('focus', () => element.matches(':focus-visible') && define(element));
  element.addEventListener('pointerenter', ({ pointerType }) => pointerType === 'mouse' && define(element));
  element.addEventListener('pointerleave', ({ pointerType }) => pointerType === 'mouse' && defined === element && undefine());
  element.addEventListener('blur', () => defined === element && undefine());
  element.addEventListener('click', () => tapped && (defined === element ? undefine() : define(element)));
  return element;
}

function filled(element, tile, words) {
  element.className = `tile ${tile.state}`;
  element.dataset.definition = tile.definition || '';
  const { label, short, window, state, word, why, old, lines: texts, spark: course, ...figures } = tile;
  patch(element, [['head', JSON.stringify([label, short, window, state, word, innerWidth, innerHeight, document.body.dataset.shape]), () => head(tile)],
    ['value', JSON.stringify([figures, ticks()]), () => value(tile)], ['lines', JSON.stringify([why, old, texts]), () => lines(tile)],
    ...(course ? [['spark', JSON.stringify([course, words]), () => spark(course, words)]] : [])]);
  return element;
}

const head = (tile) => el('h2', {},
  el('span', { class: 'label', title: tile.label, 'data-short': tile.short }, tile.label, tile.window ? el('small', {}, ` ${tile.window}`) : null),
  badge(tile.state, tile.word));

function value(tile) {
  const text = tile.value.text ?? '–';
  const figures = el('div', { class: text.length >= WIDE ? 'value wide' : 'value' },
    el('span', { class: 'main' }, figure(tile.value), unit(tile.unit, text)));
  if (tile.partner) figures.append(partner(tile));
  return figures;
}

const unit = (text, of) => (text && of !== '–' ? el('span', { class: 'unit' }, text) : null);

const partner = (tile) => el('span', { class: 'partner' },
  el('small', {}, tile.partner_label || ''), figure(tile.partner), unit(tile.partner_unit, tile.partner.text));

function lines(tile) {
  const said = (tile.lines || []).map((text) => ['', text]);
  if (tile.why) said.unshift(['why', tile.why]);
  if (tile.old) said.splice(1, said.length, ['old', tile.old]);
  return el('div', { class: 'lines' }, ...said.slice(0, 2).map(([kind, text]) => el('p', { class: kind, title: text }, text)));
}

let defined = null; // the tile whose definition is shown
let tapped = false; // by a finger, which never leaves: another tap takes the definition away, or some time does
let going = null;

addEventListener('pointerdown', ({ pointerType, target }) => {
  tapped = pointerType !== 'mouse';
  if (defined && !defined.contains(target)) undefine();
}, { passive: true });
addEventListener('scroll', () => defined && undefine(), { passive: true });
addEventListener('keydown', ({ key }) => key === 'Escape' && defined && undefine());
document.documentElement.addEventListener('pointerleave', ({ pointerType }) =>
  pointerType === 'mouse' && defined && !defined.matches(':focus-visible') && undefine());

function undefine() {
  clearTimeout(going);
  defined = null;
  byId('definition').hidePopover();
}

function define(element) {
  const popover = byId('definition');
  if (!element.dataset.definition) return;
  defined = element;
  clearTimeout(going);
  if (tapped) going = setTimeout(undefine, STAYS_MS);
  popover.textContent = element.dataset.definition;
  if (!popover.matches(':popover-open')) popover.showPopover();
  const place = element.getBoundingClientRect();
  popover.style.left = `${Math.max(8, Math.min(place.left, innerWidth - popover.offsetWidth - 8))}px`;
  popover.style.top = `${Math.min(place.bottom + 6, innerHeight - popover.offsetHeight - 8)}px`;
}
