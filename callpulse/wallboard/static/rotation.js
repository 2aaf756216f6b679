// One board after the other. A board with a critical alert that nobody has taken stays.

import { worded } from './dom.js';

let at = 0;
let boards = [];

/** `show(name)` shows a board, `stays()` says that the one on show must; nothing happens where `name` is no rotation. */
export async function rotate(name, show, stays) {
  const known = await fetch('/api/boards').then((answer) => answer.json()).catch(() => []);
  const found = known.find((each) => each.name === name);
  if (!found?.boards?.length) return show(name);
  boards = found.boards;
  show(boards[at]);
  setInterval(() => {
    if (stays() || boards.length < 2) return;
    at = (at + 1) % boards.length;
    show(boards[at]);
  }, found.every_ms);
}

/** "board 4 of 6"; nothing where there is but one. */
export const place = (words) => (boards.length > 1 ? worded(words.board, { n: at + 1, all: boards.length }) : '');
