// @ts-check
/** One Element: a frame with fields in it, its place in the shop's page, and its events. */

import { makeFrame } from "./frame.js";
import { makeHearing } from "./hearing.js";
import { keepInside } from "./inside.js";
import { clear, findPlace, furnish } from "./place.js";
import { IntegrationError, unreachable } from "./refusal.js";
import { roomFor } from "./room.js";
import { word } from "./words.js";

/**
 * @typedef {import("./listeners.js").Handler} Handler
 * @typedef {{language: import("./words.js").Language, appearance: {theme?: unknown, variables?: object},
 *   types?: string[]}} Look
 * @typedef {{look: () => Look, load: () => Promise<import("./refusal.js").StripeError | null>,
 *   forget: () => void}} Group
 */

/** Milliseconds after which a frame that said nothing is taken to be out of reach. */
const PATIENCE_MS = 15_000;

/**
 * @param {import("./inside.js").ElementType} kind
 * @param {object} given options of `elements.create()`
 * @param {Group} group
 */
export function makeElement(kind, given, group) {
  /** @type {import("./frame.js").Frame | null} */
  let frame = null;
  /** @type {HTMLElement | null} */
  let place = null;
  let unlabel = () => {};
  let destroyed = false;
  const options = { ...given };
  const hearing = makeHearing(kind);

  /** @param {string | HTMLElement} target */
  function mount(target) {
    if (destroyed) throw new IntegrationError("This Element has been destroyed. Please create a new one.");
    unmount();
    place = findPlace(target);
    const look = group.look();
    frame = makeFrame(`elements/${kind}`, word(kind, look.language), { ...look, options }, (message) =>
      hearing.hear(message, place, frame?.element),
    );
    unlabel = furnish(place, frame.element, roomFor(kind, look.appearance), focus);
    restyle();
    void settle(frame);
  }

  /** @param {import("./frame.js").Frame} made */
  async function settle(made) {
    await null;
    if (kind === "payment") hearing.emit("loaderstart");
    const late = new Promise((resolve) => setTimeout(() => resolve(unreachable()), PATIENCE_MS));
    const error = (await group.load()) ?? (await Promise.race([made.loaded, late]));
    if (frame !== made) return;
    restyle();
    if (!error) return hearing.emit("ready");
    made.element.style.display = "none";
    hearing.emit("loaderror", { error });
  }

  function unmount() {
    frame?.remove();
    unlabel();
    clear(place);
    frame = place = null;
  }

  function focus() {
    frame?.element.focus();
    frame?.tell({ type: "focus" });
  }

  function restyle() {
    if (!frame) return;
    const look = group.look();
    // A frame whose colour scheme differs from that of its document is painted on an opaque ground.
    frame.element.style.colorScheme = look.appearance.theme === "night" ? "dark" : "light";
    frame.element.title = word(kind, look.language);
    frame.tell({ type: "set", ...look, options });
  }

  /** @param {object} message */
  async function ask(message) {
    if (frame) return frame.ask(message);
    throw new IntegrationError("This Element isn't mounted. Please make sure that it is still on the page.");
  }

  const element = {
    mount,
    unmount,
    focus,
    destroy: () => (unmount(), (destroyed = true), group.forget()),
    blur: () => frame?.tell({ type: "blur" }),
    clear: () => frame?.tell({ type: "clear" }),
    collapse: () => (frame?.tell({ type: "collapse" }), element),
    /** @param {object} change */
    update: (change) => (Object.assign(options, change), restyle(), element),
    /** @param {string} type @param {Handler} call */
    on: (type, call) => (hearing.add(type, call), element),
    /** @param {string} type @param {Handler} call */
    once: (type, call) => (hearing.add(type, call, true), element),
    /** @param {string} type @param {Handler} [call] */
    off: (type, call) => (hearing.drop(type, call), element),
  };
  keepInside(element, { kind, ask, restyle });
  return element;
}
