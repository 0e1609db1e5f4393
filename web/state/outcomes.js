/**
 * What the page says about the outcomes of a run: counts and sentences. No DOM.
 *
 * @typedef {import("../connection/protocol.d.ts").OutcomesState} OutcomesState
 * @typedef {import("../connection/protocol.d.ts").OutcomeGroup} OutcomeGroup
 * @typedef {import("../connection/protocol.d.ts").OutcomeSet} OutcomeSet
 * @typedef {import("../connection/protocol.d.ts").RunInfo} RunInfo
 */
import { grouped } from "./numbers.js";

/** Counts beyond this are said by their order of magnitude. */
const EXACT = 10n ** 15n;
/** From so many groups on, equal counts are gathered into powers. */
const POWERS_FROM = 5;

/**
 * The groups that have a choice; the others are what is always the same.
 * @param {OutcomeSet} found
 */
export const openGroups = (found) => found.groups.filter(({ count }) => count > 1);

/**
 * How many results there are in all: the groups are independent.
 * @param {Pick<OutcomeGroup, "count">[]} groups
 */
export function total(groups) {
  return groups.reduce((product, { count }) => product * BigInt(count), 1n);
}

/** @param {bigint} count */
export function countText(count) {
  if (count < EXACT) return grouped(count);
  return `about 10${raised(count.toString().length - 1)}`;
}

/**
 * The count with what it is made of: `2 × 2 × 3 = 12`.
 * @param {Pick<OutcomeGroup, "count">[]} groups those with a choice
 */
export function productText(groups) {
  if (groups.length < 2) return countText(total(groups));
  /** @type {Map<number, number>} */
  const powers = new Map();
  for (const { count } of groups) powers.set(count, (powers.get(count) ?? 0) + 1);
  const factors =
    groups.length < POWERS_FROM
      ? groups.map(({ count }) => grouped(count))
      : [...powers].map(([count, power]) => `${grouped(count)}${power > 1 ? raised(power) : ""}`);
  const all = total(groups);
  return `${factors.join(" × ")} ${all < EXACT ? "=" : "≈"} ${countText(all).replace("about ", "")}`;
}

/** @param {number} power */
function raised(power) {
  return [...String(power)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]).join("");
}

/**
 * Seconds as people say them: `2 s`, `0.4 s`, `6 ms`.
 * @param {number} seconds
 */
export function secondsText(seconds) {
  if (seconds < 0.0995) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  return seconds < 0.95 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}

/**
 * Whether the result of a run depended on the schedule, in one sentence; empty while that is not
 * known.
 * @param {OutcomesState | null} state
 * @param {RunInfo | null} run the session's
 * @param {boolean} [isSearching] whether another search is under way
 */
export function outcomesSentence(state, run, isSearching = false) {
  if (isSearching) {
    return state?.found
      ? "Searching again: what is shown is what the search before found."
      : "Searching for every result of this run.";
  }
  if (state === null) return "";
  if (state.found === null) {
    return `What else is possible could not be found out: ${state.error?.message ?? "unknown error"}`;
  }
  const { found } = state;
  const count = total(found.groups);
  const many = countText(count);
  const isThis =
    run !== null && run.id === state.run && (run.state === "finished" || run.state === "failed");
  if (!found.complete) {
    const why = found.stopped
      ? `search stopped after ${secondsText(found.seconds)}`
      : "not everything was explored";
    return count > 1n
      ? `At least ${many} results are possible (${why}).`
      : `No other result was found (${why}).`;
  }
  if (count > 1n) {
    return isThis ? `This is one of ${many} possible results.` : `${many} results are possible.`;
  }
  if (!isThis) return "Only one result is possible.";
  return run.state === "failed"
    ? "This failure is the only result possible."
    : "This result is the only one possible.";
}

/**
 * What is said of a search that is under way.
 * @param {{ seconds: number, budget: number, executions: number, states: number }} search
 */
export function searchText({ seconds, budget, executions, states }) {
  return (
    `Searching: ${grouped(executions)} ${executions === 1 ? "schedule" : "schedules"}, ` +
    `${grouped(states)} ${states === 1 ? "choice" : "choices"}, ` +
    `${Math.round(seconds)} of at most ${Math.round(budget)} s`
  );
}

/**
 * Where something belongs in what is possible: `Outcome 2`, with its group where there are several.
 * @param {number} outcome
 * @param {number} group its number among those with a choice
 * @param {number} groups how many those are
 */
export function outcomeName(outcome, group, groups) {
  return groups > 1 ? `outcome ${outcome + 1} of group ${group + 1}` : `outcome ${outcome + 1}`;
}
