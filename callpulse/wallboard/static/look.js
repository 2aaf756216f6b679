// Theme and scale, as the address asks for them.

const asked = new URLSearchParams(location.search);
const light = matchMedia('(prefers-color-scheme: light)');

export function dress() {
  const scale = Number(asked.get('scale'));
  if (scale) document.documentElement.style.setProperty('--scale', Math.min(4, Math.max(0.6, scale)));
  paint();
  light.addEventListener('change', paint);
}

function paint() {
  const theme = asked.get('theme');
  const auto = light.matches ? 'light' : 'dark';
  document.documentElement.dataset.theme = theme === 'auto' ? auto : theme === 'light' ? 'light' : 'dark';
}
