// A state's shape and word: drawn, not from a font, so a kiosk without the glyph shows no box.

import { el, svg } from './dom.js';

const RING = { cx: 6, cy: 6, r: 4.4, fill: 'none', stroke: 'currentColor', 'stroke-width': 2.2 };
const SHAPES = {
  act: () => svg('rect', { x: 1, y: 1, width: 10, height: 10, fill: 'currentColor' }),
  watch: () => svg('path', { d: 'M6 .6 11.8 11.2H.2Z', fill: 'currentColor' }),
  blind: () => svg('circle', { ...RING, 'stroke-dasharray': '2.3 2.3' }),
  no_data: () => svg('circle', { ...RING, 'stroke-dasharray': '2.3 2.3' }),
  stale: () => svg('circle', { ...RING, 'stroke-dasharray': '2.3 2.3' }),
  ok: () => svg('circle', { cx: 6, cy: 6, r: 5.2, fill: 'currentColor' }),
  closed: () => svg('rect', { x: 0, y: 4.4, width: 12, height: 3.2, fill: 'currentColor' }),
};

export function shape(state) {
  const draw = SHAPES[state] || SHAPES.no_data;
  return svg('svg', { class: 'shape', viewBox: '0 0 12 12', 'aria-hidden': 'true', 'data-shape': state }, draw());
}

/** Shape and word (or "1 ACT"), coloured by state. */
export function badge(state, word) {
  return el('span', { class: `state ${state}` }, shape(state), el('span', { class: 'word' }, word));
}

export function pulse() {
  const line = svg('path', { d: 'M1 18h12l5-13 8 24 6-16 3 5h11', fill: 'none', stroke: 'currentColor',
    'stroke-width': 3, 'stroke-linejoin': 'round', 'stroke-linecap': 'round' });
  return svg('svg', { class: 'pulse', viewBox: '0 0 47 32', 'aria-hidden': 'true' }, line);
}
