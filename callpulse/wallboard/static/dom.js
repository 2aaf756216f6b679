// Makes elements. Names of queues reach the page only as text nodes.

const SVG = 'http://www.w3.org/2000/svg';

/** An HTML element; `attributes` that are null or '' are left out; children are elements, text, or null. */
export function el(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== '') element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Text of people's own making (a queue's name): its direction is its own. */
export function own(text, attributes = {}, tag = 'span') {
  return el(tag, { dir: 'auto', ...attributes }, text);
}

/** "{n} of {all}" with its places filled in. */
export function worded(template, places) {
  return Object.entries(places).reduce((text, [name, value]) => text.replace(`{${name}}`, value), template || '');
}

export const percent = (share) => `${+(100 * share).toFixed(2)}%`;
export const byId = (id) => document.getElementById(id);
