// @ts-check
/** `TossPayments(clientKey)` of SDK v2. */

import { TossPaymentsError } from "./refusal.js";
import { closeWindow, requestPayment } from "./request.js";
import { ANONYMOUS, checkClientKey, checkCustomerKey } from "./rules.js";
import { makeWidgets } from "./widgets.js";

const METHODS = ["CARD", "TRANSFER", "VIRTUAL_ACCOUNT"];

/** @param {string} clientKey */
export function TossPayments(clientKey) {
  if (typeof clientKey !== "string" || !/^(test|live)_g?ck_/.test(clientKey)) {
    throw new TossPaymentsError("INVALID_CLIENT_KEY");
  }
  return {
    /** @param {{customerKey: string}} options */
    widgets: ({ customerKey }) => {
      checkClientKey(clientKey, "widget");
      checkCustomerKey(customerKey);
      return makeWidgets(clientKey, customerKey);
    },
    /** @param {{customerKey: string}} options */
    payment: ({ customerKey }) => {
      checkClientKey(clientKey, "api");
      checkCustomerKey(customerKey);
      return makePayment(clientKey, customerKey);
    },
    /** @type {(options: {customerKey: string}) => any} */
    brandpay: () => {
      throw new TossPaymentsError("NOT_SUPPORTED_METHOD");
    },
  };
}

TossPayments.ANONYMOUS = ANONYMOUS;

/**
 * @param {string} clientKey
 * @param {string} customerKey
 */
function makePayment(clientKey, customerKey) {
  /**
   * @param {import("./request.js").Request
   *   & {method: string, amount: {value: number, currency: string}, card?: {easyPay?: string | null} | null}} request
   */
  async function pay(request) {
    if (!METHODS.includes(request.method)) throw new TossPaymentsError("NOT_SUPPORTED_METHOD");
    const method = request.card?.easyPay ? "EASY_PAY" : request.method;
    const terms = { clientKey, customerKey, method, amount: request.amount };
    return requestPayment(request, { ...terms, askedBy: "payment" });
  }
  return {
    requestPayment: pay,
    requestBillingAuth: async () => {
      throw new TossPaymentsError("NOT_SUPPORTED_METHOD");
    },
    destroy: closeWindow,
  };
}
