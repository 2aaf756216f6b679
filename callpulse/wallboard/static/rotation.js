// One board after the other. A board with a critical alert that nobody has taken stays, and so does one under an open dialog.

import { worded } from './dom.js';

const LONGEST_PAUSE_MS = 30000; // between two questions, and for one

let at = 0;
let boards = [];

/** `show(name)` shows a board, `stays()` says that the one on show must; nothing happens where `name` is no rotation. */
export async function rotate(name, show, stays) {
  const found = (await listed()).find((each) => each.name === name);
  if (!found?.boards?.length) return show(name);
  boards = found.boards;
  show(boards[at]);
  setInterval(() => {
    if (stays() || boards.length < 2 || document.querySelector('dialog[open]')) return;
    at = (at + 1) % boards.length;
    show(boards[at]);
  }, found.every_ms);
}

/** All boards, also for the page that lists them: asked for until they come. Who is not known has a page that says so. */
export async function listed() {
  for (let pause = 1000; ; pause = Math.min(LONGEST_PAUSE_MS, 2 * pause)) {
    const answer = await fetch('/api/boards', { signal: AbortSignal.timeout(LONGEST_PAUSE_MS) }).catch(() => null);
    const known = answer?.ok ? await answer.json().catch(() => null) : null;
    if (known) return known;
    await new Promise((done) => setTimeout(done, pause * (0.5 + Math.random())));
    if (answer?.status === 401) location.reload();
  }
}

/** "board 4 of 6"; nothing where there is but one. */
export const place = (words) => (boards.length > 1 ? worded(words.board, { n: at + 1, all: boards.length }) : '');
