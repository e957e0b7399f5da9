// @ts-check
/** The calls that carry card data: from this frame to its own origin, so that the shop's page never holds them. */

/**
 * @param {string} path below `/stripe/v1/`
 * @param {Record<string, any>} params
 * @returns {Promise<{paymentIntent?: any, paymentMethod?: any, error?: any}>}
 */
export async function send(path, params) {
  try {
    const body = new URLSearchParams(flat(params));
    const answer = await fetch(`/stripe/v1/${path}`, { method: "POST", body });
    const read = await answer.json().catch(() => ({}));
    if (answer.ok && read.object === "payment_intent") return { paymentIntent: read };
    if (answer.ok && read.object === "payment_method") return { paymentMethod: read };
    return { error: read.error ?? { type: "api_error", message: "An unknown error occurred." } };
  } catch {
    return { error: { type: "api_connection_error", message: "The connection to the sandbox failed." } };
  }
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

/**
 * Confirms an intent, or makes a payment method, from what the form holds.
 * @param {{type: "confirm" | "create", key: string, secret: string, id: string, params?: Record<string, any>}} message
 * @param {Record<string, any>} details `type` and what belongs to it
 * @param {Record<string, any> | undefined} defaults billing details that the page knew beforehand
 */
export async function sendForm({ type, key, secret, id, params = {} }, details, defaults) {
  const { payment_method_data: data = {}, ...rest } = type === "confirm" ? params : { payment_method_data: params };
  const billing = { ...defaults, ...data.billing_details };
  const method = { ...data, ...details, billing_details: billing };
  if (type === "create") return send("payment_methods", { key, ...method });
  return send(`payment_intents/${id}/confirm`, { key, client_secret: secret, ...rest, payment_method_data: method });
}
