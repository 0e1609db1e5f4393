/**
 * How many requests are under way, over HTTP or the socket.
 */
let count = 0;
/** @type {(() => void)[]} */
let waiting = [];

/**
 * Count `request` until it is settled.
 * @template T
 * @param {Promise<T>} request
 * @returns {Promise<T>}
 */
export function track(request) {
  count++;
  const done = () => {
    count--;
    if (count > 0) return;
    const resolved = waiting;
    waiting = [];
    for (const resolve of resolved) resolve();
  };
  request.then(done, done);
  return request;
}

export function inFlight() {
  return count;
}

/**
 * Resolves when no request is under way.
 * @returns {Promise<void>}
 */
export function settled() {
  return count === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve));
}
