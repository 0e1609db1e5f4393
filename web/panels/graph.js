import { createRef } from "../packages.js";
import { errorBody } from "../connection/failure.js";
import { html } from "../ui/html.js";
import { onFrame } from "../ui/frame.js";
import { Panel } from "../ui/panel.js";

/** Steps that follow one another faster than this are drawn without motion. */
const HURRIED_MS = 250;
/** What nobody waits for is done after the frame that somebody waits for. */
const AFTER_FRAME_MS = 2;

/** @typedef {ReturnType<typeof import("../graph/view.js").createGraphView>} GraphView */

/** The region `Graph`: the drawing. @extends {Panel<{ problem: string | null }>} */
export class Graph extends Panel {
  /** @type {import("../packages.js").RefObject<HTMLElement | null>} */
  #element = createRef();
  /** @type {GraphView | null} */
  #view = null;
  /** Nodes executed since the last frame, in order. @type {number[]} */
  #executed = [];
  #steppedAt = -Infinity;
  /** A timer. */
  #preparing = 0;

  /** @type {{ problem: string | null }} */
  state = { problem: null };

  componentDidMount() {
    super.componentDidMount();
    void this.#mount();
  }

  async #mount() {
    try {
      const { createGraphView } = await import("../graph/view.js");
      if (this.#element.current === null) return;
      const { actions } = this.props;
      this.#view = createGraphView(this.#element.current, {
        onSelect: actions.select,
        onFire: actions.fire,
        onHover: () => {},
      });
    } catch (error) {
      this.setState({ problem: `The graph cannot be drawn: ${errorBody(error).message}` });
      return;
    }
    this.#connect(this.#view);
  }

  /** @param {GraphView} view */
  #connect(view) {
    const { store } = this.props;
    this.watch(store.model, (model) => model !== null && view.setModel(model));
    this.watch(store.needed, (needed) => view.setRun({ needed }));
    const drawStates = () => {
      const nodes = this.#executed;
      this.#executed = [];
      view.setStates(store.states.get().nodes.states);
      if (nodes.length > 0) view.steps(nodes);
      clearTimeout(this.#preparing);
      this.#preparing = setTimeout(() => prepareNext(store, view), AFTER_FRAME_MS);
    };
    this.watch(store.states, ({ nodes }) => {
      const now = performance.now();
      view.setHurried(now - this.#steppedAt < HURRIED_MS && store.run.get()?.state === "paused");
      this.#steppedAt = now;
      for (const node of nodes.latest) this.#executed.push(node);
      onFrame(drawStates);
    });
    this.watch(store.next, (next) => view.setNext(next?.op ?? null));
    this.watch(store.run, (run) => view.setManual(run?.schedule === "manual"));
    this.watch(store.race, (number) => view.setRace(raceOf(store, number)));
    this.watch(store.selection, (node) => view.select(node, { reveal: true }));
    this.whenGone(() => view.destroy());
  }

  render() {
    return html`<section class="panel graph" aria-label="Graph">
      ${this.state.problem !== null && html`<p class="empty" role="alert">${this.state.problem}</p>`}
      <div class="graph-mount" ref=${this.#element}></div>
    </section>`;
  }
}

/**
 * Lay out the op that will be next after a step, as far as that can be known before.
 * @param {import("../state/store.js").Store} store
 * @param {GraphView} view
 */
function prepareNext(store, view) {
  const run = store.run.get();
  if (run === null || run.state === "running") return;
  const { columns, count } = store.steps.get();
  let node = null;
  if (run.cursor + 1 < count) node = columns.op[run.cursor + 1];
  else if (run.cursor === count && run.schedule === "fifo") node = store.ready.get().nodeAt(1);
  if (node !== null) view.prepareNext(node);
}

/**
 * @param {import("../state/store.js").Store} store
 * @param {number | null} number
 */
function raceOf(store, number) {
  const race = number === null ? undefined : store.outcomes.get()?.found?.races[number];
  if (race === undefined) return null;
  const { variable, first, second } = race;
  return {
    first: first.op,
    second: second.op,
    label: `no order on ${variable}`,
    description: `Race on ${variable}: ${first.name} ${first.does}, ${second.name} ${second.does}, and nothing orders them`,
  };
}
