/**
 * @typedef {object} SearchIndex
 * @property {string[]} names
 * @property {string[]} lowerNames
 * @property {string[]} types
 * @property {Int32Array} typeIndex
 */

const RANKS = 5;

/**
 * Ops that match a query, best first: the whole name, the last part of the name, the start of a
 * part of the name, anything in the name, the op type; in graph order among equals.
 *
 * @param {SearchIndex} index
 * @param {string} query text (case is ignored) or `/regular expression/flags`
 * @param {number} limit
 * @returns {number[]}
 * @throws {SyntaxError} if the regular expression is malformed
 */
export function searchOps(index, query, limit) {
  const pattern = /^\/(.+)\/([a-z]*)$/s.exec(query);
  if (pattern)
    return searchPattern(index, new RegExp(pattern[1], pattern[2].replace(/[gy]/g, "")), limit);
  const text = query.trim().toLowerCase();
  return text === "" ? [] : searchText(index, text, limit);
}

/** @param {SearchIndex} index @param {RegExp} pattern @param {number} limit */
function searchPattern({ names, types, typeIndex }, pattern, limit) {
  const typeMatches = types.map((type) => pattern.test(type));
  const found = [];
  for (let op = 0; op < names.length && found.length < limit; op++) {
    if (typeMatches[typeIndex[op]] || pattern.test(names[op])) found.push(op);
  }
  return found;
}

/** @param {SearchIndex} index @param {string} text @param {number} limit */
function searchText({ lowerNames, types, typeIndex }, text, limit) {
  const typeMatches = types.map((type) => type.toLowerCase().includes(text));
  /** @type {number[][]} */
  const byRank = Array.from({ length: RANKS }, () => []);
  for (let op = 0; op < lowerNames.length; op++) {
    const name = lowerNames[op];
    const at = name.indexOf(text);
    if (at >= 0) {
      const found = byRank[nameRank(name, text, at)];
      if (found.length < limit) found.push(op);
    } else if (typeMatches[typeIndex[op]] && byRank[RANKS - 1].length < limit) {
      byRank[RANKS - 1].push(op);
    }
  }
  return byRank.flat().slice(0, limit);
}

/** @param {string} name @param {string} text @param {number} at where the text is first found */
function nameRank(name, text, at) {
  if (name.length === text.length) return 0;
  if (name.endsWith(text) && name[name.length - text.length - 1] === "/") return 1;
  return at === 0 || name[at - 1] === "/" ? 2 : 3;
}
