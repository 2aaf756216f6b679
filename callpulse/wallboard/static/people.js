// Agents by state: one bar, and a place of its own for each state: nothing moves when counts change.

import { byId, el } from './dom.js';
import { figure } from './ticking.js';

export function drawPeople(people) {
  const states = people.states || [];
  const title = el('h2', {}, el('span', {}, el('b', {}, people.title), people.signed_in ? ` · ${people.signed_in}` : ''),
    el('span', {}, people.occupancy || ''));
  const rest = people.none || !states.length ? [el('p', { class: 'none' }, people.none || '–')] : [bar(states), places(states)];
  byId('people').replaceChildren(title, ...rest);
}

function bar(states) {
  return el('div', { class: 'people-bar', 'aria-hidden': 'true' }, ...states.filter((state) => state.count).map((state) => {
    const part = swatch(state);
    part.style.flexGrow = state.count;
    return part;
  }));
}

const swatch = (state) => el('i', { class: `swatch ${state.state}${state.tone ? ` tone-${state.tone}` : ''}` });

const places = (states) => el('ul', {}, ...states.map((state) =>
  el('li', { class: state.tone ? `tone-${state.tone}` : '' },
    el('b', {}, `${state.count ?? '–'}`), swatch(state), el('span', {}, state.word),
    el('small', { title: state.note }, ...longest(state)))));

/** An alert's queue comes last: it may be long, and cut. */
function longest(state) {
  const said = [state.note || null, state.longest ? figure(state.longest) : null].filter((part) => part !== null);
  return (state.tone ? said.reverse() : said).flatMap((part) => [part, ' ']);
}
