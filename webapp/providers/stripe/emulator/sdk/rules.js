// @ts-check
/** What Stripe.js refuses before it asks anyone. The sandbox's server checks the rest. */

import { IntegrationError } from "./refusal.js";

/** @param {unknown} key */
export function checkKey(key) {
  if (typeof key !== "string" || key.trim() === "") {
    throw new IntegrationError("Please call Stripe() with your publishable key. You used an empty string.");
  }
  if (/^[sr]k_/.test(key)) {
    throw new IntegrationError("You should not use your secret key with Stripe.js. Please pass a publishable key.");
  }
  if (!/^pk_(test|live)_\w+$/.test(key)) {
    throw new IntegrationError("Please call Stripe() with your publishable key: it begins with pk_test_ or pk_live_.");
  }
}

/**
 * The intent's id out of its client secret.
 * @param {string} call for the message
 * @param {unknown} secret
 */
export function intentOf(call, secret) {
  const found = typeof secret === "string" ? /^(pi_[A-Za-z0-9]+)_secret_[A-Za-z0-9]+$/.exec(secret) : null;
  if (!found) {
    throw new IntegrationError(`stripe.${call}: expected a client secret of the form pi_…_secret_…`);
  }
  return found[1];
}

/**
 * @typedef {{clientSecret?: string, mode?: string, amount?: number, currency?: string, locale?: string,
 *   appearance?: object, loader?: string}} Terms
 */

/** @param {Terms} options of `stripe.elements()` */
export function checkElements(options) {
  if ("paymentMethodTypes" in options) {
    throw new IntegrationError("elements(): `paymentMethodTypes` is no longer an option.");
  }
  if (options.clientSecret !== undefined && options.mode !== undefined) {
    throw new IntegrationError("elements(): pass `clientSecret` or `mode`, never both.");
  }
  if (options.clientSecret !== undefined) intentOf("elements()", options.clientSecret);
  if (options.mode !== undefined) checkDeferred(options);
}

/** @param {Terms} options */
function checkDeferred({ mode, amount, currency }) {
  if (mode !== "payment") throw new IntegrationError("elements(): the sandbox plays `mode: 'payment'` only.");
  if (!Number.isInteger(amount) || Number(amount) <= 0) {
    throw new IntegrationError("elements(): `amount` must be a positive integer in the smallest unit.");
  }
  if (typeof currency !== "string" || !/^[a-z]{3}$/.test(currency)) {
    throw new IntegrationError("elements(): `currency` must be three lower-case letters.");
  }
}

/** @param {unknown} url @returns {url is string} */
export function isAbsolute(url) {
  return typeof url === "string" && /^https?:\/\/[^/]/.test(url) && URL.canParse(url);
}
