// @ts-check
/** `confirmCardPayment` and `createPaymentMethod`: what a Card Element is used with. */

import { groupOf, insideOf } from "./inside.js";
import { post } from "./intents.js";
import { act } from "./next_action.js";
import { IntegrationError } from "./refusal.js";
import { intentOf } from "./rules.js";
import { worded } from "./words.js";

/**
 * @typedef {import("./refusal.js").IntentResult} IntentResult
 * @typedef {import("./words.js").Language} Language
 */

/**
 * @param {string} key publishable
 * @param {string} secret
 * @param {{payment_method?: any, return_url?: string, [more: string]: any}} data
 * @param {{handleActions?: boolean}} options
 * @param {Language} language
 * @returns {Promise<IntentResult>}
 */
export async function confirmCardPayment(key, secret, data, options, language) {
  const id = intentOf("confirmCardPayment", secret);
  const { payment_method: method, payment_method_options: _, ...params } = data;
  const answer = await send({ key, secret, id, params: { ...params, use_stripe_sdk: true } }, method);
  const result = options.handleActions === false ? answer : await act(key, secret, answer, language);
  return result.error ? { error: worded(result.error, language) } : result;
}

/**
 * @param {{key: string, secret: string, id: string, params: object}} request
 * @param {any} method an id, `{card, billing_details}`, or nothing when the intent has one
 * @returns {Promise<IntentResult>}
 */
async function send(request, method) {
  const { key, secret, id, params } = request;
  if (!method || typeof method === "string") {
    return post(`payment_intents/${id}/confirm`, { ...params, key, client_secret: secret, payment_method: method });
  }
  const { card, billing_details, metadata } = method;
  const data = { payment_method_data: { billing_details, metadata } };
  return cardInside(card).ask({ type: "confirm", ...request, params: { ...params, ...data } });
}

/** @param {unknown} element */
function cardInside(element) {
  const inside = insideOf(element);
  if (inside?.kind === "card") return inside;
  throw new IntegrationError("payment_method.card: expected a mounted Card Element.");
}

/**
 * @param {string} key publishable
 * @param {any} given in each of the three documented shapes
 * @param {Language} language
 * @returns {Promise<{paymentMethod: any, error?: undefined} | {paymentMethod?: undefined,
 *   error: import("./refusal.js").StripeError}>}
 */
export async function createPaymentMethod(key, given, language) {
  const inside = given.elements ? groupOf(given.elements)?.payment() : insideOf(given.element ?? given.card);
  if (!inside) throw new IntegrationError("createPaymentMethod(): expected `elements`, `element` or a Card Element.");
  const params = given.params ?? { billing_details: given.billing_details, metadata: given.metadata };
  const answer = await inside.ask({ type: "create", key, params });
  return answer.error ? { error: worded(answer.error, language) } : { paymentMethod: answer.paymentMethod };
}
