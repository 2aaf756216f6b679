// One short tone for a new critical alert, if somebody has touched the page (browsers ask for that) and M is not on.

let audio = null;
let muted = false;

for (const gesture of ['pointerdown', 'keydown']) addEventListener(gesture, () => (audio ??= new AudioContext()), { once: true });

export const isMuted = () => muted;

/** For the next new critical alert: a wall that is quiet for good would be forgotten. */
export const toggleMute = () => (muted = !muted);

export function soundFor(criticals) {
  if (!criticals.length) return;
  if (!muted) tone();
  muted = false;
}

function tone() {
  if (!audio) return;
  const [source, volume] = [audio.createOscillator(), audio.createGain()];
  source.frequency.value = 660;
  volume.gain.setValueAtTime(0.25, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.6);
  source.connect(volume).connect(audio.destination);
  source.start();
  source.stop(audio.currentTime + 0.6);
}
