// @ts-check
/** The Appearance of the shop's page, as custom properties that frame.css works with. */

const THEMES = ["stripe", "night", "flat"];

/** Each variable that is played, and the CSS property whose values it may take. @type {Record<string, string>} */
const VARIABLES = {
  colorPrimary: "color",
  colorBackground: "color",
  colorText: "color",
  colorTextSecondary: "color",
  colorTextPlaceholder: "color",
  colorDanger: "color",
  borderRadius: "border-radius",
  fontFamily: "font-family",
  fontSizeBase: "font-size",
  spacingUnit: "width",
};

/** Of the rules only the borders of these. @type {Record<string, string>} */
const BORDERS = { ".Input": "inputBorder", ".Tab": "tabBorder", ".Block": "blockBorder" };

/**
 * @param {{theme?: unknown, variables?: Record<string, unknown>,
 *   rules?: Record<string, Record<string, unknown> | undefined>}} [appearance]
 */
export function dress(appearance = {}) {
  const root = document.documentElement;
  const { theme, variables = {}, rules = {} } = appearance;
  // Inside a shop's page the ground is the shop's.
  root.classList.toggle("alone", parent === window);
  root.dataset.theme = THEMES.includes(String(theme)) ? String(theme) : "stripe";
  for (const [name, property] of Object.entries(VARIABLES)) put(root, name, property, variables[name]);
  for (const [rule, name] of Object.entries(BORDERS)) put(root, name, "border", rules[rule]?.border);
}

/** @param {HTMLElement} root @param {string} name @param {string} property @param {unknown} value */
function put(root, name, property, value) {
  root.style.removeProperty(`--${name}`);
  if (typeof value === "string" && CSS.supports(property, value)) root.style.setProperty(`--${name}`, value);
}
