// An element of several parts, of which those are drawn anew that say something else: drawing is what an update costs,
// and what stays keeps the focus.

const drawn = new WeakMap(); // element -> part -> {says, node}

/** `parts`: [name, what it says, () => its element]. With other names, all of them are drawn. */
export function patch(element, parts) {
  const before = drawn.get(element) ?? new Map();
  const same = before.size === parts.length && parts.every(([name]) => before.has(name));
  const now = new Map(parts.map(([name, says, draw]) => {
    const known = same ? before.get(name) : null;
    return [name, known?.says === says ? known : { says, node: draw() }];
  }));
  drawn.set(element, now);
  if (!same) return element.replaceChildren(...[...now.values()].map(({ node }) => node));
  for (const [name, { node }] of now) if (before.get(name).node !== node) before.get(name).node.replaceWith(node);
}
