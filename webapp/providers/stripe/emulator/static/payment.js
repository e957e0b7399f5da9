// @ts-check
/** The Payment Element's frame: a tab for each kind of payment method. */

import { cardState } from "./fields.js";
import { playForm } from "./form.js";

const tabs = [...document.querySelectorAll("[role=tab]")].filter((tab) => tab instanceof HTMLElement);
let kind = "card";
let collapsed = false;

/** @param {string} wanted nothing folds the form */
function open(wanted) {
  collapsed = !wanted;
  kind = wanted || kind;
  for (const tab of tabs) {
    const chosen = tab.dataset.kind === wanted;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen || (!wanted && tab === tabs[0]) ? 0 : -1;
    document.getElementById(tab.getAttribute("aria-controls") ?? "")?.toggleAttribute("hidden", !chosen);
  }
}

function event() {
  const { empty, complete } = kind === "card" ? cardState() : { empty: false, complete: true };
  return { empty, complete: complete && !collapsed, collapsed, value: { type: kind } };
}

/** @param {Record<string, any>} settings */
function set({ options, types }) {
  const layout = typeof options.layout === "string" ? options.layout : options.layout?.type;
  document.querySelector("[role=tablist]")?.classList.toggle("stacked", layout === "accordion");
  if (Array.isArray(types)) tabs.forEach((tab) => (tab.hidden = !types.includes(tab.dataset.kind)));
}

const form = playForm({ kind: () => kind, event, set, collapse: () => (open(""), form.changed()) });

for (const tab of tabs) {
  tab.addEventListener("click", () => (open(tab.dataset.kind ?? ""), form.changed()));
  tab.addEventListener("keydown", ({ key }) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[key];
    if (!step) return;
    const shown = tabs.filter((each) => !each.hidden);
    const next = shown[(shown.indexOf(tab) + step + shown.length) % shown.length];
    next.focus();
    next.click();
  });
}
