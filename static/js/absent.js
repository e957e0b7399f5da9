// @ts-check
// Says so when the script of a provider's form never came to life: blocked, lost on the way, or broken.

/** Longer than a provider's form waits for its provider: whoever is alive has touched the button by then. */
const PATIENCE_MS = 12000;

const button = document.querySelector("button[data-pay]");
const words = document.querySelector("[data-absent]");
const script = document.querySelector("script[data-pane]");

if (button && words instanceof HTMLElement) {
  const touched = new MutationObserver(() => {
    window.clearTimeout(late);
    touched.disconnect();
    words.hidden = true;
  });
  const tell = () => {
    words.hidden = false;
    button.setAttribute("aria-busy", "false");
    touched.takeRecords(); // that was us
  };
  const late = window.setTimeout(tell, PATIENCE_MS);
  script?.addEventListener("error", tell);
  touched.observe(button, { attributes: true });
}
