import { drawBadge, drawProgress, drawToggle } from "./draw-marks.js";
import { LABEL_SIZE, TITLE_HEIGHT, TITLE_SIGNS } from "./sizes.js";
import { State } from "./types.js";

/** @typedef {import("./draw.js").Picture} Picture */

/** Smallest text on the screen, and the size up to which a lone label grows when zoomed out. */
const LEAST_TEXT = 6.5;
const WISHED_TEXT = 10.5;
const MOST_GROWTH = 2.6;
/** Smallest text on the screen for op types, badges and counts. */
const LEAST_DETAIL = 6.8;

/** @param {CanvasRenderingContext2D} context @param {Picture} picture @param {number[]} boxes */
export function drawTitles(context, picture, boxes) {
  const { scene, theme, tree, text, view } = picture;
  if (LABEL_SIZE * view.k < LEAST_TEXT) return;
  context.textBaseline = "middle";
  for (const box of boxes) {
    const [x, y, w] = [scene.left[box], scene.top[box], scene.width[box]];
    const middle = y + TITLE_HEIGHT / 2 + 1;
    drawToggle(context, true, x + 17, middle, theme["--graph-muted"]);
    const label = text.fit(tree.label(scene.ids[box]), "label", w - TITLE_SIGNS);
    context.textAlign = "left";
    context.font = text.font("label");
    // A patch of paper, because edges may pass behind the title.
    context.fillStyle = theme["--graph-scope"];
    context.fillRect(x + 28, middle - 9, text.width(label, "label") + 6, 18);
    context.fillStyle = theme["--graph-scope-text"];
    context.fillText(label, x + 31, middle);
    const kind = callKind(picture, box);
    context.font = text.font("type");
    if (kind)
      drawBadge(context, kind, x + w - 10, middle, theme["--graph-loop"], theme["--graph-bg"]);
  }
}

/** @param {CanvasRenderingContext2D} context @param {Picture} picture @param {number[]} boxes */
export function drawTexts(context, picture, boxes) {
  const { view, scene, tree } = picture;
  context.textBaseline = "middle";
  for (const box of boxes) {
    if (tree.isContainer(scene.ids[box])) drawContainerText(context, picture, box);
    else if (view.k * 11 < LEAST_DETAIL)
      drawLoneLabel(context, picture, box, 12, scene.height[box] / 2);
    else drawOpText(context, picture, box);
  }
}

/** @param {CanvasRenderingContext2D} context @param {Picture} picture @param {number} box */
function drawOpText(context, { scene, tree, text, theme }, box) {
  const op = scene.ids[box];
  const { model } = tree;
  const [x, y, w, h] = [scene.left[box], scene.top[box], scene.width[box], scene.height[box]];
  const room = w - 22;
  context.textAlign = "center";
  context.font = text.font("label");
  context.fillStyle = theme["--graph-node-text"];
  context.fillText(text.fit(tree.label(op), "label", room), x + w / 2, y + h / 2 - 7);
  context.font = text.font("type");
  const held = model.variableKind.get(op);
  const type = text.fit(model.type(op), "type", room - (held ? 38 : 0));
  const typeWidth = text.width(type, "type");
  const badgeWidth = held ? text.width(badgeText(held), "type") + 16 : 0;
  const left = x + (w - typeWidth - badgeWidth) / 2;
  context.fillStyle = theme["--graph-muted"];
  context.textAlign = "left";
  context.fillText(type, left, y + h / 2 + 9);
  if (held) {
    const right = left + typeWidth + badgeWidth;
    drawBadge(
      context,
      badgeText(held),
      right,
      y + h / 2 + 9,
      theme["--graph-variable"],
      theme["--graph-bg"],
    );
  }
}

/** @param {"ref"|"resource"} held */
function badgeText(held) {
  return held === "ref" ? "ref" : "res";
}

/**
 * A label alone, that grows when zoomed out as far as the box has room.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Picture} picture
 * @param {number} box
 * @param {number} side
 * @param {number} middle
 */
function drawLoneLabel(context, { scene, tree, text, theme, view }, box, side, middle) {
  const label = tree.label(scene.ids[box]);
  const room = scene.width[box] - side;
  const least = Math.max(1, LEAST_TEXT / (LABEL_SIZE * view.k));
  const shown = text.fit(label, "label", room / least);
  const growth = Math.min(
    MOST_GROWTH,
    WISHED_TEXT / (LABEL_SIZE * view.k),
    room / text.width(shown, "label"),
    scene.height[box] / (LABEL_SIZE * 1.25),
  );
  const size = LABEL_SIZE * Math.max(1, growth);
  if (size * view.k < LEAST_TEXT) return;
  context.textAlign = "center";
  context.font = text.font("label", size);
  context.fillStyle = theme["--graph-node-text"];
  context.fillText(shown, scene.left[box] + scene.width[box] / 2, scene.top[box] + middle);
}

/** @param {CanvasRenderingContext2D} context @param {Picture} picture @param {number} box */
function drawContainerText(context, picture, box) {
  const { scene, tree, text, theme, view, states } = picture;
  const id = scene.ids[box];
  const [x, y, w, h] = [scene.left[box], scene.top[box], scene.width[box], scene.height[box]];
  const progress = states.progress[box];
  const middle = progress >= 0 ? h / 2 - 3 : h / 2;
  if (progress >= 0) {
    const state = states.state[box];
    const colour =
      theme[
        state === State.failed
          ? "--state-failed"
          : state === State.dead
            ? "--state-dead"
            : "--state-done"
      ];
    drawProgress(context, progress, x + 12, y + h - 9, w - 24, theme, colour);
  }
  if (view.k * 11 < LEAST_DETAIL) {
    drawLoneLabel(context, picture, box, 14, middle);
    return;
  }
  drawToggle(context, false, x + 17, y + middle, theme["--graph-muted"]);
  context.font = text.font("type");
  context.textAlign = "right";
  context.fillStyle = theme["--graph-muted"];
  const kind = callKind(picture, box);
  const detail = kind ?? String(tree.end[id] - tree.start[id]);
  context.fillText(detail, x + w - 12, y + middle);
  context.font = text.font("label");
  context.textAlign = "left";
  context.fillStyle = theme["--graph-scope-text"];
  const room = w - 31 - 20 - text.width(detail, "type");
  context.fillText(text.fit(tree.label(id), "label", room), x + 30, y + middle);
}

/**
 * What kind of call a container is, if it is one.
 *
 * @param {Picture} picture
 * @param {number} box
 * @returns {string|null}
 */
export function callKind({ scene, tree }, box) {
  const node = tree.nodeOf(scene.ids[box]);
  return node >= 0 && tree.isContainer(scene.ids[box])
    ? (tree.model.calls[node]?.kind ?? null)
    : null;
}
