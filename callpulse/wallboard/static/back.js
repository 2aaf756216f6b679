// Looking back: an interval of a queue's day, by click, or by Enter on the one that the arrow keys have gone to.

import { byId, el, own } from './dom.js';

const dialog = el('dialog', { class: 'back', 'aria-labelledby': 'back-title' });
let board = ''; // its name in addresses
let rowOf = () => null;
let language = () => 'en';
let cursor = null; // {queue, start}: where the arrow keys are
let from = null; // the queue whose day was left for the dialog
let asked = 0;

/** `row(queue)`: as it is shown now; of '' the total. */
export function startBack(row, said) {
  rowOf = row;
  language = said;
  byId('table').addEventListener('click', clicked);
  byId('table').addEventListener('keydown', pressed);
  byId('table').addEventListener('focusin', (event) => pointAt(event.target.closest('svg.day')));
  byId('table').addEventListener('focusout', () => { if (!document.querySelector('svg.day:focus')) mark(null); });
  byId('table').addEventListener('redrawn', (event) => { if (cursor?.queue === event.target.dataset.queue) mark(cursor); });
  dialog.addEventListener('close', () => {
    dialog.remove();
    dayOf(from)?.focus({ preventScroll: true });
  });
  dialog.addEventListener('keydown', turned);
}

/** The day of the board, to be printed. */
export const openDay = () => byId('day-link').click();

/** Of which board, from now on. */
export function backOf(name) {
  board = name;
  byId('day-link').href = `/b/${name}/day${location.search}`;
}

/** In the language of the board, when it is known. */
export const nameDay = (words) => { byId('day-link').textContent = words.day_on_paper || ''; };

const dayOf = (queue) => queue !== null && document.querySelector(`tr[data-queue="${CSS.escape(queue)}"] svg.day`);
const queueOf = (picture) => picture.closest('tr').dataset.queue;
const starts = (queue) => (rowOf(queue)?.day ?? []).map((bar) => bar.start_ms ?? null);

function clicked(event) {
  const picture = event.target.closest('svg.day');
  if (!picture || !rowOf(queueOf(picture))) return;
  const { left, width } = picture.getBoundingClientRect();
  const known = starts(queueOf(picture));
  const at = Math.min(known.length - 1, Math.floor(((event.clientX - left) / width) * known.length));
  if (known[at] != null) open(queueOf(picture), known[at]);
}

function pressed(event) {
  const picture = event.target.closest('svg.day');
  if (!picture || event.ctrlKey || event.metaKey || event.altKey) return;
  const queue = queueOf(picture);
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step) go(queue, step);
  else if ((event.key === 'Enter' || event.key === ' ') && cursor) open(queue, cursor.start);
  else return;
  event.preventDefault();
}

/** The newest interval, where the arrow keys have not been in this day. */
function pointAt(picture) {
  if (!picture) return;
  const queue = queueOf(picture);
  const start = cursor?.queue === queue ? cursor.start : starts(queue).findLast((at) => at !== null);
  if (start != null) mark({ queue, start });
}

function go(queue, step) {
  const known = starts(queue).filter((at) => at !== null);
  const at = known.indexOf(cursor?.start) + step;
  if (known[at] !== undefined) mark({ queue, start: known[at] });
}

function mark(to) {
  cursor = to ?? cursor;
  document.querySelectorAll('svg.day .at').forEach((bar) => bar.remove());
  const picture = to && dayOf(to.queue);
  if (!picture) return;
  const known = starts(to.queue);
  const at = known.indexOf(to.start);
  const place = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  for (const [name, value] of Object.entries({ class: 'at', x: `${(100 * at) / known.length}%`, y: '-6%', width: `${100 / known.length}%`, height: '112%' })) place.setAttribute(name, value);
  picture.append(place);
  picture.setAttribute('aria-label', `${rowOf(to.queue).name}: ${rowOf(to.queue).day[at]?.said ?? ''}`);
}

async function open(queue, start) {
  from = queue;
  mark({ queue, start });
  const mine = (asked += 1);
  const of = queue === '' ? '' : `/queues/${encodeURIComponent(queue)}`;
  const path = `/api/boards/${board}${of}/intervals/${start}?lang=${language()}`;
  const answer = await fetch(path).catch(() => null);
  const told = answer?.ok ? await answer.json() : { failed: (await answer?.text()) || '–' };
  if (mine !== asked) return;
  draw(told);
  if (dialog.open) return;
  document.body.append(dialog);
  dialog.showModal();
}

function draw(told) {
  if (told.failed) return dialog.replaceChildren(el('h2', { id: 'back-title' }, told.failed), close('×', told.failed));
  const { back, words } = told;
  const focused = dialog.contains(document.activeElement) ? document.activeElement.className : '';
  const move = (name, start, sign) => el('button', { type: 'button', class: name, 'data-go': start, 'aria-label': words[name], disabled: start == null ? 'disabled' : null }, sign);
  dialog.replaceChildren(
    el('header', {}, el('h2', { id: 'back-title' }, own(back.name), ` ${back.title}`), el('p', {}, back.state),
      move('before', back.before_ms, '‹'), move('after', back.after_ms, '›'), close('×', words.close)),
    el('div', { class: 'sections' }, ...back.sections.map(section), contacts(back)));
  dialog.querySelectorAll('[data-go]').forEach((button) => button.addEventListener('click', () => open(from, Number(button.dataset.go))));
  const again = focused && dialog.querySelector(`button.${focused}:not(:disabled)`);
  (again || dialog.querySelector('button.close')).focus();
}

function close(sign, said) {
  const button = el('button', { type: 'button', class: 'close', 'aria-label': said }, sign);
  button.addEventListener('click', () => dialog.close());
  return button;
}

const section = ({ title, facts }) => el('section', {}, el('h3', {}, title), el('table', {}, ...facts.map((fact) =>
  el('tr', { class: [fact.under ? 'under' : '', fact.note ? 'own' : ''].join(' ').trim() },
    el('th', { scope: 'row' }, fact.label, fact.note ? el('small', {}, ` ${fact.note}`) : null),
    el('td', {}, fact.text), el('td', { class: 'of' }, fact.n || '')))));

const contacts = (back) => el('section', {}, el('h3', {}, back.contacts_title),
  back.contacts.length ? el('table', {}, ...back.contacts.map((each) => el('tr', {},
    el('th', { scope: 'row' }, own(each.contact_id)), el('td', {}, each.wait), el('td', {}, each.outcome), el('td', {}, each.arrived))))
    : el('p', {}, back.no_contacts));

function turned(event) {
  const name = { ArrowLeft: 0, ArrowRight: 1 }[event.key];
  if (name === undefined) return;
  const button = dialog.querySelectorAll('[data-go], [disabled]')[name];
  if (button && !button.disabled) open(from, Number(button.dataset.go));
  event.preventDefault();
}
