// @ts-check
/** An iframe of the sandbox inside the shop's page, and the messages between the two. */

import { HOME } from "./home.js";

/**
 * @typedef {{toss: string, type: string, [name: string]: unknown}} Message
 * @typedef {{element: HTMLIFrameElement, loaded: Promise<void>, tell: (message: object) => void,
 *   remove: () => void}} Frame
 */

let count = 0;

/**
 * Builds the frame; the caller puts it into the page. Styled through CSSOM, which a strict CSP allows.
 * @param {string} path with its query; `shop` and `frame` are added
 * @param {string} title read out by screen readers
 * @param {(message: Message) => void} heard gets this frame's messages only
 * @returns {Frame}
 */
export function makeFrame(path, title, heard) {
  const name = `toss-${++count}`;
  const url = new URL(path, HOME);
  url.searchParams.set("shop", location.origin);
  url.searchParams.set("frame", name);
  const element = document.createElement("iframe");
  element.title = title;
  element.name = name;
  element.style.border = "0";
  element.style.width = "100%";
  element.style.height = "100%";
  element.style.display = "block";
  element.style.colorScheme = "light dark";

  /** @type {() => void} */
  let arrive = () => {};
  /** @type {Promise<void>} Its first word; an error page in its place says none. */
  const loaded = new Promise((resolve) => (arrive = resolve));

  /** @param {MessageEvent} event */
  function listen(event) {
    if (event.origin !== HOME || event.source !== element.contentWindow) return;
    if (!event.data || event.data.toss !== name) return;
    arrive();
    heard(event.data);
  }
  addEventListener("message", listen);
  element.src = url.href;
  return {
    element,
    loaded,
    tell: (message) => element.contentWindow?.postMessage({ ...message, toss: name }, HOME),
    remove: () => {
      removeEventListener("message", listen);
      element.remove();
    },
  };
}
