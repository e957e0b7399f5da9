// @ts-check
/** How much room an element takes, known before its frame is there, so that nothing below it jumps. */

/** Pixels around the fields for their rings; the frame reaches that far over its place, so that edges line up. */
export const RIM = 4;

/** Pixels of a field, of a tab at the usual size, and of the folded test cards with their border. */
const [FIELD, TAB, FOLDED] = [46, 60, 46];

/**
 * Pixels of an empty element; frame.css is laid out to these.
 * @param {"payment" | "card"} kind
 * @param {{variables?: {fontSizeBase?: unknown, spacingUnit?: unknown}}} appearance
 */
export function roomFor(kind, { variables = {} }) {
  const font = pixels(variables.fontSizeBase, 16, 16);
  const unit = pixels(variables.spacingUnit, 4, font);
  const text = 0.875 * 1.4 * font;
  const card = FIELD + 3 * unit + FOLDED;
  if (kind === "card") return Math.ceil(2 * RIM + card);
  return Math.ceil(2 * RIM + Math.max(TAB, 40 + text) + 4 * unit + 2 * (text + 4) + FIELD + 3 * unit + card);
}

/** @param {unknown} length @param {number} otherwise @param {number} rem */
function pixels(length, otherwise, rem) {
  const found = typeof length === "string" ? /^(\d*\.?\d+)(px|rem)$/.exec(length.trim()) : null;
  return found ? Number(found[1]) * (found[2] === "rem" ? rem : 1) : otherwise;
}
