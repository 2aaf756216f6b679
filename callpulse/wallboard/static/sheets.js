// Which rows are shown when there are more than fit: the worst stay, the rest comes by in sheets.

const PINNED = 3;
const NEED = new Set(['act', 'watch', 'no_data', 'blind']);

/** Of all rows' names in order: those shown on this sheet, and "sheet n of all" (all = 1: everything fits). */
export function sheet(order, stateOf, room, turn) {
  if (order.length <= room) return { names: order, n: 1, all: 1 };
  const pinned = order.filter((name) => NEED.has(stateOf(name))).slice(0, Math.min(PINNED, room - 1));
  const rest = order.filter((name) => !pinned.includes(name));
  const each = room - pinned.length;
  const all = Math.ceil(rest.length / each);
  const at = turn % all;
  return { names: [...pinned, ...rest.slice(at * each, (at + 1) * each)], n: at + 1, all };
}
