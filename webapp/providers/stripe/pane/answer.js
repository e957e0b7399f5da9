// @ts-check
// What to make of Stripe's answer to a press: say it, leave for the server's word, or own that nobody knows yet.

import { giveUp, now, say, value, welcome } from "./page.js";

/** @typedef {import("@stripe/stripe-js").StripeError} StripeError */

/** After one of these the payment may have been made all the same. */
const UNSURE = "api_error api_connection_error idempotency_error rate_limit_error rate_limit lock_timeout".split(" ");

/**
 * Go where Stripe's script goes by itself after a payment, with no secret: the server asks Stripe how it ended.
 * @param {boolean} again it was paid, or given up, before this press
 */
export function leave(again = false) {
  const back = new URL(value("returnUrl"));
  back.searchParams.set("payment_intent", value("clientSecret").split("_secret_")[0] ?? "");
  if (again) back.searchParams.set("again", "1");
  window.location.assign(back);
}

/** @param {StripeError} error Stripe stayed on this page; what it is not sure of may have been a payment */
export function stayed({ type, code, decline_code: decline, payment_intent: intent }) {
  const failed = type === "card_error" || code === "payment_intent_authentication_failure";
  if (failed && value("kind") === "action") return leave();
  if (code === "payment_intent_unexpected_state") return leave(true);
  if (UNSURE.includes(type) || UNSURE.includes(code ?? "")) return giveUp("unsure");
  welcome();
  now({ paying: false });
  // What to correct is said by Stripe's own frame, at the field.
  if (type !== "validation_error") say(intent?.status, decline, code, type, "other");
}
