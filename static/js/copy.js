// @ts-check
// A button that copies its `data-copy` and says so for a moment.

const SAID_FOR_MS = 2000;

/** @param {HTMLButtonElement} button */
async function copy(button) {
  const label = button.firstChild;
  const before = label?.textContent ?? "";
  const said = button.dataset.copied ?? "";
  if (!label || before === said) return;
  await navigator.clipboard.writeText(button.dataset.copy ?? "");
  label.textContent = said;
  window.setTimeout(() => {
    label.textContent = before;
  }, SAID_FOR_MS);
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
  if (button instanceof HTMLButtonElement) void copy(button);
});
