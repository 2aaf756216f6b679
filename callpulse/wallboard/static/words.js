// What the page says by itself, until the server has told it its own words.

const SAID = {
  en: { connecting: 'waiting for the first figures', disconnected: 'DISCONNECTED', since: 'since', trying: 'trying again',
    no_data: 'NO DATA', stale: 'STALE', data_old: 'data {age} old', silent: 'silent since {clock}', no_queues: 'No queue is known yet.', now: 'now', ago: '−{n} min', muted: 'muted', day_on_paper: 'The day, to be printed (D)' },
  nl: { connecting: 'wacht op de eerste cijfers', disconnected: 'GEEN VERBINDING', since: 'sinds', trying: 'nieuwe poging',
    no_data: 'GEEN DATA', stale: 'VEROUDERD', data_old: 'data {age} oud', silent: 'stil sinds {clock}', no_queues: 'Nog geen wachtrij bekend.', now: 'nu', ago: '−{n} min', muted: 'stil', day_on_paper: 'De dag, om af te drukken (D)' },
};

/** In the language of the board; before it is known, in the one that is asked for. */
export function wordsOf(wall) {
  const asked = new URLSearchParams(location.search).get('lang') || navigator.language;
  return { ...(SAID[wall?.language || asked.slice(0, 2)] || SAID.en), ...wall?.words };
}
