// @ts-check
/** The payment window: an overlay with a frame on a computer, the whole page on a phone. */

import { makeFrame } from "./frame.js";
import { HOME } from "./home.js";
import { TossPaymentsError } from "./refusal.js";

/**
 * @typedef {{paymentKey: string, orderId: string, amount: {value: number, currency: string}}} Authenticated
 * @typedef {{result: Promise<Authenticated | undefined>, close: (code: string) => void}} PaymentWindow
 */

/**
 * @param {string} path of the window's first page
 * @param {boolean} leaves whether the whole page goes there instead of a frame
 * @returns {PaymentWindow}
 */
export function openWindow(path, leaves) {
  if (leaves) {
    location.assign(new URL(path, HOME));
    return { result: left(), close: () => {} };
  }
  /** @type {(code: string, message?: string) => void} */
  let fail = () => {};
  const overlay = makeOverlay();
  const focused = document.activeElement;
  /** @type {Promise<Authenticated | undefined>} */
  const result = new Promise((resolve, reject) => {
    const frame = makeFrame(path, "토스페이먼츠 결제창", (message) => {
      if (message.type === "closed") fail("USER_CANCEL");
      else if (message.type === "failed") fail(String(message.code), String(message.message));
      else if (message.type === "go") {
        void left().then(() => (tidy(), resolve(undefined)));
        location.assign(String(message.url));
      }
      else if (message.type === "authenticated") {
        tidy();
        resolve(/** @type {Authenticated} */ (message.payment));
      }
    });
    fail = (code, message) => {
      tidy();
      reject(new TossPaymentsError(code, message));
    };
    function tidy() {
      frame.remove();
      overlay.remove();
      if (focused instanceof HTMLElement) focused.focus();
    }
    overlay.firstElementChild?.append(frame.element);
    document.body.append(overlay);
    frame.element.focus();
  });
  return { result, close: (code) => fail(code) };
}

/** @returns {Promise<undefined>} when the page is left: a page that comes back must be free to ask again */
function left() {
  return new Promise((resolve) => addEventListener("pagehide", () => resolve(undefined), { once: true }));
}

function makeOverlay() {
  const overlay = document.createElement("div");
  Object.assign(overlay.style, {
    position: "fixed",
    inset: "0",
    zIndex: "2147483647",
    display: "grid",
    placeItems: "center",
    background: "rgb(0 0 0 / 0.55)",
  });
  overlay.setAttribute("role", "dialog");
  overlay.setAttribute("aria-modal", "true");
  overlay.setAttribute("aria-label", "토스페이먼츠 결제창");
  const box = document.createElement("div");
  Object.assign(box.style, {
    width: "min(100vw, 440px)",
    height: "min(100vh, 720px)",
    overflow: "hidden",
    borderRadius: "20px",
    background: "Canvas",
  });
  overlay.append(box);
  return overlay;
}
