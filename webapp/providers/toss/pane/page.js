// @ts-check
// The page around Toss's widget: its button, its words, and what it shows when Toss is out of reach.

/** @template {Element} T @param {string} selector @param {new () => T} kind @returns {T} */
export function part(selector, kind) {
  const found = document.querySelector(selector);
  if (!(found instanceof kind)) throw new TypeError(selector);
  return found;
}

const pane = part("[data-toss]", HTMLElement);
const retry = part("[data-toss] [data-retry]", HTMLButtonElement);
export const button = part("button[data-pay]", HTMLButtonElement);

export const value = (/** @type {string} */ name) => pane.dataset[name] ?? "";

// Toss may leave the event out where its terms are ticked from the start; a press then tells.
const state = { ready: false, paying: false, agreed: true };

/** @param {Partial<typeof state>} change */
export function now(change) {
  Object.assign(state, change);
  button.disabled = !state.ready || state.paying || !state.agreed;
  button.setAttribute("aria-busy", String(state.paying));
}

/** @param {string} code Toss's, or "" to say nothing; the page holds the words for each, and for all others. */
export function say(code) {
  /** @type {HTMLTemplateElement | null} */
  const known = pane.querySelector(`[data-codes~="${CSS.escape(code)}"]`);
  const words = known ?? part("[data-toss] [data-codes=OTHER]", HTMLTemplateElement);
  const place = words.hasAttribute("data-quiet") ? "status" : "alert";
  for (const slot of pane.querySelectorAll("[role=status], [role=alert]")) {
    slot.textContent = code && slot.getAttribute("role") === place ? words.content.textContent : "";
  }
}

/** Nothing was drawn. Loading again keeps the same attempt and leaves nothing half drawn. */
export function giveUp() {
  now({ ready: false, paying: false });
  say("unreachable");
  retry.hidden = false;
  pane.dataset["lost"] = "unreachable";
}

/** It came after all, however late. */
export function welcome() {
  say("");
  retry.hidden = true;
  delete pane.dataset["lost"];
}

/** Pressed long ago, and nothing has come of it that can be seen. */
export function wonder() {
  say("slow");
  retry.hidden = false;
}

retry.addEventListener("click", () => window.location.reload());
document.addEventListener("reachable", () => {
  if (pane.dataset["lost"]) window.location.reload();
});
