// @ts-check
/** An iframe of the sandbox inside the shop's page, and the messages between the two. */

import { BASE, HOME } from "./home.js";

/**
 * @typedef {{stripe: string, type: string, [name: string]: any}} Message
 * @typedef {{element: HTMLIFrameElement, loaded: Promise<void>, tell: (message: object) => void,
 *   ask: (message: object) => Promise<any>, remove: () => void}} Frame
 */

/** Unguessable, so that no other script of the page can speak for a frame. */
function makeNonce() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("");
}

/**
 * Builds the frame; the caller puts it into the page. Styled through CSSOM, which a strict CSP allows.
 * @param {string} address below the sandbox's `/stripe`, or whole; `shop` and `frame` are added
 * @param {string} title read out by screen readers
 * @param {object} settings what the frame must know before it first paints
 * @param {(message: Message) => void} heard gets this frame's messages only
 * @returns {Frame}
 */
export function makeFrame(address, title, settings, heard) {
  const nonce = makeNonce();
  const url = new URL(address, `${BASE}/`);
  if (url.origin !== HOME) throw new TypeError("a frame of another origin");
  url.searchParams.set("shop", location.origin);
  url.searchParams.set("frame", nonce);
  // The fragment stays in the browser: no server and no log sees it.
  url.hash = encodeURIComponent(JSON.stringify(settings));
  const element = document.createElement("iframe");
  element.title = title;
  Object.assign(element.style, { border: "0", width: "100%", display: "block", colorScheme: "light" });
  const { loaded, ask, remove } = converse(element, nonce, heard);
  element.src = url.href;
  return {
    element,
    loaded,
    ask,
    tell: (message) => void loaded.then(() => deliver(element, nonce, message)),
    remove: () => (remove(), element.remove()),
  };
}

/** @param {HTMLIFrameElement} element @param {string} nonce @param {object} message */
function deliver(element, nonce, message) {
  element.contentWindow?.postMessage({ ...message, stripe: nonce }, HOME);
}

/**
 * @param {HTMLIFrameElement} element
 * @param {string} nonce
 * @param {(message: Message) => void} heard
 */
function converse(element, nonce, heard) {
  /** @type {Map<number, (value: any) => void>} */
  const waiting = new Map();
  let asked = 0;
  /** @type {() => void} */
  let arrive = () => {};
  /** @type {Promise<void>} */
  const loaded = new Promise((resolve) => (arrive = resolve));

  /** @param {MessageEvent} event */
  function listen(event) {
    if (event.origin !== HOME || event.source !== element.contentWindow || event.data?.stripe !== nonce) return;
    const { type, to, value } = event.data;
    if (type === "hello") arrive();
    else if (type === "answer") waiting.get(to)?.(value), waiting.delete(to);
    else heard(event.data);
  }
  addEventListener("message", listen);

  /** @param {object} message */
  async function ask(message) {
    await loaded;
    const number = ++asked;
    const answer = new Promise((resolve) => waiting.set(number, resolve));
    deliver(element, nonce, { ...message, number });
    return answer;
  }
  return { loaded, ask, remove: () => removeEventListener("message", listen) };
}
