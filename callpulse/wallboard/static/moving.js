// A row that changes its place is seen to go there: 400 ms, one after the other. Who wants no motion gets a cut.

const MOVE_MS = 400;
const MANY = 6; // more moves than this are a new picture: it is cut

const still = matchMedia('(prefers-reduced-motion: reduce)');
let moves = Promise.resolve();
let wanted = 0;
let asked = []; // the order that was asked for last: rows may still be on their way there

/** Puts `rows` into `body` in this order. */
export function arrange(body, rows) {
  const before = [...body.children];
  if (asked.length === rows.length && rows.every((row, at) => row === asked[at])) return moves;
  asked = rows;
  const mine = (wanted += 1);
  const same = before.length === rows.length && rows.every((row) => before.includes(row));
  const path = same && !still.matches ? moved(before, rows) : null;
  if (!path) return put(body, rows);
  moves = path.reduce((earlier, order) => earlier.then(() => mine === wanted && glide(body, order)), moves);
  return moves;
}

/** Who has gone to something in a row stays there. */
function put(body, rows) {
  const focused = body.contains(document.activeElement) ? document.activeElement : null;
  body.replaceChildren(...rows);
  if (focused?.isConnected) focused.focus({ preventScroll: true });
}

/** The orders between `before` and `after`, each with one row moved to its place; null: too many to follow. */
function moved(before, after) {
  const orders = [];
  for (let now = before; orders.length <= MANY; orders.push(now)) {
    const row = furthest(now, after);
    if (row === null) return orders;
    const others = now.filter((other) => other !== row);
    now = others.toSpliced(after.indexOf(row), 0, row);
  }
  return null;
}

/** The row that has furthest to go: its neighbours are then mostly in place. */
function furthest(now, after) {
  const way = (row) => Math.abs(now.indexOf(row) - after.indexOf(row));
  const row = now.reduce((one, other) => (way(other) > way(one) ? other : one), now[0]);
  return row && way(row) ? row : null;
}

async function glide(body, order) {
  const from = new Map(order.map((row) => [row, row.offsetTop]));
  put(body, order);
  const going = order.filter((row) => from.get(row) !== row.offsetTop).map((row) => row.animate(
    [{ transform: `translateY(${from.get(row) - row.offsetTop}px)` }, { transform: 'none' }],
    { duration: MOVE_MS, easing: 'ease-in-out' }).finished);
  await Promise.allSettled(going);
}
