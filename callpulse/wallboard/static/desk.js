// The supervisor's board: the queues as a list of which one is chosen, and that queue from near by.

import { byId, el, own } from './dom.js';
import { chart } from './interval.js';
import { badge } from './shapes.js';
import { figure } from './ticking.js';

const AGAIN_MS = 1000; // the same queue is asked for at most so often
const PATIENCE_MS = 5000; // an answer that takes longer is none
const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8, Home: -Infinity, End: Infinity };

let board = ''; // its name in addresses
let wall = null;
let picked = null; // by somebody; without one, the worst
let shown = null; // the queue as the server told it last
let asking = false;
let asked = { queue: null, at: 0, failed: false }; // last
let next = null;

const list = el('ul', { role: 'listbox', tabindex: '0', class: 'desk-list', 'aria-describedby': 'desk-keys' });
const keys = el('p', { id: 'desk-keys', class: 'desk-keys' });
const title = el('h2');
const left = el('div', { class: 'desk-column' }, el('section', { class: 'desk-panel queues-panel' }, title, list, keys));
const middle = el('div', { class: 'desk-column' });
const right = el('div', { class: 'desk-column' });

export function startDesk() {
  byId('desk').append(left, middle, right);
  list.addEventListener('click', ({ target }) => pick(target.closest('li')?.dataset.queue));
  list.addEventListener('keydown', pressed);
}

/** Of which board, from now on. */
export function deskOf(name) {
  board = name;
  [picked, shown, asked] = [null, null, { queue: null, at: 0, failed: false }];
}

const isDesk = () => document.body.dataset.shape === 'desk';
const isSeen = () => byId('desk').getClientRects().length > 0; // on a phone it is not

/** `now`: the wall. `heard`: the server has just told it; otherwise nothing newer is known, and nothing is asked. */
export function drawDesk(now, heard = true) {
  wall = now;
  byId('desk').hidden = !isDesk();
  if (!isDesk()) return;
  if (!isSeen()) {
    nothing('');
    return;
  }
  if (picked !== null && !wall.rows.has(picked)) picked = null;
  drawList();
  if (!heard) nothing(wall.words.no_data);
  else if (shown?.queue !== chosen()) nothing(untold());
  if (heard) ask();
}

const chosen = () => picked ?? wall.order.find((name) => wall.rows.has(name)) ?? null;

function untold() {
  if (chosen() === null) return wall.words.no_queues;
  return asked.failed && asked.queue === chosen() ? wall.words.no_data : wall.words.connecting;
}

// -- the list

function drawList() {
  const at = list.scrollTop;
  list.setAttribute('aria-label', wall.words.queues || '');
  title.replaceChildren(el('b', {}, wall.words.queues || ''), ' ', el('span', {}, wall.words.worst_first || ''));
  list.replaceChildren(...wall.order.filter((name) => wall.rows.has(name)).map((name, place) => option(wall.rows.get(name), place)));
  list.setAttribute('aria-activedescendant', list.querySelector('[aria-selected=true]')?.id ?? '');
  list.scrollTop = at;
  keys.textContent = wall.words.desk_keys || '';
}

function option(row, place) {
  return el('li', { role: 'option', id: `desk-queue-${place}`, class: row.state, 'data-queue': row.queue, 'aria-selected': `${row.queue === chosen()}` },
    own(row.name, { class: 'name', title: row.name }), badge(row.state, row.word), row.sentence ? el('small', {}, row.sentence) : figures(row));
}

function figures(row) {
  const of = (column) => row.cells?.[column] ?? {};
  const label = (column) => wall.heads[column]?.[0] ?? '';
  return el('small', {}, `${label('waiting')} ${of('waiting').text ?? '–'} · `, figure(of('longest')), ' · ', figure(of('level')),
    ` %${row.n ? ` n ${row.n}` : ''} · ${label('free')} ${of('free').text ?? '–'}${row.on ? `/${row.on}` : ''}`);
}

function pick(name) {
  if (name === undefined || name === null) return;
  picked = name;
  chose();
}

function chose() {
  drawDesk(wall);
  list.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const names = [...list.children].map((each) => each.dataset.queue);
  if (event.key === 'Escape') {
    picked = null;
    chose();
  } else if (event.key in STEPS && names.length) {
    event.preventDefault();
    pick(names[Math.max(0, Math.min(names.length - 1, names.indexOf(chosen()) + STEPS[event.key]))]);
  }
}

// -- the queue

/** What is told of the queue now. One question at a time, and of the same queue at most one a second. */
async function ask() {
  const queue = chosen();
  clearTimeout(next);
  if (queue === null || !isSeen()) return;
  const wait = queue === asked.queue ? asked.at + AGAIN_MS - performance.now() : 0;
  if (asking || wait > 0) {
    next = setTimeout(ask, Math.max(100, wait));
    return;
  }
  asking = true;
  const question = { queue, at: performance.now(), failed: false };
  asked = question;
  const found = await told(queue).catch(() => null);
  asking = false;
  question.failed = found === null;
  if (queue !== chosen()) return;
  if (found) drawQueue(found);
  else nothing(wall.words.no_data);
}

async function told(queue) {
  const answer = await fetch(`/api/boards/${encodeURIComponent(board)}/queues/${encodeURIComponent(queue)}?lang=${wall.language}`,
    { signal: AbortSignal.timeout(PATIENCE_MS) });
  return answer.ok ? answer.json() : null;
}

/** No last value is left standing. */
function nothing(said) {
  shown = null;
  middle.replaceChildren(...(said ? [el('p', { class: 'desk-panel sentence' }, said)] : []));
  right.replaceChildren();
  left.querySelector('.happened')?.remove();
}

function drawQueue(desk) {
  shown = desk;
  keepingPlaces(() => {
    middle.replaceChildren(headOf(desk), ...dayOf(desk), table('intervals', desk.intervals), table('worst', desk.worst));
    right.replaceChildren(table('agents', desk.agents));
    left.querySelector('.happened')?.remove();
    left.append(table('happened', desk.happened));
  });
}

/** Each interval of the day against the target, with the alerts that stood; nothing where nothing is known. */
function dayOf(desk) {
  const row = wall.rows.get(desk.queue);
  if (!row?.day?.length) return [];
  const said = el('h2', {}, el('b', {}, wall.words.day_level || ''), ' ', el('span', {}, [desk.target, '0–100 %'].filter(Boolean).join(' · ')));
  return [el('section', { class: 'desk-panel desk-day' }, said, chart({ bars: row.day, target: row.aim ?? wall.interval.target, ticks: wall.axes.day, bands: row.bands }))];
}

function headOf(desk) {
  const name = el('h2', {}, own(desk.name, {}, 'b'), badge(desk.state, desk.word), el('span', {}, desk.sentence || ''));
  return el('section', { class: `desk-panel desk-head ${desk.state}` }, name, el('dl', {}, ...desk.figures.map((each) =>
    el('div', {}, el('dt', {}, each.label), el('dd', { class: 'value' }, figure(each.value), each.unit ? el('span', { class: 'unit' }, each.unit) : null),
      ...(each.lines || []).map((line) => el('dd', {}, line))))));
}

function table(name, { title, note, heads, texts = [0], rows = [], none }) {
  const side = (at) => (texts.includes(at) ? 'text' : '');
  const head = el('tr', {}, ...heads.map((text, at) => el('th', { scope: 'col', class: side(at) }, text)));
  const body = rows.map((cells) => el('tr', {}, ...cells.map((cell, at) =>
    el(at ? 'td' : 'th', { scope: at ? null : 'row', class: side(at), dir: side(at) && 'auto' }, figure(cell)))));
  const said = el('h2', {}, el('b', {}, title), ' ', el('span', {}, note || ''));
  const content = rows.length ? el('table', { 'aria-label': title }, el('thead', {}, head), el('tbody', {}, ...body)) : el('p', { class: 'none' }, none || '–');
  return el('section', { class: `desk-panel ${name}` }, said, el('div', { class: 'scrolls', role: 'group', tabindex: '0', 'aria-label': title, 'data-place': name }, content));
}

/** Who has scrolled or gone to a table stays there. */
function keepingPlaces(draw) {
  const places = [...document.querySelectorAll('#desk .scrolls')].map((each) => [each.dataset.place, each.scrollTop]);
  const focused = document.activeElement?.dataset.place;
  draw();
  for (const [name, top] of places) {
    const now = document.querySelector(`#desk [data-place=${name}]`);
    if (now) now.scrollTop = top;
  }
  if (focused) document.querySelector(`#desk [data-place=${focused}]`)?.focus({ preventScroll: true });
}
