/**
 * What a click in the region `Outcomes` does.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("../connection/socket.js").Connection} Connection
 */

/** How long a search may take that somebody asked for, in seconds. */
const BUDGET = 30;

/**
 * @param {Store} store
 * @param {Connection} connection
 * @param {(error: unknown) => void} report
 */
export function createOutcomeActions(store, connection, report) {
  /** @param {Promise<unknown>} answer */
  const expect = (answer) => void answer.then(() => store.notice.set(null), report);

  /**
   * @param {number} group
   * @param {number} first
   * @param {number} second
   */
  const compare = async (group, first, second) => {
    store.chosenOutcome.set(null);
    store.comparison.set({ group, first, second, diff: null });
    try {
      const diff = await connection.request("diff", { group, first, second });
      store.comparison.update((shown) => shown && { ...shown, diff });
    } catch (error) {
      store.comparison.set(null);
      report(error);
    }
  };

  return {
    /** Search for every result of the session's run, and make room for what is found. */
    findOutcomes() {
      store.outcomesOpen.set(true);
      store.outcomesWide.set(true);
      expect(connection.request("outcomes", { level: store.outcomesLevel.get(), budget: BUDGET }));
    },
    stopSearch() {
      const search = store.search.get();
      if (search !== null) expect(connection.request("cancel", { id: search.id }));
    },
    /** @param {import("./store.js").Level} level */
    setOutcomesLevel: (level) => store.outcomesLevel.set(level),
    /** @param {boolean} open */
    showOutcomes: (open) => store.outcomesOpen.set(open),
    /** @param {boolean} wide */
    widenOutcomes(wide) {
      store.outcomesWide.set(wide);
      if (wide) store.outcomesOpen.set(true);
    },

    /**
     * Run again, on a schedule that leads to an outcome; it pauses before the first op that races.
     * @param {number} group
     * @param {number} outcome
     */
    replay: (group, outcome) => expect(connection.request("replay", { group, outcome })),

    /**
     * Choose an outcome to compare; the second one of a group is compared with the first.
     * @param {number} group
     * @param {number} outcome
     */
    compareOutcome(group, outcome) {
      const chosen = store.chosenOutcome.get();
      const count = store.outcomes.get()?.found?.groups[group]?.count;
      if (chosen?.group === group && chosen.outcome === outcome) store.chosenOutcome.set(null);
      else if (chosen?.group === group) void compare(group, chosen.outcome, outcome);
      else if (count === 2) void compare(group, outcome, 1 - outcome);
      else store.chosenOutcome.set({ group, outcome });
    },
    closeComparison: () => store.comparison.set(null),

    /**
     * Ask for more outcomes of a group than are here.
     * @param {number} group
     */
    async moreOutcomes(group) {
      const state = store.outcomes.get();
      const first = state?.found?.groups[group]?.rows.length ?? 0;
      try {
        const { rows } = await connection.request("outcomeRows", { group, first });
        store.outcomes.update((now) => (now?.id === state?.id ? withRows(now, group, first, rows) : now));
      } catch (error) {
        report(error);
      }
    },

    /**
     * Look for what orders a race, and show the race in the graph.
     * @param {number} race
     */
    findRepairs(race) {
      store.race.set(race);
      store.repairs.set({ race, found: null, error: null });
      connection.request("repairs", { race }).catch((error) => {
        store.repairs.set(null);
        report(error);
      });
    },
    /** Compare with the same run under the other kind of variables. */
    compareModels() {
      store.models.set({ comparison: null, error: null });
      connection.request("compareModels", {}).catch((error) => {
        store.models.set(null);
        report(error);
      });
    },
    closeModels: () => store.models.set(null),
    closeRepairs: () => store.repairs.set(null),
    /**
     * The repaired program as files that belong together, none if there is no such program, with
     * the run that was repaired.
     * @param {number} repair
     * @returns {Promise<{ files: File[], run: import("./graph-data.d.ts").Suggestion | null }>}
     */
    async repairedProgram(repair) {
      try {
        const { files, fetches, targets, feeds } = await connection.request("repairedGraph", { repair });
        return {
          files: files.map(({ name, data }) => new File([data], name)),
          run: { title: "The repaired run", fetches, targets, feeds },
        };
      } catch (error) {
        report(error);
        return { files: [], run: null };
      }
    },

    /**
     * Show a race in the graph, or stop showing it.
     * @param {number | null} race
     */
    showRace: (race) => store.race.set(race),
  };
}

/**
 * @param {import("./store.js").OutcomesState | null} state
 * @param {number} group
 * @param {number} first
 * @param {import("../connection/protocol.d.ts").OutcomeRow[]} rows
 */
function withRows(state, group, first, rows) {
  if (state === null || state.found === null) return state;
  const groups = state.found.groups.map((given, number) =>
    number === group ? { ...given, rows: [...given.rows.slice(0, first), ...rows] } : given,
  );
  return { ...state, found: { ...state.found, groups } };
}
