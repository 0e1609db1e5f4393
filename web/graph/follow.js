/** @typedef {import("./scene.js").SceneBuilder} SceneBuilder */
/** @typedef {import("./scene.js").Scene} Scene */

/** So many containers that were expanded to follow the run stay open behind it. */
const MOST_FOLLOWED = 10;

/**
 * What following the run to an op expands and collapses.
 *
 * @typedef {object} FollowingChange
 * @property {number[]} opened containers around the op, innermost first
 * @property {number[]} closed containers that were opened long ago
 * @property {number[]} followed containers that have been opened then, oldest first
 */

/**
 * Opens what hides the op that runs next, and closes behind the run what was opened for it.
 * The layout can be made before its op is known to be the next: a guess costs time that nobody
 * waits for.
 */
export class Following {
  /** Containers expanded to follow the run, oldest first. @type {number[]} */
  #followed = [];
  /** @type {{node: number, from: Scene, builder: SceneBuilder, scene: Scene}|null} */
  #prepared = null;

  /** Forget what was opened: another graph is shown, or everything was collapsed. */
  clear() {
    this.#followed = [];
    this.#prepared = null;
  }

  /** Containers that somebody closed. @param {number[]} ids */
  forget(ids) {
    this.#followed = this.#followed.filter((id) => !ids.includes(id));
  }

  /**
   * Lay out what `follow` will need if the run comes to an op while the scene is as it is now.
   *
   * @param {SceneBuilder} builder
   * @param {Scene} scene as it is shown
   * @param {number} node
   */
  prepare(builder, scene, node) {
    const change = this.#changeFor(builder, node);
    this.#prepared = null;
    if (isEmpty(change)) return;
    const ahead = builder.copy();
    apply(change, ahead);
    this.#prepared = { node, from: scene, builder: ahead, scene: ahead.build() };
  }

  /**
   * @param {SceneBuilder} builder
   * @param {Scene|undefined} scene as it is shown
   * @param {number} node
   * @returns {{anchor: number, builder: SceneBuilder, scene: Scene|undefined}|null} what to show
   *   instead, and the box that is to keep its place; null where nothing is to change
   */
  follow(builder, scene, node) {
    const change = this.#changeFor(builder, node);
    this.#followed = change.followed;
    if (isEmpty(change)) return null;
    const anchor = change.opened.at(-1) ?? builder.tree.model.anchors[node];
    const prepared = this.#prepared;
    if (prepared !== null && prepared.node === node && prepared.from === scene) {
      return { anchor, builder: prepared.builder, scene: prepared.scene };
    }
    apply(change, builder);
    return { anchor, builder, scene: undefined };
  }

  /** @param {SceneBuilder} builder @param {number} node @returns {FollowingChange} */
  #changeFor(builder, node) {
    const opened = collapsedAround(builder, node);
    const followed = [...this.#followed, ...opened.toReversed()];
    const closed = leftBehind(followed, builder, node);
    return { opened, closed, followed: followed.filter((id) => !closed.includes(id)) };
  }
}

/** @param {FollowingChange} change */
function isEmpty({ opened, closed }) {
  return opened.length === 0 && closed.length === 0;
}

/** @param {FollowingChange} change @param {SceneBuilder} builder */
function apply({ opened, closed }, builder) {
  for (const id of opened) builder.setExpanded(id, true);
  for (const id of closed) builder.setExpanded(id, false);
}

/**
 * The oldest containers that were expanded to follow, unless the op is in them.
 *
 * @param {number[]} followed oldest first
 * @param {SceneBuilder} builder
 * @param {number} node
 */
function leftBehind(followed, { tree }, node) {
  const place = tree.position[node];
  const isAround = (/** @type {number} */ id) => tree.start[id] <= place && place < tree.end[id];
  return followed.slice(0, -MOST_FOLLOWED).filter((id) => !isAround(id));
}

/**
 * The collapsed containers around an op, innermost first.
 *
 * @param {SceneBuilder} builder
 * @param {number} node
 */
export function collapsedAround(builder, node) {
  const { tree } = builder;
  const found = [];
  let id = tree.parents[tree.model.anchors[node]];
  for (; id !== tree.root && id >= 0; id = tree.parents[id]) {
    if (!builder.isExpanded(id)) found.push(id);
  }
  return found;
}
