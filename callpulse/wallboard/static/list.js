// The boards that there are, each a link with its state now; the query (theme, language) goes along.

import { byId, el, own } from './dom.js';
import { dress } from './look.js';
import { badge } from './shapes.js';

const EVERY_MS = 5000;

dress();
const boards = await (await fetch('/api/boards')).json();
const titles = new Map(boards.map(({ name, title }) => [name, title]));
const previews = new Map();
byId('boards').replaceChildren(...boards.map(listed));
for (;;) {
  await look();
  await new Promise((done) => setTimeout(done, EVERY_MS));
}

function listed({ name, title, boards: turns }) {
  const preview = el('p', {}, turns ? own(turns.map((each) => titles.get(each) ?? each).join(' → ')) : null);
  if (!turns) previews.set(name, preview);
  const to = `/b/${encodeURIComponent(name)}${location.search}`;
  return el('li', {}, el('a', { href: to }, own(title), el('small', {}, ` /b/${name}`), preview));
}

/** What each board says now; nothing where it cannot be had in time: a list holds no last value. */
async function look() {
  await Promise.all([...previews].map(async ([name, preview]) => {
    const wall = await fetch(`/api/boards/${encodeURIComponent(name)}${location.search}`, { signal: AbortSignal.timeout(EVERY_MS) })
      .then((answer) => (answer.ok ? answer.json() : null)).then((answer) => answer?.wall).catch(() => null);
    preview.replaceChildren(...(wall ? seen(wall) : [badge('no_data', '–')]));
  }));
}

function seen(wall) {
  const counts = (wall.header.counts || []).map((count) => badge(count.state, `${count.count} ${count.word}`));
  const figures = wall.tiles.slice(0, 1).map(({ label, value, unit }) =>
    el('span', {}, `${label} `, el('b', {}, value.text ? `${value.text} ${unit ?? ''}` : '–')));
  return [...counts, ...figures, el('span', { class: wall.header.stale ? 'age stale' : 'age' }, wall.header.age || '')];
}
