// A tile as a picture that stands alone: its texts, its half hour, its colours as they are here, board and time below.

import { svg } from './dom.js';
import { sparkPaths } from './spark.js';

const [WIDTH, HEIGHT, EDGE, MARGIN] = [640, 400, 10, 28];
const COLOURS = ['ground', 'surface', 'ink', 'ink2', 'mark', 'quiet', 'watch', 'watch-mark', 'watch-tint', 'act', 'act-mark',
  'act-fill', 'act-on', 'act-tint', 'dim'];
const NEAR = 0.18; // of the height: two labels closer than this would overprint
const MARKS = { act: '■', watch: '▲', ok: '●', closed: '▬' };

/** An <svg> element without a reference to anything outside it. `foot`: board, date and time. */
export function tilePicture(tile, foot, document = window.document) {
  const look = getComputedStyle(document.documentElement);
  const colour = Object.fromEntries(COLOURS.map((name) => [name, look.getPropertyValue(`--${name}`).trim()]));
  const font = look.getPropertyValue('--font').trim();
  const tone = { ...toneOf(tile.state, colour), ...colour };
  return svg('svg', { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, 'font-family': font, role: 'img' },
    svg('title', {}, [tile.label, tile.value.text ?? '–', tile.unit, tile.word].filter(Boolean).join(' ')),
    svg('rect', { width: WIDTH, height: HEIGHT, fill: tone.fill }),
    svg('rect', { width: WIDTH, height: tile.state === 'act' ? 58 : EDGE, fill: tone.edge }),
    text(MARGIN, 42, [tile.label, tile.window].filter(Boolean).join(' '), 24, tone.head),
    text(WIDTH - MARGIN, 42, `${MARKS[tile.state] || '◌'} ${tile.word}`, 22, tone.head, { 'text-anchor': 'end', 'font-weight': 700 }),
    text(MARGIN, 160, tile.value.text ?? '–', 112, tone.figure, {}, tile.unit ? tspan(tile.unit, 44, tone.figure) : null),
    tile.partner ? text(WIDTH - MARGIN, 112, tile.partner_label || '', 20, tone.ink2, { 'text-anchor': 'end' }) : null,
    tile.partner ? text(WIDTH - MARGIN, 160, `${tile.partner.text ?? '–'} ${tile.partner_unit || ''}`, 44, tone.ink, { 'text-anchor': 'end' }) : null,
    ...[tile.why, ...(tile.lines || [])].filter(Boolean).slice(0, 2).map((line, at) => text(MARGIN, 202 + 28 * at, line, 20, at ? tone.ink2 : tone.ink)),
    tile.spark ? course(tile.spark, tone) : null,
    text(MARGIN, HEIGHT - 14, foot, 16, tone.ink2));
}

function toneOf(state, colour) {
  if (state === 'act') return { fill: colour['act-tint'], edge: colour['act-fill'], head: colour['act-on'], figure: colour.act, wrong: colour['act-mark'] };
  if (state === 'watch') return { fill: colour['watch-tint'], edge: colour['watch-mark'], head: colour.ink, figure: colour.watch, wrong: colour['watch-mark'] };
  return { fill: colour.surface, edge: state === 'ok' ? colour.surface : colour.dim, head: colour.ink, figure: colour.ink, wrong: colour.quiet };
}

function text(x, y, content, size, fill, more = {}, child = null) {
  return svg('text', { x, y, fill, 'font-size': size, ...more }, content, child);
}

const tspan = (content, size, fill) => svg('tspan', { 'font-size': size, fill, dx: 6 }, content);

function course(spark, tone) {
  const [top, height, right] = [250, 100, 70];
  const { wrong, axis, target, targetAt, runs } = sparkPaths(spark);
  const [high, aim, zero] = spark.labels || ['', '', '0'];
  const label = (y, said) => text(WIDTH - MARGIN, y, said, 15, tone.ink2, { 'text-anchor': 'end' });
  return svg('g', {},
    svg('svg', { x: MARGIN, y: top, width: WIDTH - 2 * MARGIN - right, height, viewBox: '0 0 100 100', preserveAspectRatio: 'none', overflow: 'visible' },
      wrong ? svg('path', { d: wrong, fill: tone.wrong }) : null,
      line(axis, tone.quiet, 1),
      target ? line(target, tone.ink2, 1.5, { 'stroke-dasharray': '5 4' }) : null,
      ...runs.map((run) => line(run, tone.mark, 2.5))),
    high && !(targetAt < NEAR) ? label(top + 5, high) : null,
    aim && targetAt !== null ? label(top + 5 + height * Math.min(targetAt, 1 - NEAR), aim) : null,
    label(top + height + 5, zero));
}

const line = (d, stroke, width, more = {}) => svg('path', { d, stroke, fill: 'none', 'stroke-width': width, 'vector-effect': 'non-scaling-stroke', ...more });

export const asText = (picture) => new XMLSerializer().serializeToString(picture);

/** PNG of it, twice as large; a promise of a blob. */
export async function asPng(picture) {
  const address = URL.createObjectURL(new Blob([asText(picture)], { type: 'image/svg+xml' }));
  try {
    const image = new Image(WIDTH, HEIGHT);
    image.src = address;
    await image.decode();
    const canvas = Object.assign(document.createElement('canvas'), { width: 2 * WIDTH, height: 2 * HEIGHT });
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((done) => canvas.toBlob(done, 'image/png'));
  } finally {
    URL.revokeObjectURL(address);
  }
}
