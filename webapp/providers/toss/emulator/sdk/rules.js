// @ts-check
/** What the SDK refuses before it asks anyone. The sandbox's server checks the rest. */

import { TossPaymentsError } from "./refusal.js";

export const ANONYMOUS = "@@ANONYMOUS";

/**
 * @param {unknown} key
 * @param {"widget" | "api"} wanted which of the two kinds of client key fits
 */
export function checkClientKey(key, wanted) {
  if (typeof key !== "string" || !/^(test|live)_g?ck_/.test(key)) {
    throw new TossPaymentsError("INVALID_CLIENT_KEY");
  }
  const isWidget = /^(test|live)_gck_/.test(key);
  if (wanted === "widget" && !isWidget) throw new TossPaymentsError("NOT_SUPPORTED_API_INDIVIDUAL_KEY");
  if (wanted === "api" && isWidget) throw new TossPaymentsError("NOT_SUPPORTED_WIDGET_KEY");
}

/** @param {unknown} key */
export function checkCustomerKey(key) {
  if (key === ANONYMOUS) return;
  if (typeof key === "string" && /^(test|live)_g?sk_/.test(key)) {
    throw new TossPaymentsError("INSECURE_KEY_USAGE");
  }
  if (typeof key !== "string" || !/^[A-Za-z0-9=._@-]{2,50}$/.test(key)) {
    throw new TossPaymentsError("INVALID_CUSTOMER_KEY");
  }
}

/** @param {{value?: unknown, currency?: unknown} | null | undefined} amount */
export function checkAmount(amount) {
  if (!amount || typeof amount.value !== "number" || !Number.isFinite(amount.value)) {
    throw new TossPaymentsError("INVALID_AMOUNT_VALUE");
  }
  if (typeof amount.currency !== "string") throw new TossPaymentsError("INVALID_AMOUNT_CURRENCY");
  if (amount.value < 0) throw new TossPaymentsError("BELOW_ZERO_AMOUNT");
}

/** @param {{successUrl?: string | null, failUrl?: string | null}} request */
export function checkUrls(request) {
  if (!request.successUrl && !request.failUrl) return;
  if (!isAbsolute(request.successUrl)) throw new TossPaymentsError("INCORRECT_SUCCESS_URL_FORMAT");
  if (!isAbsolute(request.failUrl)) throw new TossPaymentsError("INCORRECT_FAIL_URL_FORMAT");
}

/** @param {string | null | undefined} url */
function isAbsolute(url) {
  return typeof url === "string" && /^https?:\/\/[^/]/.test(url);
}

/** Phones get no frame: their buyers leave the page for the window. */
export function isPhone() {
  const touched = matchMedia("(pointer: coarse)").matches || navigator.maxTouchPoints > 0;
  return (touched && Math.min(screen.width, screen.height) < 768) || /Android|iPhone|iPad|Mobile/i.test(navigator.userAgent);
}
