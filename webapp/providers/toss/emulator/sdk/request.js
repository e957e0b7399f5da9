// @ts-check
/** From `requestPayment` to the window: the sandbox opens a payment and says where its page is. */

import { HOME } from "./home.js";
import { TossPaymentsError } from "./refusal.js";
import { checkAmount, checkUrls, isPhone } from "./rules.js";
import { openWindow } from "./window.js";

/** @type {import("./window.js").PaymentWindow | null} */
let open = null;
let asking = false;

/**
 * @typedef {{successUrl?: string | null, failUrl?: string | null, windowTarget?: "iframe" | "self" | null,
 *   orderId: string, orderName: string}} Request
 * @typedef {{clientKey: string, customerKey: string, askedBy: "widget" | "payment" | "v1",
 *   method?: string, amount: {value: number, currency: string}}} Terms
 */

/**
 * @param {Request} request what the shop passed
 * @param {Terms} terms what the SDK adds
 * @returns {Promise<import("./window.js").Authenticated | undefined>} a value in promise mode only
 */
export async function requestPayment(request, terms) {
  checkAmount(terms.amount);
  checkUrls(request);
  const leaves = isPhone() || request.windowTarget === "self";
  if (leaves && !request.successUrl) throw new TossPaymentsError("NOT_SUPPORTED_PROMISE");
  if (open || asking) throw new TossPaymentsError("INVALID_METHOD_TRANSACTION");
  asking = true;
  try {
    const opened = await ask({ ...request, ...terms });
    open = openWindow(opened.window, leaves);
  } finally {
    asking = false;
  }
  try {
    return await open.result;
  } finally {
    open = null;
  }
}

/** Closes an open window; its promise rejects. */
export async function closeWindow() {
  open?.close("PAYMENT_REQUEST_ABORTED");
}

/**
 * @param {object} body
 * @returns {Promise<{window: string}>}
 */
async function ask(body) {
  /** @type {Response} */
  let answer;
  try {
    answer = await fetch(`${HOME}/toss/sdk/payments`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    throw new TossPaymentsError("NETWORK_ERROR");
  }
  const data = await answer.json();
  if (!answer.ok) throw new TossPaymentsError(data.code, data.message);
  return data;
}
