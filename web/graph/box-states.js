import { State } from "./types.js";

/** @typedef {import("./tree.js").DisplayTree} DisplayTree */
/** @typedef {import("./scene.js").Scene} Scene */

/**
 * What a box shows of the run.
 *
 * @typedef {object} BoxStates
 * @property {Uint8Array} state per box, one of `State`; for containers, of what is inside
 * @property {Float32Array} progress per container box: done of needed ops, 0 .. 1; -1 without a run
 * @property {Uint8Array} isDimmed per box: 1 if the run needs nothing of it
 */

/**
 * @param {DisplayTree} tree
 * @param {Scene} scene
 * @param {Uint8Array|null} states per op
 * @param {Uint8Array|null} needed per op; null where there is no run
 * @returns {BoxStates}
 */
export function boxStates(tree, scene, states, needed) {
  const count = scene.ids.length;
  const result = {
    state: new Uint8Array(count),
    progress: new Float32Array(count).fill(-1),
    isDimmed: new Uint8Array(count),
  };
  for (let box = 0; box < count; box++) {
    const id = scene.ids[box];
    if (!tree.isContainer(id)) {
      result.state[box] = states ? states[id] : State.idle;
      result.isDimmed[box] = needed && !needed[id] && result.state[box] === State.idle ? 1 : 0;
    } else if (states || needed) {
      summarise(tree, id, states, needed, box, result);
    }
  }
  return result;
}

/**
 * @param {DisplayTree} tree
 * @param {number} id
 * @param {Uint8Array|null} states
 * @param {Uint8Array|null} needed
 * @param {number} box
 * @param {BoxStates} result
 */
function summarise(tree, id, states, needed, box, result) {
  const seen = new Uint8Array(6);
  let wanted = 0;
  let finished = 0;
  const own = tree.nodeOf(id);
  for (let place = tree.start[id]; place < tree.end[id]; place++) {
    const op = tree.ops[place];
    const state = states ? states[op] : State.idle;
    // A call never executes itself: only what is in it counts.
    if (op === own) {
      if (state !== State.idle) seen[state] = 1;
      continue;
    }
    if (needed ? needed[op] : state !== State.idle) {
      wanted++;
      if (state === State.done || state === State.dead) finished++;
    }
    seen[state] = 1;
  }
  result.progress[box] = needed && wanted > 0 ? finished / wanted : -1;
  result.isDimmed[box] = needed && wanted === 0 && !needed[own] ? 1 : 0;
  result.state[box] = summary(seen, wanted > 0 && finished === wanted);
}

/** @param {Uint8Array} seen 1 for each state that occurs @param {boolean} isComplete */
function summary(seen, isComplete) {
  if (seen[State.failed]) return State.failed;
  if (seen[State.running]) return State.running;
  if (seen[State.ready]) return State.ready;
  if (!isComplete) return State.idle;
  return seen[State.done] ? State.done : State.dead;
}
