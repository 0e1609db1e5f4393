/**
 * The steps of a run as growing typed arrays: the columns of the protocol, one element a step.
 */

/** Bits of the column `flags`. */
export const FAILED = 1;
export const WROTE = 2;
export const TOOK_TRUE = 4;
/** The kernel of its op goes on after the step. */
export const PART = 8;
/** It is the first part of a kernel. */
export const BEGINS = 16;

const BYTES_A_STEP = 8 + 5 * 4;
const FIRST_CAPACITY = 1024;

/**
 * @template {Uint32Array | Float64Array} A
 * @param {A} array
 * @param {number} capacity
 * @returns {A}
 */
function grown(array, capacity) {
  const Type = /** @type {new (length: number) => A} */ (array.constructor);
  const next = new Type(capacity);
  next.set(array);
  return next;
}

export class StepColumns {
  count = 0;
  /** Nanoseconds since the run began. */
  start = new Float64Array(FIRST_CAPACITY);
  /** Nanoseconds. */
  duration = new Uint32Array(FIRST_CAPACITY);
  op = new Uint32Array(FIRST_CAPACITY);
  frame = new Uint32Array(FIRST_CAPACITY);
  iteration = new Uint32Array(FIRST_CAPACITY);
  flags = new Uint32Array(FIRST_CAPACITY);
  /** Loop frames by number. @type {Map<number, import("../connection/protocol.d.ts").Frame>} */
  frames = new Map();

  /**
   * Add the steps of a chunk that are not here yet.
   *
   * A chunk that begins beyond the end leaves a gap and is not taken: the steps are asked for.
   * @param {{ first: number, count: number, data: ArrayBuffer,
   *           frames: import("../connection/protocol.d.ts").Frame[] }} chunk
   * @returns {number} how many were added
   */
  append({ first, count, data, frames }) {
    if (data.byteLength !== count * BYTES_A_STEP) {
      throw new RangeError(
        `a chunk of ${count} steps has ${data.byteLength} bytes, not ${count * BYTES_A_STEP}`,
      );
    }
    for (const frame of frames) this.frames.set(frame.id, frame);
    const known = this.count - first;
    if (known < 0 || known >= count) return 0;
    const added = count - known;
    this.#reserve(this.count + added);
    const view = new DataView(data);
    for (let i = known; i < count; i++) {
      this.start[first + i] = Number(view.getBigInt64(8 * i, true));
    }
    let offset = 8 * count;
    for (const column of [this.duration, this.op, this.frame, this.iteration, this.flags]) {
      for (let i = known; i < count; i++) {
        column[first + i] = view.getUint32(offset + 4 * i, true);
      }
      offset += 4 * count;
    }
    this.count += added;
    return added;
  }

  /** @param {number} count */
  #reserve(count) {
    if (count <= this.op.length) return;
    const capacity = Math.max(count, 2 * this.op.length);
    this.start = grown(this.start, capacity);
    this.duration = grown(this.duration, capacity);
    this.op = grown(this.op, capacity);
    this.frame = grown(this.frame, capacity);
    this.iteration = grown(this.iteration, capacity);
    this.flags = grown(this.flags, capacity);
  }
}
