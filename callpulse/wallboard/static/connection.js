// What the server says, and that it says nothing. Silence is noticed here: a dead line tells nobody that it is dead.

import { hear, serverNow } from './ticking.js';

const PATIENCE = 2; // cadences
const FIRST_CADENCE_MS = 5000;
const FIRST_TTL_MS = 30000;
const LONGEST_PAUSE_MS = 30000;

/** Follows a board; the answer follows another in its place. `told`: {wall(wall, look), change(partial), silent(since_ms or null), forgotten(), back()}.
 *  `since_ms`: the server's clock when it was last heard. */
export function follow(board, told) {
  const line = { board, told, source: null, version: null, cadence: FIRST_CADENCE_MS, ttl: FIRST_TTL_MS, silent: false,
    pause: 1000, timers: {} };
  open(line);
  listen(line);
  return (another) => {
    if (another === line.board) return;
    line.board = another;
    open(line);
  };
}

function open(line) {
  line.source?.close();
  const source = new EventSource(`/events/${line.board}${location.search}`);
  line.source = source;
  source.addEventListener('wall', (event) => took(line, JSON.parse(event.data), whole));
  source.addEventListener('change', (event) => took(line, JSON.parse(event.data), part));
  source.addEventListener('ping', (event) => took(line, JSON.parse(event.data), () => {}));
  source.addEventListener('error', () => {
    if (source.readyState !== EventSource.CLOSED) return;
    ask(line);
    again(line);
  });
}

/** A key that is no longer known has a page that says so, and a board that is gone too. */
async function ask({ board, pause }) {
  const answer = await fetch(`/api/boards/${board}`).catch(() => null);
  if (answer?.status === 401 || answer?.status === 404) setTimeout(() => location.reload(), pause * (0.5 + Math.random()));
}

function took(line, message, act) {
  hear(message.now_ms);
  line.pause = 1000;
  act(line, message);
  const wasSilent = line.silent;
  line.silent = false;
  if (wasSilent) line.told.back();
  listen(line);
}

function whole(line, message) {
  line.version ??= message.version;
  if (message.version !== line.version) location.reload();
  line.cadence = message.cadence_ms;
  line.ttl = message.ttl_ms;
  line.told.wall(message.wall, message.look);
}

const part = (line, message) => line.told.change(message.wall);

/** From now on silence is counted anew. */
function listen(line) {
  const heardMs = serverNow();
  clearTimeout(line.timers.silence);
  clearTimeout(line.timers.ttl);
  line.timers.silence = setTimeout(() => fellSilent(line, heardMs), PATIENCE * line.cadence);
  line.timers.ttl = setTimeout(() => line.told.forgotten(), Math.max(line.ttl, PATIENCE * line.cadence));
}

function fellSilent(line, heardMs) {
  line.silent = true;
  line.told.silent(heardMs);
  again(line);
}

/** Opens the line anew after a pause with chance in it: all walls of a site lose a server at the same moment. */
function again(line) {
  clearTimeout(line.timers.again);
  const pause = line.pause * (0.5 + Math.random());
  line.pause = Math.min(LONGEST_PAUSE_MS, 2 * line.pause);
  line.timers.again = setTimeout(() => {
    if (!line.silent && line.source.readyState !== EventSource.CLOSED) return;
    open(line);
    line.timers.again = setTimeout(() => line.silent && again(line), PATIENCE * line.cadence);
  }, pause);
}
