/**
 * Where in a run its races happened: the steps that executed an access which nothing orders with
 * another one. Grows with the run, in the number of new steps.
 *
 * @typedef {import("../connection/protocol.d.ts").Race} Race
 * @typedef {import("../connection/protocol.d.ts").RaceAccess} RaceAccess
 *
 * @typedef {object} Access what one op of the races does to one variable
 * @property {RaceAccess} by
 * @property {boolean} writes
 * @property {number[]} steps that executed it, ascending
 * @property {Set<string>} others names of the ops that it races with
 *
 * @typedef {object} RaceLane the accesses to one variable
 * @property {string} variable
 * @property {Map<string, Access>} accesses by the names of their ops
 * @property {number[]} reads steps of those that only read, ascending
 * @property {number[]} writes steps of those that write, ascending
 */
import { lowerBound } from "./lanes.js";
import { counted } from "./numbers.js";

/** The type of the op that hands over a fetched reference: no step, and shown after the last one. */
const FETCH = "_Retval";

/** @typedef {{ lane: RaceLane, access: Access }} Placed */

export class RaceMarks {
  /** By name of the variable, in the order of the races. @type {Map<string, RaceLane>} */
  lanes = new Map();
  /** What an op accesses; `#slots` points here. @type {Placed[][]} */
  #accesses = [[]];
  /** Per node, its place in `#accesses`; 0 for those that take no part in a race. */
  #slots;
  /** Accesses that are no steps. @type {Placed[]} */
  #fetches = [];
  /** How many markers there are, of accesses that only read and of those that write. */
  reads = 0;
  writes = 0;
  #count = 0;
  #hasEnded = false;

  /**
   * @param {readonly Race[]} races
   * @param {number} nodeCount nodes of the graph
   */
  constructor(races, nodeCount) {
    this.races = races;
    this.#slots = new Uint32Array(nodeCount);
    for (const { variable, first, second } of races) {
      this.#add(variable, first, second.name);
      this.#add(variable, second, first.name);
    }
  }

  /**
   * @param {string} variable
   * @param {RaceAccess} by
   * @param {string} other
   */
  #add(variable, by, other) {
    let lane = this.lanes.get(variable);
    if (lane === undefined) {
      lane = { variable, accesses: new Map(), reads: [], writes: [] };
      this.lanes.set(variable, lane);
    }
    let access = lane.accesses.get(by.name);
    if (access === undefined) {
      access = { by, writes: false, steps: [], others: new Set() };
      lane.accesses.set(by.name, access);
      this.#placed(by).push({ lane, access });
    }
    access.writes ||= by.does.includes("writes");
    access.others.add(other);
  }

  /** @param {RaceAccess} by */
  #placed({ op, type }) {
    if (type === FETCH) return this.#fetches;
    if (this.#slots[op] === 0) this.#slots[op] = this.#accesses.push([]) - 1;
    return this.#accesses[this.#slots[op]];
  }

  /**
   * Take in the steps that are new.
   * @param {import("./step-columns.js").StepColumns} columns
   * @param {number} count
   * @param {boolean} hasEnded whether these are all: then what is fetched has been read
   */
  extend(columns, count, hasEnded) {
    for (let step = this.#count; step < count; step++) {
      const slot = this.#slots[columns.op[step]];
      if (slot > 0) this.#mark(this.#accesses[slot], step);
    }
    this.#count = count;
    if (!hasEnded || this.#hasEnded) return;
    this.#hasEnded = true;
    this.#mark(this.#fetches, count);
  }

  /** @param {Placed[]} accesses @param {number} step */
  #mark(accesses, step) {
    for (const { lane, access } of accesses) {
      access.steps.push(step);
      (access.writes ? lane.writes : lane.reads).push(step);
      if (access.writes) this.writes++;
      else this.reads++;
    }
  }

  /**
   * What the two ops of a race do; one where an op races with itself.
   * @param {Race} race
   * @returns {Access[]}
   */
  accessesOf({ variable, first, second }) {
    const accesses = this.lanes.get(variable)?.accesses;
    const found = [accesses?.get(first.name), accesses?.get(second.name)];
    return [...new Set(found.filter((access) => access !== undefined))];
  }

  /**
   * The marked access to a variable that is nearest to a point in time.
   * @param {string} variable
   * @param {number} at step, with its fraction
   * @param {number} reach how far away it may be
   * @returns {{ access: Access, step: number } | null}
   */
  nearest(variable, at, reach) {
    let best = null;
    let least = reach;
    for (const access of this.lanes.get(variable)?.accesses.values() ?? []) {
      const { steps } = access;
      const after = lowerBound(steps, at);
      for (const step of steps.slice(Math.max(0, after - 1), after + 1)) {
        const distance = Math.abs(step - at);
        if (distance > least) continue;
        least = distance;
        best = { access, step };
      }
    }
    return best;
  }

  /** How many markers there are and of what kind, in a sentence; empty where there are none. */
  sentence() {
    const { reads, writes } = this;
    if (reads + writes === 0) return "";
    const kinds = [
      reads > 0 && `${counted(reads, "read")} (${reads === 1 ? "a diamond" : "diamonds"})`,
      writes > 0 && `${counted(writes, "write")} (${writes === 1 ? "a ring" : "rings"})`,
    ].filter(Boolean);
    return `${counted(reads + writes, "race marker")}: ${kinds.join(" and ")}.`;
  }
}

/**
 * What a marker stands for, in a sentence.
 * @param {string} variable
 * @param {Access} access
 * @param {number} step
 */
export function markText(variable, { by, others }, step) {
  const rivals = [...others].filter((name) => name !== by.name);
  const what =
    by.type === FETCH
      ? `The fetch ${by.name}, which is no step, ${by.does} ${variable}`
      : `Step ${step}: ${by.name} ${by.does} ${variable}`;
  if (rivals.length === 0) return `${what}; nothing orders its executions.`;
  const more = rivals.length > 3 ? ` and ${counted(rivals.length - 3, "other")}` : "";
  return `${what}; nothing orders it and ${rivals.slice(0, 3).join(", ")}${more}.`;
}

/**
 * The races of a run; none while they are not known, or where what is known is of another run.
 * @param {import("./store.js").OutcomesState | null} outcomes
 * @param {import("./store.js").RunInfo | null} run
 * @returns {readonly Race[]}
 */
export function racesOfRun(outcomes, run) {
  return run !== null && outcomes?.run === run.id ? (outcomes.found?.races ?? NONE) : NONE;
}

/** @type {readonly Race[]} */
const NONE = [];
