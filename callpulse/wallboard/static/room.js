// How large all is drawn, and what gives way where a screen has less room than that needs: columns and tiles, the last
// panels, the date. A screen that stands has height to spare: everything is larger there, below each other.

import { needed } from './columns.js';

const LEAST = 0.6;
const MOST = { far: 1.2, big: 1.2 }; // of a shape; larger, its figures have no room
const MOST_OF_OTHERS = 1.4;
const STANDING = { wall: 1.4, sites: 1.4, big: 1.6 }; // times as large
const FAR = 1.8; // as shapes.css has it
const [MARGINS, GAP, TILE] = [3.4, 0.95, 32]; // in u; the least that a tile needs
const [DATED, PANELLED] = [165, 88]; // in u: what a screen needs to show the date, and what is below the queues
const SPARED = ['waits', 'live', 'asa', 'day', 'free']; // columns, in this order
const phone = matchMedia('(max-width: 720px)');
const portrait = matchMedia('(max-aspect-ratio: 1/1)');
let wide = Infinity; // the screen, in u
let tiles = Infinity;

/** Takes the scale that was asked for, as far as the screen has room for it. */
export function measure(asked = 1) {
  const { dataset: { shape }, classList } = document.body;
  const stands = !phone.matches && portrait.matches && shape in STANDING;
  const scale = Math.min(MOST[shape] ?? MOST_OF_OTHERS, Math.max(LEAST, asked)) * (stands ? STANDING[shape] : 1);
  const u = scale * Math.min(innerHeight / 100, innerWidth * 0.005625);
  document.documentElement.style.setProperty('--scale', scale);
  wide = phone.matches ? Infinity : innerWidth / u;
  tiles = stands || shape === 'big' ? Infinity : Math.max(1, Math.floor((wide - MARGINS + GAP) / (TILE + GAP)));
  classList.toggle('stands', stands);
  classList.toggle('narrow', wide < DATED);
  classList.toggle('low', !phone.matches && innerHeight / u < PANELLED);
}

export const tilesWithRoom = (all) => all.slice(0, tiles);

export function columnsWithRoom(heads) {
  const room = (wide - MARGINS) / (document.body.dataset.shape === 'far' ? FAR : 1);
  const left = { ...heads };
  for (const column of SPARED) if (needed(left) > room) delete left[column];
  return left;
}
