/**
 * Opening, joining and leaving sessions. The session's id is in the address (`#/session/<id>`), so
 * that a reload comes back and a second browser can join.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("../connection/socket.js").Connection} Connection
 * @typedef {import("./graph-data.d.ts").Suggestion} Suggestion
 * @typedef {ReturnType<typeof createSessions>} Sessions
 * @typedef {{ id: string, name: string, graph: import("./graph-data.d.ts").GraphData }} Begun
 */
import { errorBody } from "../connection/failure.js";
import * as http from "../connection/http.js";
import { applyAttach, applySteps } from "./apply-event.js";
import { ReadyOps } from "./ready-ops.js";

/**
 * @param {object} parts
 * @param {Store} parts.store
 * @param {Connection} parts.connection
 * @param {(graph: import("./graph-data.d.ts").GraphData) => import("./store.js").GraphModel} parts.buildModel
 * @param {(error: unknown) => void} parts.report
 */
export function createSessions({ store, connection, buildModel, report }) {
  /** Counts the sessions asked for, so that answers for an earlier one are not taken. */
  let visit = 0;
  let loadingSteps = false;
  /** The session that was begun here a moment ago. @type {Begun | null} */
  let begun = null;

  const leave = () => {
    visit++;
    connection.session = null;
    connection.seq = 0;
    for (const cell of [
      store.session, store.run, store.needed, store.next, store.selection, store.model,
      store.graph, store.opening, store.outcomes, store.search, store.race, store.comparison,
      store.chosenOutcome, store.repairs, store.models,
    ]) {
      cell.set(null);
    }
    store.ready.set(new ReadyOps());
    store.variables.set(new Map());
    store.console.set([]);
    store.runDialog.set(false);
  };

  const home = async () => {
    leave();
    try {
      store.home.set(await http.getHome());
    } catch (error) {
      report(error);
    }
  };

  /**
   * @param {string} id
   */
  const join = async (id) => {
    leave();
    const mine = visit;
    const known = begun?.id === id ? begun : null;
    begun = null;
    store.opening.set(known?.name ?? "the session");
    try {
      // Nobody waits with the picture for the worker, which is loading the program itself.
      if (known !== null) show({ ...known, alive: true });
      connection.session = id;
      await attach(id, mine);
    } catch (error) {
      if (mine !== visit) return;
      leave();
      location.hash = "#/";
      report(error);
    }
  };

  /** @param {Begun & { alive: boolean }} session */
  const show = ({ id, name, alive, graph }) => {
    const model = buildModel(graph);
    store.graph.set(graph);
    store.model.set(model);
    store.session.set({ id, program: graph.id, name, alive });
  };

  /**
   * @param {string} id
   * @param {number} mine
   */
  const attach = async (id, mine) => {
    const answer = await connection.request("attach", { session: id, seq: connection.seq });
    if (mine !== visit || answer.resumed) return;
    connection.seq = answer.seq;
    const { program, name, alive } = answer;
    if (store.graph.get()?.id !== program) {
      store.opening.set(name);
      // Events that arrive while the graph is on its way are for a state that is not there yet.
      connection.session = null;
      const graph = await http.getGraph(program);
      if (mine !== visit) return;
      show({ id, name, alive, graph });
      connection.session = id;
      connection.seq = 0;
      await attach(id, mine);
      return;
    }
    store.session.set({ id, program, name, alive });
    store.opening.set(null);
    applyAttach(store, answer);
  };

  const route = () => {
    const [, kind, id] = location.hash.slice(1).split("/");
    if (kind === "session" && id) {
      if (store.session.get()?.id !== id) void join(decodeURIComponent(id));
    } else if (kind === "program" && id) {
      void openProgram(decodeURIComponent(id), "the program");
    } else {
      void home();
    }
  };

  /**
   * Start a session of a program and go there.
   * @param {string} program
   * @param {string} name
   * @param {Suggestion | null} [suggestion] what to run in it, before what it suggests itself
   */
  const openProgram = async (program, name, suggestion = null) => {
    store.notice.set(null);
    store.opening.set(name);
    try {
      const [{ session }, graph] = await Promise.all([
        http.createSession(program),
        http.getGraph(program),
      ]);
      const suggestions = suggestion === null ? graph.suggestions : [suggestion, ...graph.suggestions];
      begun = { id: session, name, graph: { ...graph, suggestions } };
      location.hash = `#/session/${encodeURIComponent(session)}`;
    } catch (error) {
      store.opening.set(null);
      report(error);
    }
  };

  return {
    route,
    openProgram,

    /** @param {string} id */
    openSession(id) {
      location.hash = `#/session/${encodeURIComponent(id)}`;
    },

    goHome() {
      location.hash = "#/";
    },

    /**
     * Add files to the library as one program, and open it.
     * @param {File[]} files
     * @param {Suggestion | null} [suggestion] as for `openProgram`
     */
    async upload(files, suggestion = null) {
      if (files.length === 0) return;
      const name = files.map((file) => file.name).join(", ");
      store.notice.set(null);
      store.upload.set({ name, fraction: 0 });
      try {
        const program = await http.uploadProgram(files, (fraction) =>
          store.upload.set({ name, fraction }),
        );
        store.upload.set(null);
        await openProgram(program.id, program.name, suggestion);
      } catch (error) {
        store.upload.set(null);
        report(error);
      }
    },

    /** @param {string} program */
    async remove(program) {
      try {
        await http.deleteProgram(program);
        store.home.set(await http.getHome());
      } catch (error) {
        report(error);
      }
    },

    /** After the connection stood again: say what was seen last, and get the rest. */
    async rejoin() {
      const session = store.session.get();
      if (session === null || connection.session !== session.id) return false;
      try {
        await attach(session.id, visit);
      } catch (error) {
        if (errorBody(error).code !== "ConnectionLost") report(error);
      }
      return true;
    },

    /** Ask for the steps of the run that are not here, until all are. */
    async loadSteps() {
      if (loadingSteps) return;
      loadingSteps = true;
      try {
        for (;;) {
          const run = store.run.get();
          const { columns, count } = store.steps.get();
          if (run === null || count >= run.steps) break;
          const chunk = await connection.request("steps", { run: run.id, first: count });
          if (store.run.get()?.id !== run.id || store.steps.get().columns !== columns) continue;
          if (chunk.count === 0) break;
          applySteps(store, chunk);
        }
      } catch (error) {
        report(error);
      } finally {
        loadingSteps = false;
      }
    },
  };
}
