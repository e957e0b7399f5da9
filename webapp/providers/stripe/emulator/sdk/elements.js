// @ts-check
/** `stripe.elements()`: the elements of one payment, and how they look. */

import { makeElement } from "./element.js";
import { insideOf, keepGroup } from "./inside.js";
import { refusesForm, retrieve } from "./intents.js";
import { IntegrationError, invalid, notPlayed } from "./refusal.js";
import { checkElements } from "./rules.js";
import { languageOf } from "./words.js";

/** @typedef {ReturnType<typeof makeElement>} PlayedElement */

/**
 * @param {string} key publishable
 * @param {unknown} locale of the whole SDK
 * @param {import("./rules.js").Terms} given
 */
export function makeElements(key, locale, given) {
  checkElements(given);
  const terms = { ...given };
  /** @type {Map<string, PlayedElement>} */
  const made = new Map();
  /** @type {Promise<import("./refusal.js").StripeError | null> | null} */
  let loading = null;
  let submitted = false;
  /** @type {string[] | undefined} */
  let types;

  async function load() {
    const secret = terms.clientSecret;
    if (!secret) return null;
    const { paymentIntent, error } = await retrieve("elements", key, secret);
    types = paymentIntent?.payment_method_types;
    return error ?? refusesForm(paymentIntent);
  }

  const look = () => ({
    language: languageOf(terms.locale ?? locale),
    appearance: typeof terms.appearance === "object" && terms.appearance ? terms.appearance : {},
    types,
  });

  /** @param {string} type @param {any} [options] @returns {any} */
  function create(type, options = {}) {
    if (type === "paymentRequestButton") throw new IntegrationError("`paymentRequestButton` has been removed.");
    if (type !== "payment" && type !== "card") notPlayed(`the element \`${type}\``);
    if (made.has(type)) throw new IntegrationError(`Can only create one Element of type ${type} here.`);
    if (type === "payment" && !terms.clientSecret && !terms.mode) {
      throw new IntegrationError("elements(): the Payment Element needs `clientSecret` or `mode`.");
    }
    const needed = () => (type === "payment" ? (loading ??= load()) : Promise.resolve(null));
    const element = makeElement(type, options, { look, load: needed, forget: () => void made.delete(type) });
    made.set(type, element);
    return element;
  }

  async function submit() {
    const payment = insideOf(made.get("payment"));
    if (!payment) return { error: invalid("elements.submit(): there is no Payment Element.") };
    const { error, type } = await payment.ask({ type: "validate" });
    submitted = !error;
    return error ? { error } : { selectedPaymentMethod: String(type) };
  }

  /** @param {object} change */
  async function update(change) {
    const next = { ...terms, ...change };
    if ("clientSecret" in change) throw new IntegrationError("elements.update(): `clientSecret` can't be changed.");
    checkElements(next);
    Object.assign(terms, next);
    made.forEach((element) => insideOf(element)?.restyle());
  }

  const elements = {
    create,
    submit,
    update,
    /** @param {any} [type] @returns {any} */
    getElement: (type) => made.get(type) ?? null,
    /** @returns {Promise<{error?: {message: string, status?: string}}>} */
    fetchUpdates: async () => {
      loading = load();
      const error = await loading;
      return error ? { error: { message: error.message ?? "" } } : {};
    },
    /** @param {"update-end"} _type @param {() => void} _call */
    on: (_type, _call) => {},
  };
  keepGroup(elements, {
    terms,
    payment: () => insideOf(made.get("payment")),
    refused: async () => (loading ??= load()),
    wasSubmitted: () => submitted,
    language: () => look().language,
  });
  return elements;
}
