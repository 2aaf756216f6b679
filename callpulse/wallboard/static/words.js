// What the page says before the server has told it its words.

const FIRST = {
  en: { connecting: 'waiting for the first figures', disconnected: 'DISCONNECTED', trying: 'trying again' },
  nl: { connecting: 'wacht op de eerste cijfers', disconnected: 'GEEN VERBINDING', trying: 'nieuwe poging' },
};

export function firstWords() {
  const asked = new URLSearchParams(location.search).get('lang') || navigator.language;
  return FIRST[asked.slice(0, 2)] || FIRST.en;
}
