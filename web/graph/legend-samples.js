/**
 * What the legend shows: graphs of an op or two, and lines, which are drawn as those of a program
 * are.
 *
 * @typedef {object} BoxSample
 * @property {"box"} of
 * @property {[name: string, type: string][]} ops
 * @property {Partial<import("./types.js").GraphJson>} [graph] what else there is to say of them
 * @property {number} [opKind] of every op, one of `OpKind`, where the graph does not say it
 * @property {number} [state] of every op, one of `State`
 * @property {"next"|"selected"|"unneeded"|"expanded"|"hubs"} [as]
 *
 * @typedef {object} LineSample
 * @property {"line"} of
 * @property {{count?: number, kind?: number, isBack?: boolean}} edge of a kind in `EdgeKind`
 *
 * @typedef {{ of: "race" }} RaceSample
 *
 * @typedef {object} LegendItem
 * @property {string} name
 * @property {string} text
 * @property {BoxSample|LineSample|RaceSample} sample
 */
import { EdgeKind, OpKind, State } from "./types.js";

/**
 * An op of the run, in a state.
 *
 * @param {string} name
 * @param {string} text
 * @param {Pick<BoxSample, "state"|"as">} look
 * @returns {LegendItem}
 */
const inState = (name, text, look) => ({
  name,
  text,
  sample: { of: "box", ops: [["mul", "Mul"]], ...look },
});

/**
 * An op, or a box with ops, by what it is.
 *
 * @param {string} name
 * @param {string} text
 * @param {Omit<BoxSample, "of">} box
 * @returns {LegendItem}
 */
const kind = (name, text, box) => ({ name, text, sample: { of: "box", ...box } });

/**
 * @param {string} name
 * @param {string} text
 * @param {LineSample["edge"]} edge
 * @returns {LegendItem}
 */
const line = (name, text, edge) => ({ name, text, sample: { of: "line", edge } });

/**
 * A variable of a kind, in JSON.
 *
 * @param {"ref"|"resource"} held
 */
const variable = (held) => ({
  variables: [{ node: 0, name: "v", kind: held, dtype: "float32", shape: [] }],
});

const CALL = { 0: { function: "step", kind: /** @type {const} */ ("while") } };

/** @type {{ title: string, items: LegendItem[] }[]} */
export const LEGEND = [
  {
    title: "States of ops",
    items: [
      inState("Idle", "has not been executed", {}),
      inState("Ready", "could be executed now", { state: State.ready }),
      inState("Next", "is executed by the next step", { state: State.ready, as: "next" }),
      inState("Running", "has begun and not ended", { state: State.running }),
      inState("Done", "has been executed", { state: State.done }),
      inState("Dead", "is on a way that was not taken", { state: State.dead }),
      inState("Failed", "ended the run with an error", { state: State.failed }),
      inState("Not needed", "is no part of the run", { as: "unneeded" }),
      inState("Selected", "stands out with all its edges", { as: "selected" }),
    ],
  },
  {
    title: "Kinds of ops",
    items: [
      kind("Reference variable", "double outline, ref", {
        ops: [["v", "VariableV2"]],
        graph: variable("ref"),
      }),
      kind("Resource variable", "double outline, res", {
        ops: [["v", "VarHandleOp"]],
        graph: variable("resource"),
      }),
      kind("Writer", "may write what it is given: bar at its left", {
        ops: [["add", "AssignAdd"]],
        opKind: OpKind.write,
      }),
      kind("Placeholder", "is fed: cut corners", { ops: [["x", "Placeholder"]] }),
      kind("Constant, NoOp", "round ends", { ops: [["two", "Const"]] }),
      kind("Control flow", "Switch, Merge, Enter, …: pointed ends", {
        ops: [["cond", "Switch"]],
      }),
    ],
  },
  {
    title: "Boxes",
    items: [
      kind("Scope", "or ops with like names, collapsed: how many", {
        ops: [["layer/mul", "Mul"], ["layer/add", "Add"]],
      }),
      kind("Open scope", "its ops are in it", {
        ops: [["layer/mul", "Mul"]],
        as: "expanded",
      }),
      kind("Function, If, Case, While", "dashed when open; the word says which", {
        ops: [["step", "While"], ["step/mul", "Mul"]],
        graph: { calls: CALL },
        as: "expanded",
      }),
    ],
  },
  {
    title: "Edges",
    items: [
      line("Value", "a tensor that no write changes", {}),
      line("Alias", "the buffer of a reference variable, which shows later writes: double", {
        kind: EdgeKind.alias,
      }),
      line("Reference", "the variable itself, read when it is computed with: bar", {
        kind: EdgeKind.ref,
      }),
      line("Handle", "the name of a resource variable, or of a stack or an array: dotted", {
        kind: EdgeKind.handle,
      }),
      line("Written through", "a reference or handle, which the op at its end may write: diamond", {
        kind: EdgeKind.mutating,
      }),
      line("Control dependency", "orders two ops, carries nothing: dashed", {
        kind: EdgeKind.control,
      }),
      line("Loop back", "to the next iteration", { isBack: true }),
      line("Several edges", "the wider, the more; of several kinds, the one that can surprise most", {
        count: 16,
      }),
      kind("Edges left out", "to boxes that are joined with too many: tick; select it to see them", {
        ops: [["mul", "Mul"]],
        as: "hubs",
      }),
      {
        name: "Race",
        text: "the edge that is missing, of the race chosen in Outcomes",
        sample: { of: "race" },
      },
    ],
  },
];
