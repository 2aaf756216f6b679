// The day on paper: a page for each queue, its intervals as a picture and a table, and what the figures mean.

import { byId, el, own, percent } from './dom.js';
import { day } from './graphs.js';

const board = location.pathname.split('/').filter(Boolean)[1];
const FAILED = 'The day could not be read.';

function draw(told) {
  document.documentElement.lang = told.language;
  document.title = `${told.title} · ${told.date}`;
  const print = el('button', { type: 'button' }, told.page.print);
  print.addEventListener('click', () => window.print());
  byId('nav').replaceChildren(el('a', { href: `/b/${board}${location.search}` }, told.page.back), print);
  byId('day').replaceChildren(...told.sheets.map((sheet) => page(sheet, told)));
}

const page = (sheet, told) => el('section', {},
  el('header', {}, el('p', {}, own(told.site), ' · ', own(told.title)), el('p', {}, [told.date, told.as_of].filter(Boolean).join(' · '))),
  el('h1', {}, own(sheet.name), el('small', {}, ` ${sheet.target}`)),
  sheet.rows.length ? picture(sheet, told.ticks) : null,
  sheet.rows.length ? table(sheet, told.heads) : null,
  sheet.note ? el('p', { class: 'note' }, sheet.note) : null,
  el('footer', {}, ...[sheet.definition, ...told.definitions].map((text) => el('p', {}, text))));

const picture = (sheet, ticks) => el('figure', {}, day(sheet.bars, sheet.aim),
  el('div', { class: 'scale' }, at('top', 0, '100 %'), at('top', 1 - sheet.aim, `${Math.floor(100 * sheet.aim)} %`), at('top', 1, '0')),
  el('div', { class: 'ticks' }, ...ticks.map(([place, text]) => at('left', place, text))));

function at(side, place, text) {
  const label = el('span', {}, text);
  label.style[side] = percent(place);
  return label;
}

const table = (sheet, heads) => el('table', {},
  el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col' }, head)))),
  el('tbody', {}, ...sheet.rows.map(([name, ...rest]) =>
    el('tr', {}, el('th', { scope: 'row' }, name), ...rest.map((text) => el('td', {}, text))))));

const answer = await fetch(`/api/boards/${board}/day${location.search}`).catch(() => null);
if (answer?.ok) draw(await answer.json());
else byId('day').replaceChildren(el('p', {}, (await answer?.text()) || FAILED));
