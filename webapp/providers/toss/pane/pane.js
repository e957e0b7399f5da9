// @ts-check
// Loads Toss's script, lets it draw, and hands it the payment when the page's `data-pay` button is pressed.
// Values come from the pane's `data-` attributes; nothing here decides about money.

/** @typedef {import("@tosspayments/tosspayments-sdk").TossPaymentsSDK} Sdk */

const LOAD_MS = 8000;
/** Toss leaves this page when it accepts; one that is still here after so long may be used again. */
const LEAVE_MS = 15000;

/** @template {Element} T @param {string} selector @param {new () => T} kind @returns {T} */
function part(selector, kind) {
  const found = document.querySelector(selector);
  if (!(found instanceof kind)) throw new TypeError(selector);
  return found;
}

const pane = part("[data-toss]", HTMLElement);
const button = part("button[data-pay]", HTMLButtonElement);
const retry = part("[data-toss] [data-retry]", HTMLButtonElement);

const value = (/** @type {string} */ name) => pane.dataset[name] ?? "";

// Toss may leave the event out where its terms are ticked from the start; a press then tells.
const state = { ready: false, paying: false, agreed: true };

/** @param {Partial<typeof state>} change */
function now(change) {
  Object.assign(state, change);
  button.disabled = !state.ready || state.paying || !state.agreed;
  button.setAttribute("aria-busy", String(state.paying));
}

/** @param {string} code Toss's, or "" to say nothing; the page holds the words for each, and for all others. */
function say(code) {
  /** @type {HTMLTemplateElement | null} */
  const known = pane.querySelector(`[data-codes~="${CSS.escape(code)}"]`);
  const words = known ?? part("[data-toss] [data-codes=OTHER]", HTMLTemplateElement);
  const place = words.hasAttribute("data-quiet") ? "status" : "alert";
  for (const slot of pane.querySelectorAll("[role=status], [role=alert]")) {
    slot.textContent = code && slot.getAttribute("role") === place ? words.content.textContent : "";
  }
}

/** Toss's global; rejects when its script can't be loaded. */
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

/** @param {() => Promise<unknown>} request */
async function pay(request) {
  say("");
  now({ paying: true });
  try {
    await request();
    window.setTimeout(() => now({ paying: false }), LEAVE_MS);
  } catch (problem) {
    const code = /** @type {{code?: unknown} | null} */ (problem)?.code;
    say(typeof code === "string" && code ? code : "OTHER");
    now({ paying: false });
  }
}

function giveUp() {
  // Reloading keeps the same attempt and leaves nothing half drawn.
  button.setAttribute("aria-busy", "false");
  say("NETWORK_ERROR");
  retry.hidden = false;
}

async function start() {
  const sdk = (await loadToss())(value("clientKey"));
  const request = value("kind") === "widget" ? await drawWidget(sdk) : prepareWindow(sdk);
  button.addEventListener("click", () => void pay(request));
  say("");
  retry.hidden = true;
  now({ ready: true });
}

retry.addEventListener("click", () => window.location.reload());
const late = window.setTimeout(giveUp, LOAD_MS);
void start().catch(giveUp).finally(() => window.clearTimeout(late));
