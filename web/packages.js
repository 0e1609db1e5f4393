/**
 * The third-party modules of the page, from the copies in vendor/ (see vendor-manifest.json).
 * `packages.d.ts` beside this file gives tsc the types of the npm packages that they come from.
 */
export { Component, Fragment, createRef, h, options, render } from "./vendor/preact.mjs";
export { default as htm } from "./vendor/htm.mjs";
export { io } from "./vendor/socket.io.mjs";
