// @ts-check
/** The payment widget: methods and agreement inside the shop's page. */

import { renderMethods, renderTerms } from "./panes.js";
import { TossPaymentsError } from "./refusal.js";
import { requestPayment } from "./request.js";
import { checkAmount } from "./rules.js";

/**
 * @typedef {import("./panes.js").Amount} Amount
 * @typedef {import("./panes.js").Place} Place
 */

/**
 * @param {string} clientKey
 * @param {string} customerKey
 */
export function makeWidgets(clientKey, customerKey) {
  /** @type {Amount | null} */
  let amount = null;
  /** @type {ReturnType<typeof renderMethods> | null} */
  let methods = null;
  /** @type {ReturnType<typeof renderTerms> | null} */
  let terms = null;

  /** @param {Place} place */
  async function renderPaymentMethods(place) {
    if (!amount) throw new TossPaymentsError("NOT_SETUP_AMOUNT");
    if (methods) throw new TossPaymentsError("PAYMENT_METHODS_WIDGET_ALREADY_RENDERED");
    const made = (methods = renderMethods(place, () => (methods = null)));
    await made.ready;
    made.show(amount);
    return made.widget;
  }

  /** @param {Place} place */
  async function renderAgreement(place) {
    if (!amount) throw new TossPaymentsError("NOT_SETUP_AMOUNT");
    if (terms) throw new TossPaymentsError("AGREEMENT_WIDGET_ALREADY_RENDERED");
    const made = (terms = renderTerms(place, () => (terms = null)));
    await made.ready;
    return made.widget;
  }

  /** @param {import("./request.js").Request} request */
  async function pay(request) {
    if (!amount) throw new TossPaymentsError("NOT_SETUP_AMOUNT");
    if (!methods?.selected()) throw new TossPaymentsError("NOT_SELECTED_PAYMENT_METHOD");
    if (!terms?.agreed()) throw new TossPaymentsError("NEED_AGREEMENT_WITH_REQUIRED_TERMS");
    const chosen = methods.selected() === "TOSSPAY" ? "EASY_PAY" : methods.selected();
    const basics = { clientKey, customerKey, method: chosen, amount };
    const done = await requestPayment(request, { ...basics, askedBy: "widget" });
    const paymentType = /** @type {"NORMAL"} */ ("NORMAL");
    return done && { paymentType, ...done };
  }

  return {
    /** @param {Amount} next */
    setAmount: async (next) => {
      checkAmount(next);
      amount = { value: next.value, currency: next.currency };
      methods?.show(amount);
    },
    renderPaymentMethods,
    renderAgreement,
    requestPayment: pay,
    requestPaymentWindow: notPlayed,
    renderPaymentWindow: notPlayed,
  };
}

/** @returns {Promise<any>} never: the window type of the widget is not part of the sandbox */
async function notPlayed() {
  throw new TossPaymentsError("NOT_SUPPORTED_METHOD");
}
