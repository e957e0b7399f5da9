// @ts-check
/** The card's three fields: how they are written, what is wrong with them, and the test cards that fill them. */

import { asExpiry, brandOf, digits, grouped, wrongWith } from "./judge.js";
import { word } from "./words.js";

/**
 * @typedef {import("./judge.js").FieldName} FieldName
 * @typedef {{type: "validation_error", code: string, message: string}} Wrong
 */

/** @type {FieldName[]} */
const NAMES = ["number", "expiry", "cvc"];

/** @param {FieldName} name @returns {HTMLInputElement} */
function input(name) {
  const found = document.getElementById(name);
  if (found instanceof HTMLInputElement) return found;
  throw new TypeError(name);
}

const values = () => ({ number: input("number").value, expiry: input("expiry").value, cvc: input("cvc").value });
const wrongCode = (/** @type {FieldName} */ name) => wrongWith(name, values(), new Date());

/** @param {FieldName} name @param {string} code shown at the field; nothing clears it */
function show(name, code) {
  const place = document.getElementById(`${name}-error`) ?? document.getElementById("error");
  input(name).toggleAttribute("aria-invalid", false);
  if (code) input(name).setAttribute("aria-invalid", "true");
  if (place && (code || place.dataset.of === name)) {
    place.textContent = code ? word(code) : "";
    place.dataset.of = code ? name : "";
    place.dataset.code = code;
  }
}

/** Words of errors that are on show, again; for a change of language. */
export function repeatErrors() {
  document.querySelectorAll("[data-code]").forEach((place) => {
    if (place instanceof HTMLElement && place.dataset.code) place.textContent = word(place.dataset.code);
  });
}

/** @param {string} code @returns {Wrong} */
const wrong = (code) => ({ type: "validation_error", code, message: word(code) });

/** Shows everything that is wrong, and gives the first of it. @returns {Wrong | null} */
export function checkCard() {
  const codes = NAMES.map((name) => (show(name, wrongCode(name)), wrongCode(name)));
  const first = codes.findIndex(Boolean);
  if (first < 0) return null;
  input(NAMES[first]).focus();
  return wrong(codes[first]);
}

export function cardState() {
  const shown = NAMES.map((name) => input(name).hasAttribute("aria-invalid") && wrongCode(name)).find(Boolean);
  return {
    empty: NAMES.every((name) => !input(name).value),
    complete: NAMES.every((name) => !wrongCode(name)),
    brand: brandOf(digits(input("number").value)),
    error: shown ? wrong(shown) : undefined,
  };
}

/** As the API wants it. */
export function cardData() {
  const expiry = digits(input("expiry").value);
  const [exp_month, exp_year] = [expiry.slice(0, 2), `20${expiry.slice(2)}`];
  return { number: digits(input("number").value), exp_month, exp_year, cvc: digits(input("cvc").value) };
}

export const focusCard = () => input("number").focus();
export const disableCard = (/** @type {boolean} */ off) => NAMES.forEach((name) => (input(name).disabled = off));
export const clearCard = () => NAMES.forEach((name) => ((input(name).value = ""), show(name, "")));

/** @param {() => void} changed */
export function watchCard(changed) {
  for (const name of NAMES) {
    input(name).addEventListener("input", (event) => {
      write(name, event instanceof InputEvent && event.inputType.startsWith("insert"));
      // An error stays as long as it is true; a new one waits until the field is left.
      if (!wrongCode(name)) show(name, "");
      changed();
    });
    input(name).addEventListener("blur", () => {
      if (input(name).value) show(name, wrongCode(name)), changed();
    });
  }
}

/** @param {FieldName} name @param {boolean} typing whether the buyer adds to the end */
function write(name, typing) {
  const field = input(name);
  // Rewriting moves the caret to the end: what is mended in the middle stays as it is typed.
  if (field.selectionStart !== field.value.length) return;
  const typed = digits(field.value);
  field.value = name === "number" ? grouped(typed) : name === "cvc" ? typed.slice(0, 4) : asExpiry(typed);
  const next = NAMES[NAMES.indexOf(name) + 1];
  if (typing && next && document.activeElement === field && !wrongCode(name)) input(next).focus();
}

/** @param {HTMLElement} button a test card's */
export function fillCard(button) {
  input("number").value = button.dataset.number ?? "";
  input("expiry").value = "12 / 34";
  input("cvc").value = brandOf(digits(input("number").value)) === "amex" ? "1234" : "123";
  NAMES.forEach((name) => show(name, ""));
}
