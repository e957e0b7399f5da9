// @ts-check
// Fetches Stripe's script from its own address: it is never served by the shop.

/** @param {string} url @returns {Promise<import("@stripe/stripe-js").StripeConstructor>} rejects when it can't be had */
export async function loadStripe(url) {
  const script = document.createElement("script");
  await new Promise((resolve, reject) => {
    script.onload = resolve;
    script.onerror = reject;
    script.src = url;
    document.head.append(script);
  });
  if (!window.Stripe) throw new TypeError("Stripe");
  return window.Stripe;
}
