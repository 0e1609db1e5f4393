export { Component, Fragment, createRef, h, options, render } from "preact";
export type { ComponentChild, ComponentChildren, RefObject, VNode } from "preact";
export { default as htm } from "htm";
export { io } from "socket.io-client";
export type { Socket } from "socket.io-client";
