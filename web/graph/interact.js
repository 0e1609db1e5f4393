/**
 * What gestures ask for. Points are in CSS pixels within the host.
 *
 * @typedef {object} Gestures
 * @property {(dx: number, dy: number) => void} pan
 * @property {(factor: number, x?: number, y?: number, smooth?: boolean) => void} zoom
 * @property {(x: number, y: number) => void} click on the drawing
 * @property {(x: number, y: number) => void} open double click on the drawing
 * @property {(id: number) => void} press a click on an item without a pointer (assistive technology)
 * @property {(x: number, y: number) => void} hover
 * @property {() => void} leave
 * @property {(direction: Direction) => void} move arrow key
 * @property {() => void} toggle Enter
 * @property {() => void} activate Space
 * @property {() => void} fit
 *
 * @typedef {"left"|"right"|"up"|"down"} Direction
 */

/** A pointer that moves less is clicking. */
const DRAG_THRESHOLD = 4;
const WHEEL_SPEED = 0.0016;
const PINCH_SPEED = 0.01;
const LINE_HEIGHT = 16;
const KEY_ZOOM = 1.3;

const ARROWS = /** @type {Record<string, Direction>} */ ({
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
});

/**
 * Turn pointer, wheel and key events into gestures.
 *
 * @param {HTMLElement} host
 * @param {HTMLElement} toolbar whose events are its own
 * @param {Gestures} gestures
 * @returns {() => void} stops listening
 */
export function listen(host, toolbar, gestures) {
  const abort = new AbortController();
  const { signal } = abort;
  const isOurs = (/** @type {Event} */ event) =>
    !toolbar.contains(/** @type {Node} */ (event.target));
  const at = (/** @type {MouseEvent} */ event) => {
    const { left, top } = host.getBoundingClientRect();
    return /** @type {[number, number]} */ ([event.clientX - left, event.clientY - top]);
  };
  listenToPointers(host, gestures, isOurs, at, signal);

  host.addEventListener(
    "wheel",
    (event) => {
      if (!isOurs(event)) return;
      event.preventDefault();
      const pixels =
        event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_HEIGHT : 1);
      gestures.zoom(Math.exp(-pixels * (event.ctrlKey ? PINCH_SPEED : WHEEL_SPEED)), ...at(event));
    },
    { passive: false, signal },
  );

  host.addEventListener(
    "keydown",
    (event) => {
      if (!isOurs(event) || event.ctrlKey || event.metaKey || event.altKey) return;
      const direction = ARROWS[event.key];
      if (direction) gestures.move(direction);
      else if (event.key === "Enter") gestures.toggle();
      else if (event.key === " ") gestures.activate();
      else if (event.key === "+" || event.key === "=")
        gestures.zoom(KEY_ZOOM, undefined, undefined, true);
      else if (event.key === "-") gestures.zoom(1 / KEY_ZOOM, undefined, undefined, true);
      else if (event.key === "0") gestures.fit();
      else return;
      event.preventDefault();
    },
    { signal },
  );
  return () => abort.abort();
}

/**
 * @param {HTMLElement} host
 * @param {Gestures} gestures
 * @param {(event: Event) => boolean} isOurs
 * @param {(event: MouseEvent) => [number, number]} at
 * @param {AbortSignal} signal
 */
function listenToPointers(host, gestures, isOurs, at, signal) {
  /** Pointers that are down, by id. @type {Map<number, [number, number]>} */
  const down = new Map();
  /** @type {[number, number]} */
  let origin = [0, 0];
  let isDragging = false;

  host.addEventListener(
    "pointerdown",
    (event) => {
      if (!isOurs(event) || event.button > 1) return;
      down.set(event.pointerId, at(event));
      if (down.size === 1) {
        origin = at(event);
        isDragging = false;
      }
    },
    { signal },
  );

  host.addEventListener(
    "pointermove",
    (event) => {
      const before = down.get(event.pointerId);
      const now = at(event);
      if (!before) {
        if (isOurs(event)) gestures.hover(...now);
        return;
      }
      const [other] = [...down].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
      if (
        !isDragging &&
        Math.hypot(now[0] - origin[0], now[1] - origin[1]) < DRAG_THRESHOLD &&
        !other
      )
        return;
      if (!isDragging) {
        isDragging = true;
        host.setPointerCapture(event.pointerId);
        host.classList.add("is-panning");
        gestures.leave();
      }
      down.set(event.pointerId, now);
      if (other) {
        const spread = Math.hypot(now[0] - other[0], now[1] - other[1]);
        const spreadBefore = Math.hypot(before[0] - other[0], before[1] - other[1]);
        gestures.zoom(
          spread / Math.max(1, spreadBefore),
          (now[0] + other[0]) / 2,
          (now[1] + other[1]) / 2,
        );
      } else gestures.pan(now[0] - before[0], now[1] - before[1]);
    },
    { signal },
  );

  const release = (/** @type {PointerEvent} */ event) => {
    down.delete(event.pointerId);
    if (down.size === 0) host.classList.remove("is-panning");
  };
  host.addEventListener("pointerup", release, { signal });
  host.addEventListener("pointercancel", release, { signal });
  host.addEventListener("pointerleave", () => gestures.leave(), { signal });

  host.addEventListener(
    "click",
    (event) => {
      if (!isOurs(event) || isDragging) return;
      const item = event.target instanceof HTMLElement ? event.target.dataset.id : undefined;
      if (event.detail === 0 && item !== undefined) gestures.press(Number(item));
      else gestures.click(...at(event));
    },
    { signal },
  );
  host.addEventListener(
    "dblclick",
    (event) => {
      if (isOurs(event)) gestures.open(...at(event));
    },
    { signal },
  );
}
