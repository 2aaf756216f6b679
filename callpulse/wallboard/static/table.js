// The queues, worst first, and the total. A queue keeps its row element for as long as it is shown.

import { fill, head, widths } from './columns.js';
import { byId, el, worded } from './dom.js';
import { arrange } from './moving.js';
import { sheet } from './sheets.js';

const TURN_MS = 12000;
const QUIET_MS = 3000; // after a change of state no sheet is turned
const phone = matchMedia('(max-width: 720px)');

const body = el('tbody', { role: 'rowgroup' });
const top = el('thead', { role: 'rowgroup' });
const sum = el('tr', { role: 'row' });
const foot = el('tfoot', { role: 'rowgroup' }, sum);
let elements = new Map();
let wall = null;
let room = null; // rows that fit, until all is drawn anew or their number changes: asking makes the browser lay out the page
let rowed = 0; // so many rows the page is laid out for: a screen that stands gives them height
let turn = 0;
let printing = false;
let changedAt = -QUIET_MS;

export function startTable() {
  byId('table').replaceChildren(el('table', { role: 'table' }, top, body, foot));
  setTimeout(turned, TURN_MS);
  for (const event of ['beforeprint', 'afterprint']) addEventListener(event, () => whole(event === 'beforeprint'));
}

/** Everything anew. `shown`: the wall, with `rows` as a Map. */
export function drawTable(shown) {
  wall = shown;
  for (const [name, element] of elements) if (wall.rows.has(name)) filled(element, wall.rows.get(name));
  top.replaceChildren(head(wall.heads, wall.axes));
  byId('table').style.setProperty('--columns', widths(wall.heads));
  room = null;
  arranged();
}

/** Only what changed: rows by name, the order, the total. */
export function changeTable(shown, names) {
  const before = wall;
  wall = shown;
  for (const name of names) {
    if (before.rows.get(name)?.state !== wall.rows.get(name)?.state) changedAt = performance.now();
    if (elements.has(name) && wall.rows.has(name)) filled(elements.get(name), wall.rows.get(name));
  }
  arranged();
}

function arranged() {
  const order = wall.order.filter((name) => wall.rows.has(name));
  if (rowed !== order.length) {
    [rowed, room] = [order.length, null];
    byId('wall').style.setProperty('--rows', Math.max(1, rowed));
  }
  const fits = phone.matches || printing ? Infinity : (room ??= roomFor());
  const open = order.filter((name) => wall.rows.get(name).state !== 'closed' || !wall.rows.get(name).sentence); // who is called is shown
  const shown = sheet(order.length > fits && open.length ? open : order, (name) => wall.rows.get(name).state, fits, turn);
  const rows = shown.names.map((name) => [name, elements.get(name) || filled(el('tr', { role: 'row' }), wall.rows.get(name))]);
  elements = new Map(rows);
  arrange(body, rows.length ? rows.map(([, row]) => row) : [nobody()]);
  body.parentElement.setAttribute('aria-rowcount', order.length + 2);
  total(shown.all > 1 ? worded(wall.words.sheet, { n: shown.n, all: shown.all }) : '');
}

function nobody() {
  return el('tr', { role: 'row', class: 'row' }, el('td', { role: 'cell', class: 'sentence' }, wall.words.no_queues));
}

function filled(element, row, note = '') {
  element.className = `row ${row.queue === '' ? 'total ' : ''}${row.state}`;
  element.dataset.queue = row.queue;
  const focused = element.contains(document.activeElement) ? document.activeElement.localName : null;
  fill(element, row, wall.heads, wall.interval.target ?? null, note && `· ${note}`);
  if (focused && !element.contains(document.activeElement)) element.querySelector(focused === 'a' ? 'a' : 'svg.day')?.focus({ preventScroll: true });
  element.dispatchEvent(new CustomEvent('redrawn', { bubbles: true }));
  return element;
}

const total = (note) => filled(sum, wall.total, note);

/** How many rows fit, beside the total. */
function roomFor() {
  const least = parseFloat(getComputedStyle(foot).minHeight);
  const all = (body.parentElement.clientHeight - top.offsetHeight) / least;
  return Math.max(1, Math.floor(all) - 1);
}

function turned() {
  const wait = changedAt + QUIET_MS - performance.now();
  if (wait <= 0 && wall) {
    turn += 1;
    arranged();
  }
  setTimeout(turned, wait > 0 ? wait : TURN_MS);
}

function whole(on) {
  printing = on;
  if (wall) arranged();
}
