// @ts-check
/** What the two frames with card fields have in common. */

import { cardData, checkCard, clearCard, fillCard, focusCard, disableCard, repeatErrors, watchCard } from "./fields.js";
import { firstSettings, listen, reportHeight, tell } from "./link.js";
import { dress } from "./looks.js";
import { sendForm } from "./request.js";
import { speak } from "./words.js";

/** A bank account of the sandbox; the numbers are Stripe's published test ones. */
const ACCOUNT = { routing_number: "110000000", account_number: "000123456789", account_holder_type: "individual" };

/**
 * @param {{kind: () => string, event: () => object, set?: (settings: Record<string, any>) => void,
 *   collapse?: () => void}} part what one of the frames does its own way
 * @returns {{changed: () => void}}
 */
export function playForm({ kind, event, set = () => {}, collapse = () => {} }) {
  let options = firstSettings().options ?? {};
  const changed = () => tell("change", { event: event() });

  /** @param {Record<string, any>} settings */
  function apply(settings) {
    options = settings.options ?? options;
    dress(settings.appearance);
    speak(settings.language);
    repeatErrors();
    disableCard(!!(options.readOnly || options.disabled));
    set({ ...settings, options });
  }

  function check() {
    const error = kind() === "card" ? checkCard() : null;
    if (error) changed();
    return error ? { error } : { type: kind() };
  }

  /** @param {any} message */
  async function confirm(message) {
    const { error } = check();
    if (error) return { error };
    const details = kind() === "card" ? { card: cardData() } : { us_bank_account: ACCOUNT };
    return sendForm(message, { type: kind(), ...details }, options.defaultValues?.billingDetails);
  }

  apply(firstSettings());
  watchCard(changed);
  reportHeight();
  watchPage(changed);
  listen({
    set: apply,
    collapse,
    validate: check,
    confirm,
    create: confirm,
    focus: focusCard,
    blur: () => document.activeElement instanceof HTMLElement && document.activeElement.blur(),
    clear: () => (clearCard(), changed()),
  });
  return { changed };
}

/** @param {() => void} changed */
function watchPage(changed) {
  // Focus that moves from field to field is neither lost nor won.
  addEventListener("focusin", (event) => event.relatedTarget === null && tell("focus"));
  addEventListener("focusout", (event) => event.relatedTarget === null && tell("blur"));
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") tell("escape");
    if (event.key === "Enter" && event.target instanceof HTMLInputElement) tell("submit");
  });
  addEventListener("click", (event) => {
    const hint = event.target instanceof Element ? event.target.closest(".hint") : null;
    if (hint instanceof HTMLElement) fillCard(hint), changed();
  });
}
