// @ts-check
/** The 3-D Secure step: the bank's page in a dialog over the shop's page. */

import { makeFrame } from "./frame.js";
import { word } from "./words.js";

/** @typedef {"finished" | "abandoned"} Ending */

/**
 * Shows the page and waits for the buyer. Escape and the page's own close button abandon the step.
 * @param {string} address of the bank's page
 * @param {import("./words.js").Language} language
 * @returns {Promise<Ending>}
 */
export function openThreeD(address, language) {
  const title = word("threeD", language);
  const dialog = makeDialog(title);
  const focused = document.activeElement;
  return new Promise((resolve) => {
    const frame = makeFrame(localised(address, language), title, {}, (message) => {
      if (message.type === "finished") end("finished");
      else if (message.type === "closed") end("abandoned");
    });
    /** @param {Ending} ending */
    function end(ending) {
      frame.remove();
      dialog.remove();
      if (focused instanceof HTMLElement) focused.focus();
      resolve(ending);
    }
    // A native dialog keeps the focus inside and the page behind it still.
    dialog.addEventListener("cancel", (event) => (event.preventDefault(), end("abandoned")));
    // Without a press of hers on this page before, Escape closes it at once, and no `cancel` comes.
    dialog.addEventListener("close", () => end("abandoned"));
    dialog.firstElementChild?.append(frame.element);
    Object.assign(frame.element.style, { height: "100%", colorScheme: "light dark" });
    document.body.append(dialog);
    dialog.showModal();
    // Focus given to a frame before its page is there is lost.
    frame.element.addEventListener("load", () => (frame.element.blur(), frame.element.focus()));
  });
}

/** @param {string} address @param {string} language */
function localised(address, language) {
  const url = new URL(address);
  url.searchParams.set("locale", language);
  return url.href;
}

/** @param {string} title */
function makeDialog(title) {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-label", title);
  Object.assign(dialog.style, {
    position: "fixed",
    inset: "0",
    width: "100vw",
    height: "100dvh",
    maxWidth: "none",
    maxHeight: "none",
    margin: "0",
    padding: "0",
    border: "0",
    display: "grid",
    placeItems: "center",
    background: "rgb(10 15 30 / 0.6)",
    colorScheme: "light dark",
  });
  const box = document.createElement("div");
  Object.assign(box.style, {
    width: "min(100vw, 420px)",
    height: "min(100dvh, 560px)",
    overflow: "hidden",
    borderRadius: "16px",
    background: "Canvas",
    boxShadow: "0 24px 64px rgb(0 0 0 / 0.35)",
  });
  dialog.append(box);
  return dialog;
}
