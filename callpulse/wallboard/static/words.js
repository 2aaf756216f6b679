// What the page says before the server has told it its words.

const FIRST = {
  en: { connecting: 'waiting for the first figures', disconnected: 'DISCONNECTED', trying: 'trying again',
    no_data: 'NO DATA' },
  nl: { connecting: 'wacht op de eerste cijfers', disconnected: 'GEEN VERBINDING', trying: 'nieuwe poging',
    no_data: 'GEEN DATA' },
};

export function firstWords() {
  const asked = new URLSearchParams(location.search).get('lang') || navigator.language;
  return FIRST[asked.slice(0, 2)] || FIRST.en;
}
