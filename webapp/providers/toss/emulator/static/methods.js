// @ts-check
/** The method pane of the widget: says what is chosen, and follows the amount. */

const pane = document.getElementById("methods");
const shop = pane?.dataset.shop ?? "";
const frame = pane?.dataset.frame ?? "";

function tell() {
  const chosen = document.querySelector("input:checked");
  const code = chosen instanceof HTMLInputElement ? chosen.value : "";
  parent.postMessage({ toss: frame, type: "select", code }, shop);
}

addEventListener("message", (event) => {
  if (event.origin !== shop || event.source !== parent || event.data?.toss !== frame) return;
  if (event.data.type === "amount" && pane) pane.dataset.amount = String(event.data.amount?.value);
});
pane?.addEventListener("change", tell);
tell();
