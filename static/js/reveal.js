// @ts-check
// A button in each password field that shows what is typed. Without scripts there is none, and the field works.

for (const place of document.querySelectorAll("[data-show]")) {
  const field = place.querySelector("input");
  if (!(place instanceof HTMLElement) || !field) continue;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = place.dataset["show"] ?? "";
  button.setAttribute("aria-pressed", "false");
  button.setAttribute("aria-controls", field.id);
  const reveal = (/** @type {boolean} */ shown) => {
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  };
  button.addEventListener("click", () => reveal(field.type === "password"));
  // What is sent is a password again, so that the browser remembers it as one and no list of past entries does.
  field.form?.addEventListener("submit", () => reveal(false));
  place.append(button);
}
