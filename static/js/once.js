// @ts-check
// One click, one request: a form marked `data-once` is sent once, and its button says that it is at work.

/** @param {HTMLFormElement} form */
function buttonsOf(form) {
  return form.querySelectorAll("button[type=submit]");
}

/**
 * @param {HTMLFormElement} form
 * @param {boolean} busy
 */
function mark(form, busy) {
  form.toggleAttribute("data-sent", busy);
  for (const button of buttonsOf(form)) {
    button.toggleAttribute("aria-busy", false);
    if (busy) button.setAttribute("aria-busy", "true");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !("once" in form.dataset)) return;
  if (form.hasAttribute("data-sent")) event.preventDefault();
  else mark(form, true);
});

// A page that comes back from the browser's cache may be used again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) {
    if (form instanceof HTMLFormElement) mark(form, false);
  }
});
