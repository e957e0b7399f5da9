// @ts-check
// Gives the setup guide's card snippet what it takes for granted, a filled-in card field, and runs it when told to.

/** @typedef {import("@stripe/stripe-js").StripeConstructor} Make */

/** @template {Element} T @param {string} selector @param {new () => T} kind @returns {T} */
function part(selector, kind) {
  const found = document.querySelector(selector);
  if (!(found instanceof kind)) throw new TypeError(selector);
  return found;
}

const place = part("[data-key]", HTMLElement);
const run = part("button[data-run]", HTMLButtonElement);
const snippet = part("template#snippet", HTMLTemplateElement);

const make = /** @type {Make} */ (window.Stripe);
const key = place.dataset.key ?? "";
const stripe = make(key);
const dark = window.matchMedia("(prefers-color-scheme: dark)");
/** @returns {import("@stripe/stripe-js").Appearance} */
const look = () => ({ theme: dark.matches ? "night" : "stripe" });
const elements = stripe.elements({ appearance: look() });
const cardElement = elements.create("card");
dark.addEventListener("change", () => void elements.update({ appearance: look() }));

// An element is good for the Stripe that made it alone: the snippet, which makes its own, has to get this one.
/** @type {Make} */
const same = (given, options) => (given === key ? stripe : make(given, options));
Object.assign(window, { Stripe: same, cardElement });

cardElement.on("ready", () => {
  run.disabled = false;
});
cardElement.mount(place);
run.addEventListener("click", () => {
  run.disabled = true;
  document.body.append(snippet.content.cloneNode(true));
});
