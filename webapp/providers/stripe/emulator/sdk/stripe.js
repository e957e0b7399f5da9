// @ts-check
/** `Stripe(publishableKey)`, as the endive release of Stripe.js defines it. */

import { confirmCardPayment, createPaymentMethod } from "./card.js";
import { makeElements } from "./elements.js";
import { retrieve } from "./intents.js";
import { handleNextAction } from "./next_action.js";
import { confirmPayment } from "./payment.js";
import { notPlayed } from "./refusal.js";
import { checkKey } from "./rules.js";
import { languageOf } from "./words.js";

/** @typedef {import("./refusal.js").IntentResult} IntentResult */

/**
 * @param {string} publishableKey
 * @param {{locale?: string, apiVersion?: string, [more: string]: any}} [options]
 */
export function Stripe(publishableKey, options = {}) {
  checkKey(publishableKey);
  const key = publishableKey;
  const language = () => languageOf(options.locale);
  return {
    /** @param {import("./rules.js").Terms} [terms] */
    elements: (terms = {}) => makeElements(key, options.locale, terms),
    /** @param {import("./payment.js").Confirmation} confirmation @returns {Promise<any>} */
    confirmPayment: async (confirmation) => confirmPayment(key, confirmation),
    /**
     * @param {string} clientSecret
     * @param {Record<string, any>} [data]
     * @param {{handleActions?: boolean}} [how]
     */
    confirmCardPayment: async (clientSecret, data = {}, how = {}) =>
      confirmCardPayment(key, clientSecret, data, how, language()),
    /** @param {string} clientSecret */
    retrievePaymentIntent: async (clientSecret) => retrieve("retrievePaymentIntent", key, clientSecret),
    /** @param {{clientSecret?: string, hashedValue?: string}} given */
    handleNextAction: async (given) => handleNextAction(key, given, language()),
    /** @param {string} clientSecret */
    handleCardAction: async (clientSecret) => handleNextAction(key, { clientSecret }, language()),
    /** @param {any} given */
    createPaymentMethod: async (given) => createPaymentMethod(key, given, language()),
    /** @param {unknown} _given @returns {Promise<any>} */
    createConfirmationToken: async (_given) => notPlayed("`createConfirmationToken`"),
    /** @param {unknown} _given @returns {any} */
    paymentRequest: (_given) => notPlayed("`paymentRequest`"),
    /** @param {{name: string, version?: string, url?: string}} _wrapper */
    registerAppInfo: (_wrapper) => {},
    /** @param {{name: string, version?: string, startTime?: number}} _wrapper */
    _registerWrapper: (_wrapper) => {},
  };
}

Stripe.version = "endive";
