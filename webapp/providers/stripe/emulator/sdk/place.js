// @ts-check
/** The node of the shop's page that an element is mounted on. */

import { IntegrationError } from "./refusal.js";
import { RIM } from "./room.js";

const BASE_CLASS = "StripeElement";

/** @typedef {{empty: boolean, complete: boolean, focused: boolean, invalid: boolean}} FieldState */

/** @type {Record<keyof FieldState, string>} */
const ENDS = { empty: "empty", complete: "complete", focused: "focus", invalid: "invalid" };

/**
 * @param {unknown} target
 * @returns {HTMLElement}
 */
export function findPlace(target) {
  const found = typeof target === "string" ? document.querySelector(target) : target;
  if (found instanceof HTMLElement) return found;
  throw new IntegrationError(
    `mount(): ${typeof target === "string" ? `\`${target}\`` : "the target"} is no element on this page.`,
  );
}

/**
 * Room at once, so that nothing below jumps when the frame arrives; and the focus when its label is pressed.
 * @param {HTMLElement} place
 * @param {HTMLIFrameElement} frame
 * @param {number} pixels
 * @param {() => void} focus
 */
export function furnish(place, frame, pixels, focus) {
  place.classList.add(BASE_CLASS);
  place.style.minHeight = `${pixels - 2 * RIM}px`;
  Object.assign(frame.style, { height: `${pixels}px`, margin: `-${RIM}px`, width: `calc(100% + ${2 * RIM}px)` });
  place.replaceChildren(frame);
  const labels = place.id ? document.querySelectorAll(`label[for="${CSS.escape(place.id)}"]`) : [];
  labels.forEach((label) => label.addEventListener("click", focus));
  return () => labels.forEach((label) => label.removeEventListener("click", focus));
}

/** @param {HTMLElement | null} place @param {FieldState} state */
export function mark(place, state) {
  for (const [name, on] of Object.entries(state)) {
    place?.classList.toggle(`${BASE_CLASS}--${ENDS[/** @type {keyof FieldState} */ (name)]}`, on);
  }
}

/** @param {HTMLElement | null} place */
export function clear(place) {
  place?.classList.remove(BASE_CLASS, ...Object.values(ENDS).map((end) => `${BASE_CLASS}--${end}`));
  place?.style.removeProperty("min-height");
}
