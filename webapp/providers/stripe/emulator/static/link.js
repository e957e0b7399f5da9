// @ts-check
/** A frame's end of the conversation with Stripe.js in the shop's page, and with no other page. */

const main = document.querySelector("main");
const shop = main?.dataset.shop ?? "";
const frame = main?.dataset.frame ?? "";

/**
 * @param {string} type
 * @param {object} [more]
 */
export function tell(type, more = {}) {
  if (parent !== window) parent.postMessage({ ...more, type, stripe: frame }, shop);
}

/**
 * Calls the handler named like the message; what it gives back answers a question.
 * @param {Record<string, (message: any) => unknown>} handlers
 */
export function listen(handlers) {
  addEventListener("message", async (event) => {
    if (event.origin !== shop || event.source !== parent || event.data?.stripe !== frame) return;
    const { type, number } = event.data;
    if (!Object.hasOwn(handlers, type)) return;
    const value = await handlers[type](event.data);
    if (number !== undefined) tell("answer", { to: number, value });
  });
  tell("hello");
}

/** What the page wanted the frame to know before it paints; sent in the fragment. @returns {Record<string, any>} */
export function firstSettings() {
  try {
    return JSON.parse(decodeURIComponent(location.hash.slice(1)) || "{}");
  } catch {
    return {};
  }
}

/** Keeps the shop's page informed of how tall the content is. */
export function reportHeight() {
  if (!main) return;
  const observer = new ResizeObserver(() => tell("height", { pixels: Math.ceil(main.getBoundingClientRect().height) }));
  observer.observe(main);
}
