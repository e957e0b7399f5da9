// @ts-check
// Says when the shop is out of reach, holds back what could not arrive, and goes on by itself when it is back.
// It says nothing about money: what was paid is known to the server alone.

/** Milliseconds between two questions whether the shop is back: short at first, since most gaps are. */
const FIRST_MS = 2000;
const LONGEST_MS = 15000;

const place = document.querySelector("[data-offline]");
const words = document.querySelector("template[data-offline-words]");

let away = false;
let pause = FIRST_MS;
let next = 0;

/** @param {boolean} held whether something was pressed meanwhile */
function tell(held) {
  if (!(place instanceof HTMLElement) || !(words instanceof HTMLTemplateElement)) return;
  place.replaceChildren(words.content.cloneNode(true));
  place.toggleAttribute("data-held", held);
}

// A device may think itself offline beside a shop on the same machine, or online behind a network without a way out.
async function check() {
  window.clearTimeout(next);
  const here = await fetch("/healthz", { cache: "no-store" }).then(() => true, () => false);
  if (here) return back();
  if (!away) tell(false);
  away = true;
  next = window.setTimeout(() => void check(), pause);
  pause = Math.min(pause * 1.5, LONGEST_MS);
}

function back() {
  if (!away) return;
  away = false;
  pause = FIRST_MS;
  place?.replaceChildren();
  // Whoever waits for the server need not wait for the next turn.
  document.dispatchEvent(new Event("reachable"));
}

/** @param {Event} event what would lead to the server, or to a payment, without a connection */
function hold(event) {
  if (!away) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  tell(true);
}

/** @param {Event} event */
function holdPress(event) {
  const pressed = event.target instanceof Element ? event.target.closest("[data-pay], [data-retry], a[href]") : null;
  if (pressed instanceof HTMLAnchorElement && !/^https?:/.test(pressed.protocol)) return;
  if (pressed && !pressed.getAttribute("href")?.startsWith("#")) hold(event);
}

// Ahead of everybody else: once.js would mark the form as sent, and a provider would be asked in vain.
document.addEventListener("submit", hold, { capture: true });
document.addEventListener("click", holdPress, { capture: true });

window.addEventListener("offline", () => void check());
window.addEventListener("online", () => void check());
document.addEventListener("htmx:error", () => void check());
document.addEventListener("htmx:after:request", back);
if (!navigator.onLine) void check();
