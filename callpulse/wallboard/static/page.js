// The page: takes what the server says, keeps the wall as it is now, and has each region draw its part.

import { follow } from './connection.js';
import { byId } from './dom.js';
import { drawHeader } from './header.js';
import { drawInterval } from './interval.js';
import { dress } from './look.js';
import { drawPeople } from './people.js';
import { isMuted, soundFor, toggleMute } from './sound.js';
import { drawStrip, tell } from './strip.js';
import { changeTable, drawTable, startTable } from './table.js';
import { tick } from './ticking.js';
import { drawTiles } from './tiles.js';
import { firstWords } from './words.js';

const WHOLE = ['header', 'strip', 'calm', 'people', 'interval', 'order', 'total'];

let wall = null;
let lost = null; // {sinceMs, offsetMs} while nothing is heard
const words = () => ({ ...firstWords(), ...wall?.words });

function takeWall(told) {
  wall = { ...told, rows: new Map(Object.entries(told.rows)) };
  document.documentElement.lang = wall.language;
  clocks();
  drawTable(wall);
  drawTiles(wall.tiles, words());
  drawFoot();
  drawHead();
  alerts();
}

function takeChange(part) {
  if (!wall) return;
  const rows = Object.entries(part.rows || {});
  const given = Object.fromEntries(WHOLE.filter((name) => name in part).map((name) => [name, part[name]]));
  wall = { ...wall, ...given, rows: changed(wall.rows, rows), tiles: wall.tiles.map((tile) => part.tiles?.[tile.id] ?? tile) };
  clocks();
  changeTable(wall, rows.map(([name]) => name));
  if (part.tiles) drawTiles(wall.tiles, words());
  if (part.people || part.interval) drawFoot();
  if (part.header || part.strip || part.calm) drawHead();
  if (part.strip) alerts();
}

function changed(rows, changes) {
  const now = new Map(rows);
  changes.forEach(([name, row]) => (row === null ? now.delete(name) : now.set(name, row)));
  return now;
}

const clocks = () => tick(!lost && !wall?.header.stale);

function drawHead() {
  const header = wall?.header ?? { title: '' };
  drawHeader(header, words(), { lost: lost !== null, muted: isMuted() });
  drawStrip(wall?.strip ?? [], wall?.calm ?? words().connecting, words(), lost);
}

function drawFoot() {
  drawPeople(wall.people);
  drawInterval(wall.interval);
}

function alerts() {
  soundFor(tell(wall.strip));
}

const told = {
  wall: takeWall,
  change: takeChange,
  silent(sinceMs) {
    lost = { sinceMs, offsetMs: wall?.header.offset_ms ?? 0 };
    clocks();
    drawHead();
    byId('status').textContent = words().disconnected;
  },
  forgotten: () => document.body.classList.add('unknown'),
  back() {
    lost = null;
    document.body.classList.remove('unknown');
    byId('status').textContent = '';
    clocks();
    drawHead();
  },
};

addEventListener('keydown', (event) => {
  if (event.key.toLowerCase() !== 'm' || event.ctrlKey || event.metaKey || event.altKey) return;
  toggleMute();
  drawHead();
});

dress();
startTable();
drawHead();
follow(location.pathname.split('/').filter(Boolean).pop(), told);
