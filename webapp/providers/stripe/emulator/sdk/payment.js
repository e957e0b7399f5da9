// @ts-check
/** `confirmPayment`: the Payment Element's payment, its 3-D Secure step, and the way to the return address. */

import { groupOf } from "./inside.js";
import { act } from "./next_action.js";
import { IntegrationError, invalid } from "./refusal.js";
import { intentOf, isAbsolute } from "./rules.js";
import { worded } from "./words.js";

/**
 * @typedef {import("./refusal.js").IntentResult} IntentResult
 * @typedef {{elements?: unknown, clientSecret?: string, redirect?: "always" | "if_required",
 *   confirmParams?: Record<string, any>}} Confirmation
 */

// guess: what a payment that is not decided yet is called on the way back (`pending`).
/** @type {Record<string, string>} */
const SAID = { succeeded: "succeeded", requires_capture: "succeeded", requires_payment_method: "failed" };

/**
 * @param {string} key publishable
 * @param {Confirmation} given
 * @returns {Promise<IntentResult>} with `redirect: "always"` only an error; else the page is left
 */
export async function confirmPayment(key, given) {
  const { group, secret, address } = readConfirmation(given);
  if (address && !isAbsolute(address)) {
    return { error: invalid("Not a valid URL", { code: "url_invalid", param: "return_url" }) };
  }
  const language = group.language();
  const refused = await group.refused();
  if (refused) return { error: refused };
  const id = intentOf("confirmPayment", secret);
  const params = { ...given.confirmParams, use_stripe_sdk: true };
  const answer = await group.payment()?.ask({ type: "confirm", key, secret, id, params });
  const result = await act(key, secret, answer, language);
  if (result.error) return { error: worded(result.error, language) };
  if (given.redirect === "if_required") return result;
  return leave(address, result.paymentIntent);
}

/** @param {Confirmation} given */
function readConfirmation({ elements, clientSecret, redirect, confirmParams }) {
  const group = groupOf(elements);
  if (!group?.payment()) throw new IntegrationError("confirmPayment(): pass `elements` with a mounted Payment Element.");
  const own = group.terms.clientSecret;
  if (own && clientSecret && own !== clientSecret) {
    throw new IntegrationError("confirmPayment(): `clientSecret` differs from the one of `elements`.");
  }
  const secret = own ?? clientSecret;
  if (!secret) throw new IntegrationError("confirmPayment(): `clientSecret` is missing.");
  if (!own && !group.wasSubmitted()) {
    throw new IntegrationError("confirmPayment(): call `elements.submit()` first.");
  }
  const address = confirmParams?.return_url;
  if (redirect !== "if_required" && !address) {
    throw new IntegrationError("confirmPayment(): `confirmParams.return_url` is required.");
  }
  return { group, secret, address };
}

/**
 * Never answers: the page is on its way out.
 * @param {string} address
 * @param {any} intent
 * @returns {Promise<IntentResult>}
 */
export function leave(address, intent) {
  const url = new URL(address);
  url.searchParams.set("payment_intent", intent.id);
  url.searchParams.set("payment_intent_client_secret", intent.client_secret);
  url.searchParams.set("redirect_status", SAID[intent.status] ?? "pending");
  location.assign(url);
  return new Promise(() => {});
}
