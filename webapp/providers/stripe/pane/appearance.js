// @ts-check
// Dresses Stripe's form in the shop's own colours and sizes, and again when the buyer's device turns dark or light.

/** @typedef {import("@stripe/stripe-js").Appearance} Appearance */

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const contrast = window.matchMedia("(prefers-contrast: more)");

/** @returns {Appearance} the design system's values as they stand now */
export function appearance() {
  const style = window.getComputedStyle(document.documentElement);
  const token = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
  const edge = { border: `1px solid ${token("line-strong")}`, boxShadow: "none" };
  return {
    theme: dark.matches ? "night" : "stripe",
    variables: {
      fontFamily: token("font"),
      fontSizeBase: token("text-md"),
      spacingUnit: token("space-1"),
      borderRadius: token("radius"),
      colorPrimary: token("accent"),
      accessibleColorOnColorPrimary: token("on-accent"),
      colorBackground: token("surface"),
      colorText: token("ink"),
      colorTextSecondary: token("ink-2"),
      colorTextPlaceholder: token("ink-3"),
      colorDanger: token("error"),
    },
    rules: { ".Input": edge, ".Tab": edge, ".Block": edge },
  };
}

/** @param {(next: Appearance) => void} dress is called whenever those values change */
export function onAppearance(dress) {
  for (const wish of [dark, contrast]) wish.addEventListener("change", () => dress(appearance()));
}
