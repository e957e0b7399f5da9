// @ts-check
/** The two ways in which Stripe.js says no: it throws at the programmer, and it answers the buyer with `{error}`. */

/**
 * @typedef {"api_connection_error" | "api_error" | "authentication_error" | "card_error" | "idempotency_error"
 *   | "invalid_request_error" | "rate_limit_error" | "validation_error"} ErrorType
 * @typedef {{type: ErrorType, code?: string, decline_code?: string, message?: string, param?: string,
 *   charge?: string, doc_url?: string, payment_intent?: any, payment_method?: any}} StripeError
 * @typedef {{paymentIntent: any, error?: undefined} | {paymentIntent?: undefined, error: StripeError}} IntentResult
 */

/** A mistake of the page, not of the buyer. */
export class IntegrationError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = "IntegrationError";
  }
}

/**
 * What no buyer could put right.
 * @param {string} message
 * @param {Partial<StripeError>} [more]
 * @returns {StripeError}
 */
export function invalid(message, more = {}) {
  return { type: "invalid_request_error", message, ...more };
}

/** @returns {StripeError} */
export function unreachable() {
  return { type: "api_connection_error", message: "The connection to the sandbox failed." };
}

/** @param {string} what @returns {never} */
export function notPlayed(what) {
  throw new IntegrationError(`The sandbox doesn't play ${what}.`);
}
