// The board when nothing newer is known: no last value is left standing. Past intervals of the day stay: they are over.

/** `since`: "since 14:31:40". */
export function unknown(wall, words, since) {
  const word = words.no_data;
  const sentence = [word, since].filter(Boolean).join(' ');
  const queue = (row) => (row.state === 'closed' && row.sentence ? row
    : { queue: row.queue, name: row.name, target: row.target, board: row.board, state: 'no_data', word, sentence });
  const rows = new Map([...wall.rows].map(([name, row]) => [name, queue(row)]));
  return {
    ...wall,
    header: { ...wall.header, counts: counts(rows, wall, word) },
    strip: [],
    tiles: wall.tiles.map(({ id, label, short, definition }) =>
      ({ id, label, short, definition, state: 'no_data', word, value: {}, why: sentence })),
    rows,
    total: { queue: '', name: '–', state: 'no_data', word: wall.total.word },
    people: { title: wall.people.title, none: '–' },
    interval: { ...wall.interval, value: '–', span: '', sentence: '', day: '', day_sentence: '', bars: (wall.interval.bars || []).map(over) },
  };
}

function counts(rows, wall, word) {
  const shut = [...rows.values()].filter((row) => row.state === 'closed').length;
  const closed = (wall.header.counts || []).filter((count) => count.state === 'closed' && shut).map((count) => ({ ...count, count: shut }));
  const blank = [...rows.values()].filter((row) => row.state === 'no_data').length;
  return [...(blank ? [{ state: 'no_data', word, count: blank }] : []), ...closed];
}

const over = (bar) => (bar.kind === 'running' ? { ...bar, share: null } : bar);
