// The page: takes what the server says, keeps the wall as it is now, and has each region draw its part.

import { follow as acts, meet, say, takeWorst } from './acting.js';
import { aged } from './aged.js';
import { backOf, nameDay, openDay, startBack } from './back.js';
import { follow } from './connection.js';
import { deskOf, drawDesk, startDesk } from './desk.js';
import { byId } from './dom.js';
import { drawHeader } from './header.js';
import { drawInterval } from './interval.js';
import { dress, heads, size, wear } from './look.js';
import { drawPeople } from './people.js';
import { place, rotate } from './rotation.js';
import { copyText, savePng, saveSvg, share, shareOf, startSharing } from './sharing.js';
import { isMuted, soundFor, toggleMute } from './sound.js';
import { drawStrip, tell } from './strip.js';
import { changeTable, drawTable, startTable } from './table.js';
import { clock, tick } from './ticking.js';
import { drawTiles } from './tiles.js';
import { unknown } from './unknown.js';
import { wordsOf } from './words.js';

const WHOLE = ['header', 'strip', 'calm', 'mutes', 'people', 'interval', 'order', 'total'];

let wall = null; // as the server told it last, with the columns that have room
let seen = null; // as it stands on the page: without last values when nothing newer is known
let board = ''; // on show
let lost = null; // {sinceMs, offsetMs} while nothing is heard
let columns = {}; // all of them
const words = () => wordsOf(wall);

function takeWall(told, look) {
  wear(look);
  columns = told.heads;
  wall = { ...told, heads: heads(columns), words: wordsOf(told), rows: new Map(Object.entries(told.rows)) };
  document.documentElement.lang = wall.language;
  nameDay(words());
  alerts();
  draw(wall);
}

function draw(shown) {
  seen = shown;
  clocks();
  drawTiles(shown.tiles, words()); // first: what they leave is the room for rows
  drawTable(shown);
  drawFoot(shown);
  drawHead(shown);
  drawDesk(shown, lost === null);
}

function takeChange(part) {
  if (!wall) return;
  const rows = Object.entries(part.rows || {});
  const given = Object.fromEntries(WHOLE.filter((name) => name in part).map((name) => [name, part[name]]));
  wall = { ...wall, ...given, rows: changed(wall.rows, rows), tiles: wall.tiles.map((tile) => part.tiles?.[tile.id] ?? tile) };
  seen = wall;
  clocks();
  changeTable(wall, rows.map(([name]) => name));
  if (part.tiles) drawTiles(wall.tiles, words());
  if (part.people || part.interval) drawFoot(wall);
  if (part.strip) alerts();
  if (['header', 'strip', 'calm', 'mutes'].some((name) => name in part)) drawHead(wall);
  drawDesk(wall);
}

function changed(rows, changes) {
  const now = new Map(rows);
  changes.forEach(([name, row]) => (row === null ? now.delete(name) : now.set(name, row)));
  return now;
}

const clocks = () => tick(!lost && !wall?.header.stale);

function drawHead(shown) {
  share(shown, words(), lost !== null);
  acts(shown?.strip ?? [], shown?.mutes ?? [], words(), shown?.language ?? 'en');
  drawHeader(shown?.header ?? { title: '' }, words(), { lost, muted: isMuted(), place: place(words()) });
  drawStrip(shown?.strip ?? [], shown?.calm ?? words().connecting, words(), lost);
}

function drawFoot(shown) {
  drawPeople(shown.people);
  drawInterval(shown.interval);
}

function alerts() {
  soundFor(tell(board, wall.strip));
}

const told = {
  wall: takeWall,
  change: takeChange,
  silent(sinceMs) {
    lost = { sinceMs, offsetMs: wall?.header.offset_ms ?? 0 };
    if (wall) draw(aged(wall, words(), clock(sinceMs, lost.offsetMs)));
    else drawHead(null);
    byId('status').textContent = words().disconnected;
  },
  forgotten() {
    document.body.classList.add('unknown');
    if (wall) draw(unknown(wall, words(), `${words().since || ''} ${clock(lost.sinceMs, lost.offsetMs)}`));
  },
  back() {
    lost = null;
    document.body.classList.remove('unknown');
    byId('status').textContent = '';
    if (wall) draw(wall);
  },
};

const KEYS = {
  a: () => (seen === wall ? takeWorst() : say(words().unreachable)),
  c: copyText,
  d: openDay,
  s: saveSvg,
  p: savePng,
  m() {
    toggleMute();
    drawHead(seen);
  },
};

addEventListener('resize', () => {
  size();
  if (!wall) return;
  const same = seen === wall;
  wall = { ...wall, heads: heads(columns) };
  draw(same ? wall : { ...seen, heads: wall.heads });
});

addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || document.querySelector('dialog[open]')) return;
  KEYS[event.key.toLowerCase()]?.();
});

dress();
startTable();
startDesk();
startSharing();
startBack((queue) => (queue === '' ? wall?.total : wall?.rows.get(queue)), () => wall.language);
drawHead(null);
meet(() => drawHead(seen));
let turn = null; // follows another board
rotate(location.pathname.split('/').filter(Boolean).pop(), (name) => {
  board = name;
  shareOf(name);
  backOf(name);
  deskOf(name);
  if (turn) turn(name);
  else turn = follow(name, told);
}, () => wall?.strip.some((line) => line.state === 'act' && line.can_take));
