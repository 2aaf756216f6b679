// Half an hour as a line: from 0, the target dashed, filled on its wrong side only, no line where nothing is known.

import { el, percent, svg, worded } from './dom.js';

const SIZE = 100; // of the drawing, stretched to its place

const place = (high) => (value) => SIZE * (1 - Math.min(1, Math.max(0, value / high)));

/** The paths of it, in a square of 100: `wrong` and `target` are null where there is no target. */
export function sparkPaths({ points, high, target = null, bad = 'below' }) {
  const [up, runs] = [place(high), known(points)];
  return { axis: `M0 ${SIZE}H${SIZE}`, target: target === null ? null : `M0 ${up(target)}H${SIZE}`,
    targetAt: target === null ? null : up(target) / SIZE,
    wrong: target === null ? null : wrong(runs, target, bad, up), runs: runs.map((run) => path(run, up)) };
}

export function spark(course, words) {
  const { points, high } = course;
  const up = place(high);
  const paths = sparkPaths(course);
  const drawing = svg('svg', { viewBox: `0 0 ${SIZE} ${SIZE}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    paths.wrong === null ? null : svg('path', { class: 'wrong', d: paths.wrong }),
    svg('path', { class: 'axis', d: paths.axis }),
    paths.target === null ? null : svg('path', { class: 'target', d: paths.target }),
    ...paths.runs.map((d) => svg('path', { class: 'course', d })));
  return el('div', { class: 'spark', role: 'img', 'aria-label': course.said },
    el('div', { class: 'plot' }, drawing, dot(points, up)), labels(course, up), ends(points, words));
}

/** Runs of [x, value] without a gap in them. */
function known(points) {
  const step = SIZE / Math.max(1, points.length - 1);
  const runs = [[]];
  points.forEach((value, at) => (value === null ? runs.push([]) : runs.at(-1).push([at * step, value])));
  return runs.filter((run) => run.length);
}

const path = (run, up) => `M${run.map(([x, value]) => `${x} ${up(value)}`).join('L')}${run.length === 1 ? 'h0' : ''}`;

/** The area between the line and the target, where the line is on the wrong side. */
function wrong(runs, target, bad, up) {
  const worse = bad === 'above' ? Math.max : Math.min;
  const areas = runs.map((run) => {
    const edge = crossed(run, target).map(([x, value]) => [x, worse(value, target)]);
    return `${path(edge, up)}L${edge.at(-1)[0]} ${up(target)}L${edge[0][0]} ${up(target)}Z`;
  });
  return areas.join('');
}

/** The run, with a point wherever it crosses the target. */
function crossed(run, target) {
  return run.flatMap(([x, value], at) => {
    if (at === 0) return [[x, value]];
    const [left, before] = run[at - 1];
    if ((before - target) * (value - target) >= 0) return [[x, value]];
    return [[left + ((x - left) * (target - before)) / (value - before), target], [x, value]];
  });
}

function dot(points, up) {
  const last = points.at(-1) ?? null;
  if (last === null) return null;
  const mark = el('i', { class: 'dot' });
  mark.style.top = `${up(last)}%`;
  return mark;
}

const NEAR = 38; // two labels closer than this would overprint

function labels(course, up) {
  const [high, target, zero] = course.labels || ['', '', '0'];
  const at = course.target ?? null;
  const places = [[high, 0], [zero, SIZE]];
  if (at !== null && target) {
    if (up(at) < NEAR) places.shift();
    places.push([target, Math.min(up(at), SIZE - NEAR)]);
  }
  return el('div', { class: 'labels', 'aria-hidden': 'true' }, ...places.map(([text, top]) => {
    const label = el('span', {}, text);
    label.style.top = percent(top / SIZE);
    return label;
  }));
}

function ends(points, words) {
  return el('div', { class: 'ends', 'aria-hidden': 'true' },
    el('span', {}, worded(words.ago, { n: points.length - 1 })), el('span', {}, words.now || ''));
}
