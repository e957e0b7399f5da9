// @ts-check
/** What this script may do with an element and a shop's page may not. */

/**
 * @typedef {"payment" | "card"} ElementType
 * @typedef {{kind: ElementType, ask: (message: object) => Promise<any>, restyle: () => void}} Inside
 */

/** @type {WeakMap<object, Inside>} */
const insides = new WeakMap();

/** @param {object} element @param {Inside} inside */
export function keepInside(element, inside) {
  insides.set(element, inside);
}

/** @param {unknown} element @returns {Inside | undefined} */
export function insideOf(element) {
  return typeof element === "object" && element ? insides.get(element) : undefined;
}

/**
 * @typedef {{terms: import("./rules.js").Terms, payment: () => Inside | undefined,
 *   refused: () => Promise<import("./refusal.js").StripeError | null>,
 *   wasSubmitted: () => boolean, language: () => import("./words.js").Language}} InsideGroup
 */

/** @type {WeakMap<object, InsideGroup>} */
const groups = new WeakMap();

/** @param {object} elements @param {InsideGroup} inside */
export function keepGroup(elements, inside) {
  groups.set(elements, inside);
}

/** @param {unknown} elements @returns {InsideGroup | undefined} */
export function groupOf(elements) {
  return typeof elements === "object" && elements ? groups.get(elements) : undefined;
}
