// @ts-check
// Loads Acme's script, and leaves for Acme's page when the page's `data-pay` button is pressed.

/** @template {Element} T @param {string} selector @param {new () => T} kind @returns {T} */
function part(selector, kind) {
  const found = document.querySelector(selector);
  if (!(found instanceof kind)) throw new TypeError(selector);
  return found;
}

const pane = part("[data-acme]", HTMLElement);
const button = part("button[data-pay]", HTMLButtonElement);

function ready() {
  const { Acme } = /** @type {{Acme: {pay: (address: string) => void}}} */ (/** @type {unknown} */ (window));
  button.addEventListener("click", () => Acme.pay(pane.dataset["payUrl"] ?? ""));
  button.disabled = false;
  button.setAttribute("aria-busy", "false");
}

const script = document.createElement("script");
script.onload = ready;
script.onerror = () => {
  // The plain link is still there: Acme's page needs no script of ours.
  button.setAttribute("aria-busy", "false");
  part("[data-acme] [role=alert]", HTMLElement).hidden = false;
};
script.src = pane.dataset["sdkUrl"] ?? "";
document.head.append(script);
