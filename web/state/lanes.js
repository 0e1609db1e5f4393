/**
 * What the timeline shows of a run: the steps that wrote each variable, and those that failed.
 * Grows with the run, in the number of new steps.
 */
import { FAILED, WROTE } from "./step-columns.js";

export class Lanes {
  /** Steps by place of the variable in the graph's list, ascending. @type {Map<number, number[]>} */
  writes = new Map();
  /** Steps that wrote something that no variable of the graph is known for. @type {number[]} */
  others = [];
  /** @type {number[]} */
  failures = [];
  #count = 0;
  #writers;

  /** @param {import("./writers.js").Writers} writers */
  constructor(writers) {
    this.#writers = writers;
  }

  /**
   * Take in the steps that are new.
   * @param {import("./step-columns.js").StepColumns} columns
   * @param {number} count
   */
  extend(columns, count) {
    for (let step = this.#count; step < count; step++) {
      const flags = columns.flags[step];
      if (flags & FAILED) this.failures.push(step);
      if (flags & WROTE) this.#write(columns.op[step], step);
    }
    this.#count = count;
  }

  /**
   * @param {number} op
   * @param {number} step
   */
  #write(op, step) {
    const variables = this.#writers.of(op);
    if (variables.length === 0) this.others.push(step);
    for (const variable of variables) {
      const steps = this.writes.get(variable);
      if (steps === undefined) this.writes.set(variable, [step]);
      else steps.push(step);
    }
  }
}

/**
 * Place of the first element that is at least `value`.
 * @param {readonly number[]} ascending
 * @param {number} value
 */
export function lowerBound(ascending, value) {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
