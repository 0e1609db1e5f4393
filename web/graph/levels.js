import { findHubs } from "./hubs.js";
import { EdgeKind } from "./types.js";

/** @typedef {import("./tree.js").DisplayTree} DisplayTree */

/** More edges than that across one side of a container are not drawn inside it one by one. */
const MOST_PORTS = 10;
const PORT_SPACE = 32;
const BOX_SPACE = 4096;

/** Sides of a container. */
export const IN = 0;
export const OUT = 1;

/**
 * The places on one side of a container where edges cross it: one for each box (or place on a
 * box) inside that they lead to or come from.
 */
class Ports {
  /** @type {Map<number, number>} by id * PORT_SPACE + port of the box inside */
  #ports = new Map();

  /** @param {number} id @param {number} port */
  add(id, port) {
    const key = id * PORT_SPACE + port;
    if (!this.#ports.has(key)) this.#ports.set(key, this.#ports.size);
  }

  /** Whether there are too many to be drawn: then all edges meet in one. */
  get isMerged() {
    return this.#ports.size > MOST_PORTS;
  }

  /** How many are drawn. */
  get count() {
    return this.isMerged ? 0 : this.#ports.size;
  }

  /** @param {number} id @param {number} port of the box inside */
  indexOf(id, port) {
    return this.isMerged ? 0 : (this.#ports.get(id * PORT_SPACE + port) ?? 0);
  }

  /** What each leads to, inside. @returns {{id: number, port: number}[]} */
  list() {
    if (this.isMerged) return [];
    return [...this.#ports.keys()].map((key) => ({
      id: Math.floor(key / PORT_SPACE),
      port: key % PORT_SPACE,
    }));
  }
}

/**
 * An edge that is drawn: all edges of the graph between two boxes (or places on boxes).
 *
 * @typedef {object} LevelEdge
 * @property {number} from box number; for a port, the number of boxes + the port's
 * @property {number} to
 * @property {number} fromPort
 * @property {number} toPort
 * @property {number} count
 * @property {number} kind the last in `EdgeKind` of their kinds
 * @property {boolean} closesLoop whether all lead from one iteration of a loop to the next
 */

/**
 * An edge across the border of a container.
 *
 * @typedef {object} Crossing
 * @property {number} edge
 * @property {number} op at its end inside
 * @property {number} id the box that is or holds the op
 */

/**
 * One container's content: boxes and the edges among them, before layout.
 *
 * @typedef {object} Level
 * @property {number} container
 * @property {Int32Array} boxes ids; the numbers of boxes are positions in it
 * @property {Map<number, number>} numbers box number by id
 * @property {Set<number>} hubs ids of boxes that stand beside the level
 * @property {[Ports, Ports]} ports on the upper (IN) and lower (OUT) side. The pseudo-boxes that
 *   edges to them end at are numbered after the boxes, IN before OUT
 * @property {LevelEdge[]} edges
 * @property {Map<number, number>} edgeNumbers by `edgeKey`
 * @property {Uint16Array} stubs per box, edges to or from hubs, which are not drawn
 */

/** @typedef {(id: number) => Level|undefined} ExpandedLevel the level of an expanded container */

/** @param {number} from @param {number} fromPort @param {number} to @param {number} toPort */
export function edgeKey(from, fromPort, to, toPort) {
  return ((from * PORT_SPACE + fromPort) * BOX_SPACE + to) * PORT_SPACE + toPort;
}

/** Builds levels; what is inside an expanded box must be built before what is around it. */
export class Levels {
  /** @type {Map<number, Set<number>>} */
  #hubs = new Map();
  /** @type {Map<number, [Crossing[], Crossing[]]>} */
  #crossings = new Map();

  /** @param {DisplayTree} tree */
  constructor(tree) {
    this.tree = tree;
    /** Working memory, see `fillChildOf`: for building a level, and for finding hubs meanwhile. */
    this.childOf = new Int32Array(tree.model.nodeCount);
    this.hubChildOf = new Int32Array(tree.model.nodeCount);
  }

  /** @param {number} container @returns {Set<number>} */
  hubs(container) {
    let hubs = this.#hubs.get(container);
    if (!hubs) {
      fillChildOf(this.tree, container, this.hubChildOf);
      this.#hubs.set(container, (hubs = findHubs(this.tree, container, this.hubChildOf)));
    }
    return hubs;
  }

  /**
   * The port of a box in `container` at which an edge of an op in the box ends.
   *
   * @param {number} op
   * @param {number} box id
   * @param {0|1} side OUT at the edge's source
   * @param {ExpandedLevel} expandedLevel
   */
  #portOf(op, box, side, expandedLevel) {
    if (!expandedLevel(box)) return 0;
    const { parents, model } = this.tree;
    let id = model.anchors[op];
    let port = 0;
    while (id !== box) {
      const around = parents[id];
      port = expandedLevel(around)?.ports[side].indexOf(id, port) ?? 0;
      id = around;
    }
    return port;
  }

  /** @param {number} container @param {ExpandedLevel} expandedLevel @returns {Level} */
  build(container, expandedLevel) {
    const boxes = this.tree.children(container);
    /** @type {Level} */
    const level = {
      container,
      boxes,
      numbers: new Map(Array.from(boxes, (id, number) => [id, number])),
      hubs: this.hubs(container),
      ports: [new Ports(), new Ports()],
      edges: [],
      edgeNumbers: new Map(),
      stubs: new Uint16Array(boxes.length),
    };
    fillChildOf(this.tree, container, this.childOf);
    this.#addInnerEdges(level, expandedLevel);
    const crossings = this.#crossingsOf(container);
    const ports = [
      this.#addPorts(level, crossings, IN, expandedLevel),
      this.#addPorts(level, crossings, OUT, expandedLevel),
    ];
    this.#addPortEdges(level, crossings[IN], ports[IN], IN);
    this.#addPortEdges(level, crossings[OUT], ports[OUT], OUT);
    return level;
  }

  /**
   * Found once: what is expanded decides only at which port an edge ends. `childOf` must be set.
   *
   * @param {number} container
   */
  #crossingsOf(container) {
    let found = this.#crossings.get(container);
    if (!found) {
      found = [this.#crossingEdges(container, IN), this.#crossingEdges(container, OUT)];
      this.#crossings.set(container, found);
    }
    return found;
  }

  /** @param {Level} level @param {ExpandedLevel} expandedLevel */
  #addInnerEdges(level, expandedLevel) {
    const { model } = this.tree;
    const { childOf } = this;
    for (const edge of this.tree.edgesWithin(level.container)) {
      const [source, target] = [model.edgeFrom[edge], model.edgeTo[edge]];
      const [from, to] = [childOf[source], childOf[target]];
      const fromBox = /** @type {number} */ (level.numbers.get(from));
      const toBox = /** @type {number} */ (level.numbers.get(to));
      if (level.hubs.has(from) || level.hubs.has(to)) {
        level.stubs[fromBox]++;
        level.stubs[toBox]++;
        continue;
      }
      const fromPort = this.#portOf(source, from, OUT, expandedLevel);
      const toPort = this.#portOf(target, to, IN, expandedLevel);
      addEdge(level, fromBox, fromPort, toBox, toPort, model, edge);
    }
  }

  /**
   * Edges that cross one side of the container, but those of hubs.
   *
   * @param {number} container
   * @param {0|1} side
   */
  #crossingEdges(container, side) {
    const { tree } = this;
    const hubs = this.hubs(container);
    const { model, start, end, position } = tree;
    const [first, edges, far] =
      side === OUT
        ? [model.outStart, model.outEdges, model.edgeTo]
        : [model.inStart, model.inEdges, model.edgeFrom];
    /** @type {Crossing[]} */
    const crossing = [];
    for (let place = start[container]; place < end[container]; place++) {
      const op = tree.ops[place];
      if (model.anchors[op] === container) continue;
      for (let i = first[op]; i < first[op + 1]; i++) {
        const edge = edges[i];
        const outside = position[far[edge]];
        if (outside >= start[container] && outside < end[container]) continue;
        const id = this.childOf[op];
        if (hubs.has(id) || this.#endsAtHub(edge)) continue;
        crossing.push({ edge, op, id });
      }
    }
    return crossing;
  }

  /**
   * Add the ports on one side of a level.
   *
   * @param {Level} level
   * @param {[Crossing[], Crossing[]]} crossings
   * @param {0|1} side
   * @param {ExpandedLevel} expandedLevel
   * @returns {number[]} for each crossing edge, the port of the box inside
   */
  #addPorts({ ports }, crossings, side, expandedLevel) {
    return crossings[side].map(({ op, id }) => {
      const port = this.#portOf(op, id, side, expandedLevel);
      ports[side].add(id, port);
      return port;
    });
  }

  /** @param {number} edge */
  #endsAtHub(edge) {
    const { tree } = this;
    const { edgeFrom, edgeTo, anchors } = tree.model;
    const container = tree.levelOf(edge);
    if (container < 0) return false;
    const hubs = this.hubs(container);
    if (hubs.size === 0) return false;
    return (
      hubs.has(tree.childToward(anchors[edgeFrom[edge]], container)) ||
      hubs.has(tree.childToward(anchors[edgeTo[edge]], container))
    );
  }

  /**
   * @param {Level} level
   * @param {Crossing[]} crossing
   * @param {number[]} inner for each, the port of the box inside
   * @param {0|1} side
   */
  #addPortEdges(level, crossing, inner, side) {
    if (level.ports[side].isMerged) return;
    const firstPort = level.boxes.length + (side === OUT ? level.ports[IN].count : 0);
    crossing.forEach(({ edge, id }, number) => {
      const box = /** @type {number} */ (level.numbers.get(id));
      const port = inner[number];
      const outer = firstPort + level.ports[side].indexOf(id, port);
      if (side === OUT) addEdge(level, box, port, outer, 0, this.tree.model, edge);
      else addEdge(level, outer, 0, box, port, this.tree.model, edge);
    });
  }
}

/**
 * Set, per op below the container, the child that is or holds it.
 *
 * @param {DisplayTree} tree
 * @param {number} container
 * @param {Int32Array} childOf
 */
function fillChildOf(tree, container, childOf) {
  for (const child of tree.children(container)) {
    for (let place = tree.start[child]; place < tree.end[child]; place++)
      childOf[tree.ops[place]] = child;
  }
}

/**
 * @param {Level} level
 * @param {number} from
 * @param {number} fromPort
 * @param {number} to
 * @param {number} toPort
 * @param {import("./model.js").GraphModel} model
 * @param {number} edge
 */
function addEdge(level, from, fromPort, to, toPort, model, edge) {
  const key = edgeKey(from, fromPort, to, toPort);
  let number = level.edgeNumbers.get(key);
  if (number === undefined) {
    number = level.edges.length;
    level.edgeNumbers.set(key, number);
    level.edges.push({
      from,
      to,
      fromPort,
      toPort,
      count: 0,
      kind: EdgeKind.control,
      closesLoop: true,
    });
  }
  const drawn = level.edges[number];
  drawn.count++;
  drawn.kind = Math.max(drawn.kind, model.edgeKind[edge]);
  if (drawn.closesLoop)
    drawn.closesLoop = model.type(model.edgeFrom[edge]).endsWith("NextIteration");
}
