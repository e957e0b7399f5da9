// @ts-check
// Another language loads the page anew: what was typed into its form comes back in it, but never a password.

const KEY = "typed";
/** What is nobody's typing, or nobody's to keep. */
const NOT_KEPT = ["password", "hidden", "submit", "button"];

/** @returns {Map<string, HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>} by their ids */
function fields() {
  const found = new Map();
  for (const field of document.querySelectorAll("main form :is(input, textarea, select)[id][name]")) {
    // A password that is being shown is a field of text for the moment.
    if (field instanceof HTMLInputElement && (NOT_KEPT.includes(field.type) || field.closest("[data-show]"))) continue;
    found.set(field.id, field);
  }
  return found;
}

/** @param {Element} field @returns {field is HTMLInputElement} */
const isBox = (field) => field instanceof HTMLInputElement && field.type === "checkbox";

document.addEventListener("submit", (event) => {
  if (!(event.target instanceof HTMLFormElement) || !("language" in event.target.dataset)) return;
  const typed = [...fields()].map(([id, field]) => [id, isBox(field) ? field.checked : field.value]);
  window.sessionStorage.setItem(KEY, JSON.stringify({ path: window.location.pathname, typed }));
});

/** @type {{path?: string, typed?: [string, string | boolean][]}} */
const kept = JSON.parse(window.sessionStorage.getItem(KEY) ?? "{}");
window.sessionStorage.removeItem(KEY);
const here = kept.path === window.location.pathname ? fields() : new Map();
for (const [id, value] of kept.typed ?? []) {
  const field = here.get(id);
  if (!field) continue;
  if (typeof value === "boolean") field.checked = value;
  else field.value = value;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}
