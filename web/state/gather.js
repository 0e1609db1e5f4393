/**
 * @typedef {import("../connection/protocol.d.ts").Events} Events
 * @typedef {<E extends keyof Events>(name: E, event: Events[E]) => void} Take
 */

/** What comes before a `stopped`, as separate messages. */
const LEADING = new Set(["steps", "variables"]);

/**
 * Keeps what a run that stands still reports of a step until the `stopped` that closes it, so that
 * no frame draws half of a step and holds up the other half.
 * @param {() => boolean} isRunning whether a run goes on by itself; then nothing is kept
 * @param {Take} take
 * @returns {Take}
 */
export function gather(isRunning, take) {
  /** @type {Parameters<Take>[]} */
  let kept = [];
  return (name, event) => {
    // Of a session that the page has left since, nothing is taken.
    kept = kept.filter(([, before]) => before.session === event.session);
    kept.push([name, event]);
    if (LEADING.has(name) && !isRunning()) return;
    const ready = kept;
    kept = [];
    for (const each of ready) take(...each);
  };
}
