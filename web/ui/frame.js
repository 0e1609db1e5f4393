/**
 * One animation frame for everything that draws: whatever many events change is drawn once.
 */

/** @type {Set<() => void>} */
let pending = new Set();
/** @type {Set<() => void>} */
const waiting = new Set();
let requested = false;

const HIDDEN_FRAME_MS = 100;

function run() {
  if (!requested) return;
  requested = false;
  const jobs = pending;
  pending = new Set();
  for (const job of jobs) job();
  if (pending.size === 0) {
    for (const resolve of waiting) resolve();
    waiting.clear();
  }
}

/**
 * Call `job` in the next animation frame, once however often it is asked for until then.
 * @param {() => void} job
 */
export function onFrame(job) {
  pending.add(job);
  if (requested) return;
  requested = true;
  request();
}

/** Tabs in the background get no animation frames, and go on all the same. */
function request() {
  if (document.hidden) setTimeout(run, HIDDEN_FRAME_MS);
  else requestAnimationFrame(run);
}

document.addEventListener("visibilitychange", () => {
  if (requested) request();
});

/**
 * Resolves when nothing is left to draw.
 * @returns {Promise<void>}
 */
export function drawn() {
  if (pending.size === 0) return Promise.resolve();
  return new Promise((resolve) => waiting.add(resolve));
}
