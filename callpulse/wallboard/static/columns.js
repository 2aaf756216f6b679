// What stands in a row, column by column.

import { el, own, percent } from './dom.js';
import { day, waits } from './graphs.js';
import { patch } from './parts.js';
import { badge } from './shapes.js';
import { figure, ticks as counting } from './ticking.js';

const LONG = 24; // characters of a name that fit on one line
const DRAWN = { level: beside('n'), free: beside('on'), waits: (row) => (row.waits ? waits(row.waits) : null),
  day: (row, aim) => (row.day ? reachable(row, day(row.day, row.aim ?? aim, '', row.bands)) : null) };

const SAYS = { level: (row) => [cell(row, 'level'), row.n], free: (row) => [cell(row, 'free'), row.on],
  waits: (row) => [row.waits], day: (row) => [row.day, row.aim, row.bands, row.name] }; // what a column is drawn from, where it is more than a cell

const WIDTHS = { state: 16.4, waiting: 6.6, longest: 9.2, level: 12.6, live: 8.6, asa: 8.2, abandoned: 8.6, waits: 17.8,
  free: 12.2, day: 23 }; // in u; the name takes what is left
const WIDTH = 8.6;
const LEAST_NAME = 24;
const GAP = 1.3; // between columns, and at either end: as table.css has it

/** The grid of a row: every row has the same one, so nothing moves with the figures. */
export const widths = (heads) => Object.keys(heads).map((column) =>
  (column === 'queue' ? 'minmax(0, 1fr)' : `calc(${WIDTHS[column] || WIDTH} * var(--u))`)).join(' ');

/** How wide a table with these columns has to be at least, in u. */
export const needed = (heads) => Object.keys(heads).reduce((sum, column) =>
  sum + (column === 'queue' ? LEAST_NAME : WIDTHS[column] || WIDTH) + GAP, GAP);

/** The head of the table. `axes`: ticks of drawn columns, as [place, text]. */
export function head(heads, axes = {}) {
  const cells = Object.entries(heads).map(([column, [words, unit]]) => {
    const sort = column === 'state' ? { 'aria-sort': 'descending' } : {};
    return el('th', { scope: 'col', role: 'columnheader', class: column, ...sort }, el('span', {}, words),
      axes[column] ? ticks(axes[column]) : el('small', {}, unit));
  });
  return el('tr', { role: 'row' }, ...cells);
}

function ticks(places) {
  return el('small', { class: 'ticks' }, ...places.map(([place, text]) => {
    const tick = el('span', {}, text);
    tick.style.left = percent(place);
    tick.className = place > 0.97 ? 'last' : place < 0.03 ? 'first' : '';
    return tick;
  }));
}

/** Puts the cells of a row into its element. `aim`: share that the board has to reach. `foot`: more about the name. */
export function fill(element, row, heads, aim, foot = '') {
  const figures = Object.keys(heads).filter((column) => column !== 'state' && column !== 'queue');
  patch(element, [['state', `${row.state} ${row.word}`, () => state(row)],
    ['queue', `${row.name} ${row.target} ${row.board} ${foot}`, () => name(row, foot)],
    ...(row.sentence ? said() : figures.map(part))]);

  function said() {
    const last = row.day && figures.at(-1) === 'day' ? [part('day')] : [];
    return [['sentence', row.sentence, () => sentence(row, figures.length - last.length)], ...last];
  }

  function part(column) {
    const [label, unit] = heads[column];
    const says = JSON.stringify([label, unit, aim, counting(), ...SAYS[column]?.(row) ?? [cell(row, column)]]);
    const draw = DRAWN[column] || ((of) => figure(cell(of, column)));
    const attributes = { role: 'cell', class: column, 'data-label': label, 'data-unit': unit };
    return [column, says, () => el('td', attributes, draw(row, aim, column))];
  }
}

/** The day of a queue, and of the total, is a place to go to: its intervals open (back.js). That of a site is not. */
function reachable(row, picture) {
  if (row.day.every((bar) => bar.start_ms == null)) return picture;
  for (const [name, value] of Object.entries({ role: 'button', tabindex: '0', 'aria-haspopup': 'dialog' })) picture.setAttribute(name, value);
  picture.setAttribute('aria-label', `${row.name}: ${row.day.findLast((bar) => bar.start_ms)?.said ?? ''}`);
  return picture;
}

const cell = (row, column) => (row.cells || {})[column] || {};

const state = (row) => el('td', { role: 'cell', class: 'state-cell' }, row.queue === '' ? row.word : badge(row.state, row.word));

function name(row, foot) {
  const more = [row.target, foot].filter(Boolean).map((text) => el('small', {}, ` ${text}`));
  return el('th', { scope: 'row', role: 'rowheader', class: row.name.length > LONG ? 'queue long' : 'queue' },
    el('span', { class: 'name', title: row.name }, row.board ? link(row) : own(row.name), ...more));
}

/** A site leads to its own board. */
const link = (row) => own(row.name, { href: `/b/${encodeURIComponent(row.board)}${location.search}` }, 'a');

function sentence(row, columns) {
  const [first, ...rest] = row.sentence.split(' · ');
  return el('td', { role: 'cell', colspan: columns, class: 'sentence' }, el('b', {}, first), rest.length ? ` · ${rest.join(' · ')}` : '');
}

/** A figure, and beside it in a slot of its own what it was counted from. */
function beside(field) {
  return (row, aim, column) => {
    const group = document.createDocumentFragment();
    const aside = row[field] ? (field === 'on' ? `/ ${row[field]}` : row[field]) : '';
    group.append(figure(cell(row, column)), el('span', { class: `aside ${field}` }, aside));
    return group;
  };
}
