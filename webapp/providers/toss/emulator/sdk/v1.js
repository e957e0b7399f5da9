// @ts-check
/** `TossPayments(clientKey)` of the older SDK v1: `requestPayment(method, {amount: number, …})`. */

import { TossPaymentsError } from "./refusal.js";
import { requestPayment } from "./request.js";

/** @type {Record<string, string>} */
const METHODS = {
  카드: "CARD",
  CARD: "CARD",
  가상계좌: "VIRTUAL_ACCOUNT",
  VIRTUAL_ACCOUNT: "VIRTUAL_ACCOUNT",
  계좌이체: "TRANSFER",
  TRANSFER: "TRANSFER",
  간편결제: "EASY_PAY",
  토스페이: "EASY_PAY",
};

/** @typedef {import("./request.js").Request & {amount: number, method?: string}} OldRequest */

/** @param {string} clientKey */
export function TossPayments(clientKey) {
  if (typeof clientKey !== "string" || !/^(test|live)_g?ck_/.test(clientKey)) {
    throw new TossPaymentsError("INVALID_CLIENT_KEY");
  }
  /**
   * @param {string | OldRequest} first
   * @param {OldRequest} [second]
   */
  async function pay(first, second) {
    const request = typeof first === "string" ? second : first;
    const method = METHODS[typeof first === "string" ? first : (first.method ?? "CARD")];
    if (!request || !method) throw new TossPaymentsError("INVALID_PARAMETER");
    const amount = { value: request.amount, currency: "KRW" };
    const terms = { clientKey, customerKey: "@@ANONYMOUS", method, amount };
    return requestPayment(request, { ...terms, askedBy: "v1" });
  }
  return {
    requestPayment: pay,
    requestBillingAuth: /** @type {any} */ (notPlayed),
    cancelPayment: /** @type {any} */ (notPlayed),
  };
}

async function notPlayed() {
  throw new TossPaymentsError("NOT_SUPPORTED_METHOD");
}
