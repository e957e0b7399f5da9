// @ts-check
/** The two frames that the widget puts into the shop's page. */

import { makeFrame } from "./frame.js";
import { TossPaymentsError } from "./refusal.js";

/**
 * @typedef {{value: number, currency: string}} Amount
 * @typedef {{agreedRequiredTerms: boolean,
 *   agreements: Array<{term: {id: string, required: boolean}, agreed: boolean}>}} AgreementStatus
 * @typedef {{selector: string, variantKey?: string}} Place
 */

// Fixed from the first moment, so that nothing below the widget ever jumps.
const METHODS_HEIGHT = "248px";
const AGREEMENT_HEIGHT = "72px";

/**
 * @param {Place} place
 * @param {() => void} gone
 */
export function renderMethods(place, gone) {
  /** @type {Set<(method: {code: string}) => void>} */
  const listeners = new Set();
  let code = "";
  const frame = put(place, METHODS_HEIGHT, "/toss/widget/methods", "결제수단", (message) => {
    code = String(message.code);
    listeners.forEach((call) => call({ code }));
  });
  return {
    ready: frame.loaded,
    selected: () => code,
    /** @param {Amount} amount */
    show: (amount) => frame.tell({ type: "amount", amount }),
    widget: {
      /** @type {(name: "paymentMethodSelect", call: (method: any) => void) => void} */
      on: (_name, call) => void listeners.add(call),
      getSelectedPaymentMethod: async () => ({ code }),
      destroy: async () => (frame.remove(), gone()),
    },
  };
}

/**
 * @param {Place} place
 * @param {() => void} gone
 */
export function renderTerms(place, gone) {
  /** @type {Set<(status: AgreementStatus) => void>} */
  const listeners = new Set();
  /** @type {AgreementStatus} */
  let status = { agreedRequiredTerms: false, agreements: [] };
  const frame = put(place, AGREEMENT_HEIGHT, "/toss/widget/agreement", "약관 동의", (message) => {
    status = /** @type {AgreementStatus} */ (message.status);
    listeners.forEach((call) => call(status));
  });
  return {
    ready: frame.loaded,
    agreed: () => status.agreedRequiredTerms,
    widget: {
      /** @type {(name: "agreementStatusChange", call: (status: AgreementStatus) => void) => void} */
      on: (_name, call) => (listeners.add(call), void call(status)),
      destroy: async () => (frame.remove(), gone()),
    },
  };
}

/**
 * @param {Place} place
 * @param {string} height
 * @param {string} path
 * @param {string} title
 * @param {(message: import("./frame.js").Message) => void} heard
 */
function put(place, height, path, title, heard) {
  const target = document.querySelector(place.selector);
  if (!(target instanceof HTMLElement)) throw new TossPaymentsError("INVALID_SELECTOR");
  target.style.minHeight = height;
  const frame = makeFrame(path, title, heard);
  frame.element.style.height = height;
  target.append(frame.element);
  return frame;
}
