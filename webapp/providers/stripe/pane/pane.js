// @ts-check
// Loads Stripe's script, lets it draw its form, and has it confirm when the page's `data-pay` button is pressed.
// Values come from the pane's `data-` attributes; the server alone decides what came of it.

import { appearance, onAppearance } from "./appearance.js";
import { loadStripe } from "./load.js";

/** @typedef {import("@stripe/stripe-js").Stripe} Stripe */
/** @typedef {import("@stripe/stripe-js").StripeError} StripeError */
/** @typedef {() => Promise<{error?: StripeError}>} Press what a press of the button does; an end without error leaves */

const LOAD_MS = 8000;
/** After one of these the payment may have been made all the same. */
const UNSURE = "api_error api_connection_error idempotency_error rate_limit_error rate_limit lock_timeout".split(" ");

/** @template {Element} T @param {string} selector @param {new () => T} kind @returns {T} */
function part(selector, kind) {
  const found = document.querySelector(selector);
  if (!(found instanceof kind)) throw new TypeError(selector);
  return found;
}

const pane = part("[data-stripe]", HTMLElement);
const button = part("button[data-pay]", HTMLButtonElement);
const retry = part("[data-stripe] [data-retry]", HTMLButtonElement);

const value = (/** @type {string} */ name) => pane.dataset[name] ?? "";

const locale = /** @type {import("@stripe/stripe-js").StripeElementLocale} */ (value("locale"));
const clientSecret = value("clientSecret");
const isCheck = value("kind") === "action";
/** `absent` says why there is no form: once Stripe's script is here, the payment may have moved on in another tab. */
const state = { ready: false, paying: false, absent: "unreachable" };
/** @param {Partial<typeof state>} change */
function now(change) {
  Object.assign(state, change);
  button.disabled = !state.ready || state.paying;
  button.setAttribute("aria-busy", String(state.paying));
}

/** @param {(string | undefined)[]} codes the page's words for the first that it has words for; none, and it is quiet */
function say(...codes) {
  const known = codes.map((code) => code && pane.querySelector(`[data-codes~="${CSS.escape(code)}"]`));
  const words = /** @type {HTMLTemplateElement | undefined} */ (known.find(Boolean));
  part("[data-stripe] [role=alert]", HTMLElement).textContent = words?.content.textContent?.trim() ?? "";
}

/** @param {string} code why there is nothing to press; loading again keeps the payment and leaves nothing half drawn */
function giveUp(code) {
  now({ ready: false, paying: false });
  say(code);
  retry.hidden = false;
}

/** It came after all, however late. */
function welcome() {
  say();
  retry.hidden = true;
}

/** @param {Stripe} sdk @returns {Promise<Press>} */
async function drawForm(sdk) {
  const elements = sdk.elements({ clientSecret, appearance: appearance(), locale, loader: "auto" });
  const billingDetails = { name: value("customerName") || undefined, email: value("customerEmail") || undefined };
  const form = elements.create("payment", { layout: "tabs", defaultValues: { billingDetails } });
  onAppearance((next) => void elements.update({ appearance: next }));
  const drawn = new Promise((resolve, reject) => form.on("ready", resolve).on("loaderror", reject));
  form.mount("#stripe-element");
  await drawn;
  return () => sdk.confirmPayment({ elements, confirmParams: { return_url: value("returnUrl") } });
}

/** Go where Stripe's script goes by itself after a payment, with no secret: the server asks Stripe how it ended. */
function leave() {
  const back = new URL(value("returnUrl"));
  back.searchParams.set("payment_intent", clientSecret.split("_secret_")[0] ?? "");
  window.location.assign(back);
}

/** @param {StripeError} error Stripe stayed on this page; what it is not sure of may have been a payment */
function stayed({ type, code, decline_code: decline, payment_intent: intent }) {
  const over = isCheck && (type === "card_error" || code === "payment_intent_authentication_failure");
  if (over || code === "payment_intent_unexpected_state") return leave();
  if (UNSURE.includes(type) || UNSURE.includes(code ?? "")) return giveUp("unsure");
  now({ paying: false });
  // What to correct is said by Stripe's own frame, at the field.
  if (type !== "validation_error") say(intent?.status, decline, code, type, "other");
}

/** @param {Press} press */
async function pay(press) {
  if (state.paying) return;
  say();
  now({ paying: true });
  try {
    const { error } = await press();
    if (error) stayed(error);
    else leave();
  } catch {
    giveUp("unsure");
  }
}

async function start() {
  if (isCheck) {
    button.textContent = part("[data-stripe] [data-label]", HTMLTemplateElement).content.textContent;
    button.after(part("[data-stripe] form", HTMLFormElement));
  }
  const sdk = (await loadStripe(value("sdkUrl")))(value("publishableKey"), { locale });
  now({ absent: "unsure" });
  welcome();
  const press = isCheck ? () => sdk.handleNextAction({ clientSecret }) : await drawForm(sdk);
  button.addEventListener("click", () => void pay(press));
  welcome();
  now({ ready: true });
}

retry.addEventListener("click", () => window.location.reload());
const late = window.setTimeout(() => giveUp(state.absent), LOAD_MS);
void start().catch(() => giveUp(state.absent)).finally(() => window.clearTimeout(late));
