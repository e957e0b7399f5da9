// @ts-check
/** Reading an intent with a client secret, and what its status means to whoever waits for it. */

import { BASE } from "./home.js";
import { invalid, unreachable } from "./refusal.js";
import { intentOf } from "./rules.js";

/** @typedef {import("./refusal.js").IntentResult} IntentResult */

const OVER = ["succeeded", "canceled", "processing", "requires_capture"];

/**
 * @param {string} call for the message when the secret is none
 * @param {string} key publishable
 * @param {string} secret
 * @returns {Promise<IntentResult>}
 */
export async function retrieve(call, key, secret) {
  const query = new URLSearchParams({ key, client_secret: secret });
  const address = `${BASE}/v1/payment_intents/${intentOf(call, secret)}?${query}`;
  return read(() => fetch(address, { cache: "no-store", credentials: "omit" }));
}

/**
 * A call that carries no card data; those are sent by the frames themselves.
 * @param {string} path below `/v1/`
 * @param {Record<string, any>} params
 * @returns {Promise<IntentResult>}
 */
export async function post(path, params) {
  const body = new URLSearchParams(flat(params));
  return read(() => fetch(`${BASE}/v1/${path}`, { method: "POST", body, credentials: "omit" }));
}

/**
 * `{a: {b: 1}}` as `a[b]=1`, the way forms carry it; nothing for what is undefined.
 * @param {Record<string, any>} params
 * @returns {string[][]}
 */
function flat(params, prefix = "") {
  return Object.entries(params).flatMap(([name, value]) => {
    const path = prefix ? `${prefix}[${name}]` : name;
    if (value === undefined || value === null) return [];
    return typeof value === "object" ? flat(value, path) : [[path, String(value)]];
  });
}

/** @param {() => Promise<Response>} send @returns {Promise<IntentResult>} */
async function read(send) {
  try {
    const answer = await send();
    const body = await answer.json().catch(() => ({}));
    if (answer.ok && body.object === "payment_intent") return { paymentIntent: body };
    return { error: body.error ?? { type: "api_error", message: "An unknown error occurred." } };
  } catch {
    return { error: unreachable() };
  }
}

/**
 * Since clover, Elements refuse the secret of an intent that is over.
 * @param {any} intent
 * @returns {import("./refusal.js").StripeError | null}
 */
export function refusesForm(intent) {
  if (!OVER.includes(intent.status)) return null;
  const message = `The PaymentIntent is ${intent.status}: it can't be used to initialise Elements.`;
  // guess: the code of this refusal.
  return invalid(message, { code: "payment_intent_unexpected_state", payment_intent: intent });
}

/**
 * The intent after its buyer's last step: an attempt that failed is an error, everything else a result.
 * @param {any} intent
 * @returns {IntentResult}
 */
export function settled(intent) {
  if (intent.status !== "requires_payment_method" || !intent.last_payment_error) return { paymentIntent: intent };
  return { error: { ...intent.last_payment_error, payment_intent: intent } };
}
