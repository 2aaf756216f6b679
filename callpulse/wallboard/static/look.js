// Theme, scale and shape: as the board has them, or as the address asks.

import { el } from './dom.js';
import { columnsWithRoom, measure } from './room.js';

const asked = new URLSearchParams(location.search);
const light = matchMedia('(prefers-color-scheme: light)');
const FAR = ['state', 'queue', 'waiting', 'longest', 'level', 'abandoned']; // columns to be read from afar
let own = 'dark';
let logo = null; // of the board: one element, that is not loaded again with every change of the header

export function dress() {
  size();
  paint();
  light.addEventListener('change', paint);
}

/** As large as the address asks for. */
export const size = () => measure(Number(asked.get('scale')) || 1);

/** As the server says of the board. */
export function wear(look) {
  own = look?.theme ?? 'dark';
  document.body.dataset.shape = look?.shape ?? 'wall';
  if (!look?.logo) logo = null;
  else if (logo?.getAttribute('src') !== look.logo) logo = el('img', { class: 'logo', src: look.logo, alt: look.alt });
  size();
  paint();
}

export const logoOf = () => logo;

/** The columns that the shape has room for. */
export function heads(all) {
  if (document.body.dataset.shape !== 'far') return columnsWithRoom(all);
  return columnsWithRoom(Object.fromEntries(FAR.filter((column) => column in all).map((column) => [column, all[column]])));
}

function paint() {
  const theme = asked.get('theme') ?? own;
  const auto = light.matches ? 'light' : 'dark';
  document.documentElement.dataset.theme = theme === 'auto' ? auto : theme === 'light' ? 'light' : 'dark';
}
