import { createRef } from "../packages.js";
import { Lanes } from "../state/lanes.js";
import { RaceMarks, markText, racesOfRun } from "../state/race-marks.js";
import { Writers } from "../state/writers.js";
import { onFrame } from "../ui/frame.js";
import { html } from "../ui/html.js";
import { Panel } from "../ui/panel.js";
import {
  AXIS, LANE_HEIGHT, drawTimeline, drawingKey, laneAt, marksAt, moveAxis, stepAt,
} from "./timeline-drawing.js";

/** @typedef {import("./timeline-drawing.js").TimelineLane} TimelineLane */
/** @typedef {import("./timeline-drawing.js").TimelinePicture} TimelinePicture */

/** The region `Timeline`: drag to travel. @extends {Panel<{ races: string }>} */
export class Timeline extends Panel {
  /** @type {import("../packages.js").RefObject<HTMLCanvasElement | null>} */
  #canvas = createRef();
  /** @type {import("../packages.js").RefObject<SVGElement | null>} */
  #axis = createRef();
  /** @type {import("../packages.js").RefObject<HTMLElement | null>} */
  #scroller = createRef();
  /** @type {import("../packages.js").RefObject<HTMLElement | null>} */
  #space = createRef();
  /** @type {Writers | null} */
  #writers = null;
  /** @type {Lanes | null} */
  #lanes = null;
  #races = new RaceMarks([], 0);
  /** How many markers of races are told of; -1 where they are others. */
  #told = 0;
  /** The steps that the lanes are of. @type {import("../state/step-columns.js").StepColumns | null} */
  #columns = null;
  #dragging = false;
  // Measured when they change: asking while other panels are being drawn would cost a layout.
  #size = { width: 0, height: 0 };
  #scrolled = 0;
  #hidden = 0;
  /** Values of custom properties in the theme. @type {Map<string, string>} */
  #colours = new Map();
  /** What is on the canvas. */
  #drawn = "";
  #draw = () => this.#paint();

  /** @type {{ races: string }} what is said of the markers of races */
  state = { races: "" };

  cells() {
    return [this.props.store.run];
  }

  componentDidMount() {
    super.componentDidMount();
    const { store } = this.props;
    const again = () => onFrame(this.#draw);
    this.watch(store.graph, (graph) => {
      this.#writers = graph === null ? null : new Writers(graph);
      this.#lanes = this.#columns = null;
      this.#races = new RaceMarks([], 0);
    });
    this.watch(store.run, again);
    this.watch(store.steps, again);
    this.watch(store.outcomes, again);
    this.watch(store.race, () => {
      this.#drawn = "";
      again();
      this.#reveal();
    });
    const themed = new MutationObserver(() => {
      this.#colours.clear();
      this.#drawn = "";
      again();
    });
    themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.whenGone(() => themed.disconnect());
    const scroller = this.#scroller.current;
    if (scroller === null) return;
    const resized = new ResizeObserver(() => {
      this.#size = { width: scroller.clientWidth, height: scroller.clientHeight };
      again();
    });
    resized.observe(scroller);
    this.whenGone(() => resized.disconnect());
  }

  #end() {
    const run = this.props.store.run.get();
    return run === null ? 0 : Math.max(run.total ?? 0, run.steps);
  }

  /** @returns {TimelinePicture} */
  #picture() {
    const { store } = this.props;
    const run = store.run.get();
    const { columns, count } = store.steps.get();
    const isOther = columns !== this.#columns;
    if (this.#writers !== null && isOther) {
      this.#lanes = new Lanes(this.#writers);
      this.#columns = columns;
      this.#drawn = "";
    }
    this.#lanes?.extend(columns, count);
    const races = racesOfRun(store.outcomes.get(), run);
    if (isOther || races !== this.#races.races) {
      this.#races = new RaceMarks(races, store.graph.get()?.nodes.name.length ?? 0);
      this.#told = -1;
      this.#drawn = "";
    }
    this.#races.extend(columns, count, run?.state === "finished" && count === run.steps);
    const race = this.#race();
    return {
      end: this.#end(), count, cursor: run?.cursor ?? 0,
      failures: this.#lanes?.failures ?? [], lanes: this.#rows(), scrolled: this.#scrolled,
      chosen: race && { variable: race.variable, accesses: this.#races.accessesOf(race) },
    };
  }

  /** The race that is shown, if it is one of the run. */
  #race() {
    const number = this.props.store.race.get();
    return number === null ? null : (this.#races.races[number] ?? null);
  }

  /** The lanes: of variables that the run wrote, then of others that its races are about. */
  #rows() {
    const variables = this.props.store.graph.get()?.variables ?? [];
    const races = new Map(this.#races.lanes);
    /** @type {TimelineLane[]} */
    const rows = [];
    for (const [variable, writes] of this.#lanes?.writes ?? []) {
      const { name } = variables[variable];
      rows.push({ name, writes, races: races.get(name) });
      races.delete(name);
    }
    for (const [name, lane] of races) rows.push({ name, writes: [], races: lane });
    const others = this.#lanes?.others ?? [];
    if (others.length > 0) rows.push({ name: "other writes", writes: others, races: undefined });
    return rows;
  }

  #paint() {
    const axis = this.#axis.current;
    const canvas = this.#canvas.current;
    const context = canvas?.getContext("2d");
    if (!axis || !canvas || !context || this.props.store.run.get() === null) return;
    const picture = this.#picture();
    this.#tell();
    const { width, height } = this.#size;
    moveAxis(axis, width, picture);
    // The canvas stays where it is and shows the part that is scrolled to.
    const hidden = Math.max(0, LANE_HEIGHT * (picture.lanes.length + 1) + 4 - height);
    if (this.#space.current !== null && hidden !== this.#hidden) {
      this.#hidden = hidden;
      this.#space.current.style.height = `${hidden}px`;
    }
    const ratio = devicePixelRatio;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
      this.#drawn = "";
    }
    const key = drawingKey(picture, height);
    if (key === this.#drawn) return;
    this.#drawn = key;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawTimeline(context, width, height, picture, (name) => this.#colour(name));
  }

  /** Say how many markers of races there are, where they have become more or others. */
  #tell() {
    const { reads, writes } = this.#races;
    if (reads + writes === this.#told) return;
    this.#told = reads + writes;
    this.setState({ races: this.#races.sentence() });
  }

  /** @param {string} name of a custom property */
  #colour(name) {
    let value = this.#colours.get(name);
    if (value === undefined) {
      value = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
      this.#colours.set(name, value);
    }
    return value;
  }

  /** @param {PointerEvent} event */
  #point(event) {
    const canvas = this.#canvas.current;
    if (canvas === null) return;
    const { left, width } = canvas.getBoundingClientRect();
    this.props.actions.goto(stepAt(event.clientX - left, this.#end(), width));
  }

  /** Scroll the lane of the race that is shown into view. */
  #reveal() {
    const scroller = this.#scroller.current;
    const lane = this.#rows().findIndex(({ name }) => name === this.#race()?.variable);
    if (scroller === null || lane < 0) return;
    const least = LANE_HEIGHT * (lane + 2) - this.#size.height;
    scroller.scrollTop = Math.min(LANE_HEIGHT * lane, Math.max(scroller.scrollTop, least));
  }

  /**
   * Say what the marker of a race under the pointer stands for.
   * @param {PointerEvent & { currentTarget: HTMLElement }} event
   */
  #hover(event) {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const rows = { lanes: this.#rows(), scrolled: this.#scrolled };
    const lane = laneAt(rows, event.clientY - top)?.races;
    const { step, reach } = marksAt(event.clientX - left, this.#end(), this.#size.width);
    const found = lane && this.#races.nearest(lane.variable, step, reach);
    const text = found ? markText(lane.variable, found.access, found.step) : "";
    if (event.currentTarget.title !== text) event.currentTarget.title = text;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { store, actions } = this.props;
    const run = store.run.get();
    if (run === null) return;
    const page = Math.max(1, Math.round(run.steps / 10));
    /** @type {Record<string, number>} */
    const steps = {
      ArrowLeft: run.cursor - 1,
      ArrowDown: run.cursor - 1,
      ArrowRight: run.cursor + 1,
      ArrowUp: run.cursor + 1,
      PageDown: run.cursor - page,
      PageUp: run.cursor + page,
      Home: 0,
      End: run.steps,
    };
    if (!(event.key in steps)) return;
    event.preventDefault();
    actions.goto(steps[event.key]);
  }

  render() {
    const { store } = this.props;
    const run = store.run.get();
    return html`<section class="panel timeline" aria-label="Timeline">
      <div
        class="timeline-scroll"
        ref=${this.#scroller}
        role="slider"
        tabindex=${run === null ? -1 : 0}
        aria-label="Step"
        aria-disabled=${run === null}
        aria-valuemin="0"
        aria-valuemax=${run?.steps ?? 0}
        aria-valuenow=${run?.cursor ?? 0}
        aria-description=${(run !== null && this.state.races) || null}
        aria-valuetext=${run === null ? "no run" : `step ${run.cursor} of ${run.steps} executed`}
        onKeyDown=${(/** @type {KeyboardEvent} */ event) => this.#key(event)}
        onScroll=${(/** @type {any} */ event) => {
          this.#scrolled = event.currentTarget.scrollTop;
          onFrame(this.#draw);
        }}
        onPointerDown=${(/** @type {any} */ event) => {
          if (event.button !== 0) return;
          this.#dragging = true;
          event.currentTarget.setPointerCapture(event.pointerId);
          this.#point(event);
        }}
        onPointerMove=${(/** @type {any} */ event) => {
          if (this.#dragging) this.#point(event);
          else this.#hover(event);
        }}
        onPointerUp=${() => {
          this.#dragging = false;
        }}
        onPointerCancel=${() => {
          this.#dragging = false;
        }}
      >
        <div class="timeline-view" hidden=${run === null}>
          <svg ref=${this.#axis} aria-hidden="true">${AXIS}</svg>
          <canvas ref=${this.#canvas}></canvas>
        </div>
        <div ref=${this.#space}></div>
      </div>
      ${run === null && html`<p class="empty">No run yet. Its steps and the writes to variables appear here; drag to travel.</p>`}
    </section>`;
  }
}
