/**
 * What the dialog `Run` begins with. No DOM.
 *
 * @typedef {import("./graph-data.d.ts").GraphData} GraphData
 * @typedef {import("./graph-data.d.ts").Suggestion} Suggestion
 * @typedef {import("./store.js").RunInfo} RunInfo
 * @typedef {Pick<Suggestion, "fetches" | "targets" | "feeds">} Offer
 */

/**
 * The initializers among the targets.
 * @param {string[]} targets
 * @param {GraphData | null} graph
 */
export function initializersAmong(targets, graph) {
  const known = graph?.initializers ?? [];
  return targets.filter((name) => known.includes(name));
}

/**
 * Whether nothing but initializers is run.
 * @param {Pick<Offer, "fetches" | "targets">} run
 * @param {GraphData | null} graph
 */
export function isInitialization({ fetches, targets }, graph) {
  const initializers = initializersAmong(targets, graph);
  return fetches.length === 0 && targets.length > 0 && initializers.length === targets.length;
}

/**
 * What to offer after `run`: the same again; after an initialization what was meant before it, else
 * what the program suggests.
 * @param {RunInfo | null} run the session's
 * @param {Offer | null} before what was run or named before, initializations left out
 * @param {GraphData | null} graph
 * @returns {Offer}
 */
export function offeredRun(run, before, graph) {
  const nothing = { fetches: [], targets: [], feeds: {} };
  if (run === null) return before ?? nothing;
  if (!isInitialization(run, graph)) return offerOf(run);
  const suggested = graph?.suggestions.find((suggestion) => !isInitialization(suggestion, graph));
  return before ?? suggested ?? nothing;
}

/**
 * A run as something to run again; what was typed for its feeds is not known here.
 * @param {RunInfo} run
 * @returns {Offer}
 */
export function offerOf({ fetches, targets, feeds }) {
  return { fetches, targets, feeds: Object.fromEntries(feeds.map(({ name }) => [name, null])) };
}

/**
 * What is to be said of initializers that run beside something else; empty where there are none.
 * @param {string[]} fetches
 * @param {string[]} targets
 * @param {GraphData | null} graph
 */
export function besideInitializers(fetches, targets, graph) {
  const initializers = initializersAmong(targets, graph);
  if (initializers.length === 0 || isInitialization({ fetches, targets }, graph)) return "";
  const names = initializers.join(", ");
  return initializers.length === 1
    ? `${names} initializes variables: in the same run nothing orders it before the rest.`
    : `${names} initialize variables: in the same run nothing orders them before the rest.`;
}
