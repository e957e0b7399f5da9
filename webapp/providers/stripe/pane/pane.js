// @ts-check
// Loads Stripe's script, lets it draw its form, and has it confirm when the page's `data-pay` button is pressed.
// Values come from the pane's `data-` attributes; the server alone decides what came of it.

import { leave, stayed } from "./answer.js";
import { appearance, onAppearance } from "./appearance.js";
import { loadStripe } from "./load.js";
import { button, giveUp, now, part, say, state, value, welcome, wonder } from "./page.js";

/** @typedef {import("@stripe/stripe-js").Stripe} Stripe */
/** @typedef {import("@stripe/stripe-js").StripeError} StripeError */
/** @typedef {() => Promise<{error?: StripeError}>} Press what a press of the button does; an end without error leaves */

const LOAD_MS = 8000;
/** A press without an answer, and without the bank's check on the screen, is wondered about after so long. */
const ANSWER_MS = 20000;

const locale = /** @type {import("@stripe/stripe-js").StripeElementLocale} */ (value("locale"));
const clientSecret = value("clientSecret");
const isCheck = value("kind") === "action";

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

/** The bank's check is a frame of its own: as long as it is there, the buyer is at work. */
const frames = () => document.querySelectorAll("iframe").length;

/** @param {Press} press */
async function pay(press) {
  if (state.paying) return;
  say();
  now({ paying: true });
  const before = frames();
  const slow = window.setInterval(() => frames() > before || wonder(), ANSWER_MS);
  try {
    const { error } = await press();
    if (error) stayed(error);
    else leave();
  } catch {
    giveUp("unsure");
  } finally {
    window.clearInterval(slow);
  }
}

async function start() {
  if (isCheck) {
    button.textContent = part("[data-stripe] [data-label]", HTMLTemplateElement).content.textContent;
    button.after(part("[data-stripe] form", HTMLFormElement));
  }
  const sdk = (await loadStripe(value("sdkUrl")))(value("publishableKey"), { locale });
  state.absent = "unsure";
  welcome();
  const press = isCheck ? () => sdk.handleNextAction({ clientSecret }) : await drawForm(sdk);
  button.addEventListener("click", () => void pay(press));
  welcome();
  now({ ready: true });
}

const late = window.setTimeout(() => giveUp(state.absent), LOAD_MS);
void start().catch(() => giveUp(state.absent)).finally(() => window.clearTimeout(late));
