// The server's clock, and the waits that count on by it. The clock of this machine is never read: it may be wrong.

import { el } from './dom.js';

const LATER_BY_MS = 1000; // a report this much behind the clock sets it back; less is delay on the way

let ahead = null; // server's clock less performance.now(); the largest seen: that report was the least late
let running = false;
let next = null;

/** Takes a report of the server's clock, ms UTC. */
export function hear(nowMs) {
  const seen = nowMs - performance.now();
  if (ahead === null || seen > ahead || seen < ahead - LATER_BY_MS) ahead = seen;
}

export const serverNow = () => (ahead === null ? null : performance.now() + ahead);

/** Counts on, or stands still where it is: with old data nobody knows who still waits. */
export function tick(on) {
  if (on === running) return;
  running = on;
  clearTimeout(next);
  if (on) everySecond();
}

/** Do waits count on? What stands still is drawn as it was told. */
export const ticks = () => running;

/** A figure. One that started at `start_ms` counts m:ss from then on. */
export function figure(cell, extra = '') {
  const classes = ['figure', extra, cell.tone ? `tone-${cell.tone}` : '', cell.bold ? 'bold' : ''];
  const start = cell.start_ms ?? null;
  const text = start !== null && running ? since(start) : (cell.text ?? '–');
  return el('span', { class: classes.filter(Boolean).join(' '), 'data-start': start }, text);
}

function everySecond() {
  for (const counting of document.querySelectorAll('[data-start]')) {
    const text = since(Number(counting.dataset.start));
    if (counting.textContent !== text) counting.textContent = text;
  }
  next = setTimeout(everySecond, 1000 - (serverNow() ?? 0) % 1000);
}

const two = (number) => String(number).padStart(2, '0');

function since(startMs) {
  const seconds = Math.max(0, Math.floor((serverNow() - startMs) / 1000));
  const [minutes, rest] = [Math.floor(seconds / 60), two(seconds % 60)];
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${rest}`;
}

/** HH:MM:SS of the site's wall clock. */
export function clock(ms, offsetMs = 0) {
  return new Date(ms + offsetMs).toISOString().slice(11, 19);
}
