// @ts-check
// The page around Stripe's form: its button, its words, and what it shows when there is no form.

/** @template {Element} T @param {string} selector @param {new () => T} kind @returns {T} */
export function part(selector, kind) {
  const found = document.querySelector(selector);
  if (!(found instanceof kind)) throw new TypeError(selector);
  return found;
}

const pane = part("[data-stripe]", HTMLElement);
const retry = part("[data-stripe] [data-retry]", HTMLButtonElement);
export const button = part("button[data-pay]", HTMLButtonElement);

export const value = (/** @type {string} */ name) => pane.dataset[name] ?? "";

/** `absent` says why there is no form: once Stripe's script is here, the payment may have moved on in another tab. */
export const state = { ready: false, paying: false, absent: "unreachable" };

/** @param {Partial<typeof state>} change */
export function now(change) {
  Object.assign(state, change);
  button.disabled = !state.ready || state.paying;
  button.setAttribute("aria-busy", String(state.paying));
}

/** @param {(string | undefined)[]} codes the page's words for the first that it has words for; none, and it is quiet */
export function say(...codes) {
  const known = codes.map((code) => code && pane.querySelector(`[data-codes~="${CSS.escape(code)}"]`));
  const words = /** @type {HTMLTemplateElement | undefined} */ (known.find(Boolean));
  part("[data-stripe] [role=alert]", HTMLElement).textContent = words?.content.textContent?.trim() ?? "";
}

/** @param {string} code why there is nothing to press; loading again keeps the payment and leaves nothing half drawn */
export function giveUp(code) {
  now({ ready: false, paying: false });
  say(code);
  retry.hidden = false;
  pane.dataset["lost"] = code;
}

/** It came after all, however late. */
export function welcome() {
  say();
  retry.hidden = true;
  delete pane.dataset["lost"];
}

/** Pressed long ago, and nothing has come of it that can be seen. */
export function wonder() {
  say("slow");
  retry.hidden = false;
}

retry.addEventListener("click", () => window.location.reload());
// The server asks Stripe before it shows a form: whatever the connection broke off, loading again tells.
document.addEventListener("reachable", () => {
  if (pane.dataset["lost"]) window.location.reload();
});
