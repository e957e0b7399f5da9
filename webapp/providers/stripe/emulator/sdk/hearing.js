// @ts-check
/** What an element's frame says, turned into the element's events, classes and height. */

import { makeListeners } from "./listeners.js";
import { mark } from "./place.js";

/** @param {string} kind of element */
export function makeHearing(kind) {
  const listeners = makeListeners({ elementType: kind });
  const state = { empty: true, complete: false, focused: false, invalid: false };

  /**
   * @param {import("./frame.js").Message} message
   * @param {HTMLElement | null} place
   * @param {HTMLIFrameElement | undefined} frame
   */
  function hear({ type, ...more }, place, frame) {
    if (type === "height" && frame) frame.style.height = `${Number(more.pixels)}px`;
    else if (type === "submit") place?.closest("form")?.requestSubmit();
    else if (type === "escape") listeners.emit(type);
    else if (type === "change") {
      const { empty, complete, error } = more.event;
      mark(place, Object.assign(state, { empty, complete, invalid: !!error }));
      listeners.emit(type, more.event);
    } else if (type === "focus" || type === "blur") {
      mark(place, Object.assign(state, { focused: type === "focus" }));
      listeners.emit(type);
    }
  }
  return { ...listeners, hear };
}
