// Small pictures in rows: how long people waited, and the day by interval. Places are shares of the width or height.

import { percent, svg } from './dom.js';

const line = (name, x1, x2, y = 0.5) => svg('line', { class: name, x1: percent(x1), x2: percent(x2), y1: percent(y), y2: percent(y) });
const mark = (name, x, y1, y2) => svg('line', { class: name, x1: percent(x), x2: percent(x), y1: percent(y1), y2: percent(y2) });

/** Half of the answered, nine tenths, the longest, and the threshold, on a square-root axis. */
export function waits(figures) {
  const { p50, p90, longest, threshold } = figures;
  return svg('svg', { class: 'waits', role: 'img', 'aria-label': figures.said },
    line('axis', 0, 1), mark('target', threshold, 0.05, 0.95), line('far', p90, longest), line('most', p50, p90),
    mark('half', p50, 0.15, 0.85), svg('circle', { class: 'longest', cx: percent(longest), cy: '50%' }));
}

const GAP = 0.12; // of an interval's width

/** The day: `aim` = the share to reach, dashed; an interval that nobody knows is left open. */
export function day(bars, aim, said = '', bands = []) {
  const width = 1 / Math.max(1, bars.length);
  const label = said || bars.map((bar) => bar.said).filter(Boolean).join(', ');
  return svg('svg', { class: 'day', ...(label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': 'true' }) },
    ...bars.map((bar, at) => interval(bar, at * width, width, aim)),
    aim === null ? null : line('target', 0, 1, 1 - aim), ...bands.map(band));
}

/** An alert that stood: below the bars, thick where it was critical. */
function band([from, until, state, said]) {
  const drawn = svg('line', { class: `band ${state}`, x1: percent(from), x2: percent(until), y1: '112%', y2: '112%' });
  drawn.append(svg('title', {}, said));
  return drawn;
}

function interval(bar, left, width, aim) {
  const share = bar.share ?? null;
  if (bar.kind === 'ahead') return line('ahead', left + width * GAP, left + width * (1 - GAP), 0.98);
  if (share === null) return null;
  const missed = aim !== null && bar.under ? ' under' : '';
  const rect = svg('rect', { class: `bar ${bar.kind}${missed}`, x: percent(left + (width * GAP) / 2), y: percent(1 - share),
    width: percent(width * (1 - GAP)), height: percent(Math.max(share, 0.02)) });
  if (bar.said) rect.append(svg('title', {}, bar.said));
  return rect;
}
