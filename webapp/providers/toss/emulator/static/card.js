// @ts-check
/** Fills the card form from a test card's button. */

/** @param {string} name @param {string} value */
function fill(name, value) {
  const field = document.querySelector(`input[name="${name}"]`);
  if (field instanceof HTMLInputElement) field.value = value;
}

for (const hint of document.querySelectorAll(".hint")) {
  hint.addEventListener("click", () => {
    fill("number", hint instanceof HTMLElement ? (hint.dataset.number ?? "") : "");
    fill("expiry", "12/30");
    fill("cvc", "123");
    const pay = document.querySelector("button.pay");
    if (pay instanceof HTMLElement) pay.focus();
  });
}
