// @ts-check
/** What comes between a confirmation and its end: the 3-D Secure step. */

import { retrieve, settled } from "./intents.js";
import { openThreeD } from "./modal.js";
import { invalid } from "./refusal.js";
import { worded } from "./words.js";

/**
 * @typedef {import("./refusal.js").IntentResult} IntentResult
 * @typedef {import("./words.js").Language} Language
 */

/**
 * Takes the buyer through the step that an intent asks for, if it asks for one.
 * @param {string} key publishable
 * @param {string} secret
 * @param {IntentResult} result of the confirmation
 * @param {Language} language
 * @returns {Promise<IntentResult>}
 */
export async function act(key, secret, result, language) {
  if (result.error || result.paymentIntent.status !== "requires_action") return result;
  const { next_action: action } = result.paymentIntent;
  if (action?.type === "redirect_to_url") {
    location.assign(action.redirect_to_url.url);
    return new Promise(() => {});
  }
  if (action?.type !== "use_stripe_sdk") return result;
  const ending = await openThreeD(action.use_stripe_sdk.stripe_js, language);
  const after = await retrieve("handleNextAction", key, secret);
  if (after.error) return after;
  // The step may have ended elsewhere while its dialog was open.
  if (ending === "abandoned" && after.paymentIntent.status === "requires_action") return abandoned(after.paymentIntent);
  return settled(after.paymentIntent);
}

/** @param {any} intent @returns {IntentResult} */
function abandoned(intent) {
  // guess: a closed step leaves the intent in requires_action, and this is the kind of error it gives.
  return { error: invalid("The customer left the authentication step.", { payment_intent: intent }) };
}

/**
 * @param {string} key publishable
 * @param {{clientSecret?: string, hashedValue?: string}} given
 * @param {Language} language
 * @returns {Promise<IntentResult>}
 */
export async function handleNextAction(key, { clientSecret = "" }, language) {
  const found = await retrieve("handleNextAction", key, clientSecret);
  if (found.paymentIntent && found.paymentIntent.status !== "requires_action") {
    // guess: an intent that waits for nothing is an error, and this is its code.
    const code = "payment_intent_unexpected_state";
    const message = "handleNextAction: the PaymentIntent supplied is not in the requires_action state.";
    return { error: invalid(message, { code, payment_intent: found.paymentIntent }) };
  }
  const result = await act(key, clientSecret, found, language);
  return result.error ? { error: worded(result.error, language) } : result;
}
