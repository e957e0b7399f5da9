// @ts-check
/**
 * The bank's page tells the shop's page how it ended, and notices when it was ended from outside.
 * Loaded before what it works on, so that no key is missed.
 */

const CHECK_MS = 1000;

const words = () => document.querySelector("main")?.dataset ?? {};

/** @param {string} type */
function tell(type) {
  const { shop, frame } = words();
  if (frame && shop && parent !== window) parent.postMessage({ type, stripe: frame }, shop);
}

async function look() {
  const state = new URL(`${location.pathname}/state${location.search}`, location.origin);
  const answer = await fetch(state).then((found) => found.json(), () => ({ open: true }));
  if (answer.open) setTimeout(look, CHECK_MS);
  // Asking again shows what became of the step; with a fragment the browser would stay where it is.
  else location.replace(location.pathname + location.search);
}

addEventListener("DOMContentLoaded", () => {
  const { message } = words();
  if (message) tell(message);
  else if (document.querySelector(".choices")) setTimeout(look, CHECK_MS);
});

addEventListener("keydown", (event) => {
  if (event.key === "Escape") tell("closed");
});
