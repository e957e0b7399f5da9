// @ts-check
// Loads Toss's script, lets it draw, and hands it the payment when the page's `data-pay` button is pressed.
// Values come from the pane's `data-` attributes; nothing here decides about money.

import { button, giveUp, now, part, say, value, welcome, wonder } from "./page.js";

/** @typedef {import("@tosspayments/tosspayments-sdk").TossPaymentsSDK} Sdk */

const LOAD_MS = 8000;
/** A press that has opened nothing for so long is wondered about, aloud. */
const OPEN_MS = 15000;
/** Toss leaves this page when it accepts; one that is still here after so long may be used again. */
const LEAVE_MS = 15000;

/** Toss's global; rejects when its script can't be loaded, or is something else. */
async function loadToss() {
  const script = document.createElement("script");
  await new Promise((resolve, reject) => {
    script.onload = resolve;
    script.onerror = reject;
    script.src = value("sdkUrl");
    document.head.append(script);
  });
  return /** @type {{TossPayments: (clientKey: string) => Sdk}} */ (/** @type {unknown} */ (window)).TossPayments;
}

const amount = { value: Number(value("amount")), currency: value("currency") };
const order = {
  orderId: value("orderId"),
  orderName: value("orderName"),
  successUrl: value("successUrl"),
  failUrl: value("failUrl"),
  customerEmail: value("customerEmail") || null,
  customerName: value("customerName") || null,
};

/** @param {Sdk} sdk @returns {Promise<() => Promise<unknown>>} what a press of the button does */
async function drawWidget(sdk) {
  const widgets = sdk.widgets({ customerKey: value("customerKey") });
  await widgets.setAmount(amount);
  const [, terms] = await Promise.all([
    widgets.renderPaymentMethods({ selector: "#toss-methods", variantKey: "DEFAULT" }),
    widgets.renderAgreement({ selector: "#toss-terms", variantKey: "AGREEMENT" }),
  ]);
  terms.on("agreementStatusChange", (status) => now({ agreed: status.agreedRequiredTerms }));
  return () => widgets.requestPayment(order);
}

/** @param {Sdk} sdk @returns {() => Promise<unknown>} */
function prepareWindow(sdk) {
  const payment = sdk.payment({ customerKey: value("customerKey") });
  return () => {
    const method = /** @type {"CARD"} */ (part("[name=toss-method]:checked", HTMLInputElement).value);
    return payment.requestPayment({ ...order, amount, method });
  };
}

/** Toss's window is a frame, and ends the press when it is closed: as long as it is there, nothing is wrong. */
const frames = () => document.querySelectorAll("iframe").length;

/** @param {() => Promise<unknown>} request */
async function pay(request) {
  say("");
  now({ paying: true });
  const before = frames();
  const slow = window.setInterval(() => frames() > before || wonder(), OPEN_MS);
  try {
    await request();
    window.setTimeout(() => now({ paying: false }), LEAVE_MS);
  } catch (problem) {
    const code = /** @type {{code?: unknown} | null} */ (problem)?.code;
    welcome();
    say(typeof code === "string" && code ? code : "OTHER");
    now({ paying: false });
  } finally {
    window.clearInterval(slow);
  }
}

async function start() {
  const sdk = (await loadToss())(value("clientKey"));
  const request = value("kind") === "widget" ? await drawWidget(sdk) : prepareWindow(sdk);
  button.addEventListener("click", () => void pay(request));
  welcome();
  now({ ready: true });
}

const late = window.setTimeout(giveUp, LOAD_MS);
void start().catch(giveUp).finally(() => window.clearTimeout(late));
