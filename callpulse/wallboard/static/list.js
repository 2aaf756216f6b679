// The boards that there are, each a link with its state now; the query (theme, language) goes along.

import { byId, el, own } from './dom.js';
import { dress } from './look.js';
import { listed } from './rotation.js';
import { badge } from './shapes.js';

const EVERY_MS = 5000;

dress();
const boards = await listed();
const titles = new Map(boards.map(({ name, title }) => [name, title]));
const lines = new Map();
byId('boards').replaceChildren(...boards.map(item));
for (;;) {
  await look();
  await new Promise((done) => setTimeout(done, EVERY_MS));
}

function item({ name, title, boards: turns }) {
  const line = el('p', {}, turns ? own(turns.map((each) => titles.get(each) ?? each).join(' → ')) : null);
  if (!turns) lines.set(name, line);
  const to = `/b/${encodeURIComponent(name)}${location.search}`;
  return el('li', {}, el('a', { href: to }, own(title), el('small', {}, ` /b/${name}`), line));
}

/** What each board says now; nothing where it cannot be had in time: a list holds no last value. */
async function look() {
  const told = await fetch(`/api/previews${location.search}`, { signal: AbortSignal.timeout(EVERY_MS) })
    .then((answer) => (answer.ok ? answer.json() : [])).catch(() => []);
  const previews = new Map(told.map((each) => [each.name, each]));
  lines.forEach((line, name) => line.replaceChildren(...(previews.has(name) ? seen(previews.get(name)) : [badge('no_data', '–')])));
}

function seen({ counts, label, value, unit, age, stale }) {
  const figure = label && el('span', {}, `${label} `, el('b', {}, `${value} ${unit}`.trim()));
  return [...counts.map((count) => badge(count.state, `${count.count} ${count.word}`)), ...(figure ? [figure] : []),
    el('span', { class: stale ? 'age stale' : 'age' }, age)];
}
