import { createRef } from "../packages.js";
import { Lanes } from "../state/lanes.js";
import { Writers } from "../state/writers.js";
import { onFrame } from "../ui/frame.js";
import { html } from "../ui/html.js";
import { Panel } from "../ui/panel.js";
import { AXIS, LANE_HEIGHT, drawTimeline, drawingKey, moveAxis, stepAt } from "./timeline-drawing.js";

/** The region `Timeline`: drag to travel. */
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

  cells() {
    return [this.props.store.run];
  }

  componentDidMount() {
    super.componentDidMount();
    const { store } = this.props;
    const again = () => onFrame(this.#draw);
    this.watch(store.graph, (graph) => {
      this.#writers = graph === null ? null : new Writers(graph);
      this.#columns = null;
    });
    this.watch(store.run, again);
    this.watch(store.steps, again);
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

  #picture() {
    const { store } = this.props;
    const run = store.run.get();
    const { columns, count } = store.steps.get();
    if (this.#writers !== null && columns !== this.#columns) {
      this.#lanes = new Lanes(this.#writers);
      this.#columns = columns;
      this.#drawn = "";
    }
    this.#lanes?.extend(columns, count);
    const variables = store.graph.get()?.variables ?? [];
    const lanes = [...(this.#lanes?.writes ?? [])].map(([variable, writes]) => ({
      name: variables[variable].name, writes,
    }));
    const others = this.#lanes?.others ?? [];
    if (others.length > 0) lanes.push({ name: "other writes", writes: others });
    return {
      end: this.#end(), count, cursor: run?.cursor ?? 0,
      failures: this.#lanes?.failures ?? [], lanes, scrolled: this.#scrolled,
    };
  }

  #paint() {
    const axis = this.#axis.current;
    const canvas = this.#canvas.current;
    const context = canvas?.getContext("2d");
    if (!axis || !canvas || !context || this.props.store.run.get() === null) return;
    const picture = this.#picture();
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
        onPointerMove=${(/** @type {PointerEvent} */ event) => this.#dragging && this.#point(event)}
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
