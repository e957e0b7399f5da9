// @ts-check
// Offers the address that was probably meant, below a field whose mail service has one slip in its name: gmial.com.
// It never holds anything back. The server knows the same rule (webapp/web/mistyped.py) for browsers without scripts.

/** @param {string} typed @param {string} meant */
function isOneSlip(typed, meant) {
  let start = 0;
  while (start < Math.min(typed.length, meant.length) && typed[start] === meant[start]) start += 1;
  const [one, other] = [typed.slice(start), meant.slice(start)];
  if (!one && !other) return false;
  const swapped = other.length > 1 && one === `${other[1]}${other[0]}${other.slice(2)}`;
  return swapped || one.slice(1) === other || one === other.slice(1) || one.slice(1) === other.slice(1);
}

/** @param {HTMLInputElement} field @returns {string | undefined} */
function meantBy(field) {
  const at = field.value.lastIndexOf("@");
  const domain = field.value.slice(at + 1).trim().toLowerCase();
  const list = (/** @type {string | undefined} */ names) => (names ?? "").split(" ");
  const known = list(field.dataset["known"]);
  if (at < 1 || known.includes(domain) || list(field.dataset["genuine"]).includes(domain)) return undefined;
  const meant = known.find((name) => isOneSlip(domain, name));
  return meant && `${field.value.slice(0, at).trim()}@${meant}`;
}

for (const field of document.querySelectorAll("input[data-known]")) {
  const place = field.closest(".field")?.querySelector("[data-meant]");
  const button = place?.querySelector("button");
  if (!(field instanceof HTMLInputElement) || !(place instanceof HTMLElement) || !button) continue;
  const show = () => {
    const meant = meantBy(field);
    place.hidden = !meant;
    button.textContent = meant ?? "";
  };
  field.addEventListener("change", show);
  button.addEventListener("click", () => {
    field.value = button.textContent ?? "";
    show();
    field.focus();
  });
}
