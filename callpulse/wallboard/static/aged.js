// The board while nothing new is heard and its figures still hold: nothing on it is called well any more, and a queue that
// is closed and called says since when, as its state does not.

import { worded } from './dom.js';

/** `since`: the clock when the server was last heard. */
export function aged(wall, words, since) {
  const worse = (of) => (of.state === 'ok' ? { ...of, state: 'stale', word: of.queue === '' ? of.word : words.stale } : of);
  const old = worded(words.silent, { clock: since });
  const told = (of) => (of.state === 'closed' && !of.sentence ? { ...of, target: old } : worse(of));
  return {
    ...wall,
    header: { ...wall.header, counts: counts(wall.header.counts || [], words) },
    tiles: wall.tiles.map((tile) => (tile.why ? tile : { ...worse(tile), old })),
    rows: new Map([...wall.rows].map(([name, row]) => [name, told(row)])),
    total: told(wall.total),
  };
}

function counts(of, words) {
  const well = (count) => count.state === 'ok' || count.state === 'stale';
  const count = of.filter(well).reduce((sum, each) => sum + each.count, 0);
  const at = of.findIndex(well);
  const others = of.filter((each) => !well(each));
  return count ? others.toSpliced(at, 0, { state: 'stale', word: words.stale, count }) : others;
}

/** How old, in the two words that matter: "12 s", "3 min". */
export function age(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 120) return `${s} s`;
  return s < 7200 ? `${Math.floor(s / 60)} min` : `${Math.floor(s / 3600)} h`;
}
