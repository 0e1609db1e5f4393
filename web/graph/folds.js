/** A scope with more children than this is folded. */
export const FLAT_LIMIT = 60;
/** The most children that a fold holds before it is folded in turn. */
export const FOLD_SIZE = 50;
/** So many names that differ in their number only are a series. */
const SERIES_LENGTH = 4;

/**
 * A group of siblings that are drawn as one box.
 *
 * @typedef {object} Fold
 * @property {string} label
 * @property {Entry[]} members
 *
 * @typedef {number|Fold} Entry an id, or a fold of entries
 */

/**
 * Children of a crowded scope, grouped so that no level has more than some 60 boxes: first by the
 * dotted parts of their names (`block.conv.w`), then numbered series (`layer`, `layer_1`, …), and
 * what is left in runs of graph order, which is the order of construction and so keeps chains
 * together.
 *
 * @param {ArrayLike<number>} ids in graph order
 * @param {(id: number) => string} labelOf
 * @returns {Entry[]}
 */
export function foldChildren(ids, labelOf) {
  const entries = Array.from(ids);
  if (entries.length <= FLAT_LIMIT) return entries;
  return foldLevel(entries, "", FLAT_LIMIT, labelOf);
}

/**
 * Depth of recursion is bounded by the parts of a name and by the logarithm of the count.
 *
 * @param {number[]} ids
 * @param {string} prefix the part of the names that is dealt with
 * @param {number} limit
 * @param {(id: number) => string} labelOf
 * @returns {Entry[]}
 */
function foldLevel(ids, prefix, limit, labelOf) {
  if (ids.length <= limit) return ids;
  const byPart = groupIds(ids, (id) => dottedPart(labelOf(id), prefix));
  if (byPart.size > 1) {
    const parts = foldGroups(byPart, 2, (part, members) => ({
      label: `${part}*`,
      members: foldLevel(members, part, FOLD_SIZE, labelOf),
    }));
    return parts.length <= limit ? parts : inRuns(parts, labelOf);
  }
  const bySeries = groupIds(ids, (id) => seriesStem(labelOf(id)));
  if (bySeries.size === 1) return inRuns(ids, labelOf);
  const series = foldGroups(bySeries, shortestFold(bySeries, limit), (stem, members) => ({
    label: `${stem}*`,
    members: members.length <= FOLD_SIZE ? members : inRuns(members, labelOf),
  }));
  return series.length <= limit ? series : inRuns(series, labelOf);
}

/**
 * The length from which series are folded: the longest first, and only so many as bring the level
 * down to its limit, so that four main blocks stay apart beside hundreds of helpers.
 *
 * @param {Map<string, number[]>} bySeries
 * @param {number} limit
 */
function shortestFold(bySeries, limit) {
  const lengths = [...bySeries.values()].map((members) => members.length).sort((a, b) => b - a);
  let boxes = lengths.reduce((sum, length) => sum + length, 0);
  let shortest = lengths[0];
  for (const length of lengths) {
    if (boxes <= limit || length < SERIES_LENGTH) break;
    boxes -= length - 1;
    shortest = length;
  }
  return Math.max(shortest, SERIES_LENGTH);
}

/** @param {string} label @param {string} prefix the dotted part after it, prefix included; else "" */
function dottedPart(label, prefix) {
  const end = label.indexOf(".", prefix.length);
  return end <= 0 ? "" : label.slice(0, end + 1);
}

/** @param {string} label the label without its number: `conv` of `conv_12` and of `conv` */
function seriesStem(label) {
  return label.replace(/^\((.*)\)$/, "$1").replace(/_?\d+$/, "");
}

/** @param {number[]} ids @param {(id: number) => string} keyOf @returns {Map<string, number[]>} */
function groupIds(ids, keyOf) {
  /** @type {Map<string, number[]>} */
  const groups = new Map();
  for (const id of ids) {
    const key = keyOf(id);
    const group = groups.get(key);
    if (group) group.push(id);
    else groups.set(key, [id]);
  }
  return groups;
}

/**
 * Groups of at least `least` as folds, the members of others as they are, in order of first member.
 *
 * @param {Map<string, number[]>} groups
 * @param {number} least
 * @param {(key: string, members: number[]) => Fold} fold
 * @returns {Entry[]}
 */
function foldGroups(groups, least, fold) {
  /** @type {Entry[]} */
  const entries = [];
  for (const [key, members] of groups) {
    if (key !== "" && members.length >= least) entries.push(fold(key, members));
    else entries.push(...members);
  }
  return entries;
}

/**
 * Runs of equal length of at most FOLD_SIZE.
 *
 * @param {Entry[]} entries
 * @param {(id: number) => string} labelOf
 * @returns {Fold[]}
 */
function inRuns(entries, labelOf) {
  let runs = entries;
  do {
    const count = Math.ceil(runs.length / FOLD_SIZE);
    const length = Math.ceil(runs.length / count);
    const source = runs;
    runs = Array.from({ length: count }, (_, run) => {
      const members = source.slice(run * length, (run + 1) * length);
      return { label: runLabel(members, labelOf), members };
    });
  } while (runs.length > FOLD_SIZE);
  return /** @type {Fold[]} */ (runs);
}

/** @param {Entry[]} members @param {(id: number) => string} labelOf */
function runLabel(members, labelOf) {
  const first = entryLabel(members[0], labelOf, 0);
  const last = entryLabel(members[members.length - 1], labelOf, 1);
  return first === last ? first : `${first} … ${last}`;
}

/**
 * @param {Entry} entry
 * @param {(id: number) => string} labelOf
 * @param {0|1} end which end of a run's label
 */
function entryLabel(entry, labelOf, end) {
  if (typeof entry === "number") return labelOf(entry);
  const ends = entry.label.split(" … ");
  return ends[Math.min(end, ends.length - 1)];
}
