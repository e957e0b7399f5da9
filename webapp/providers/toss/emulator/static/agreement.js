// @ts-check
/** The agreement pane of the widget: says whether the required terms are agreed to. */

const pane = document.getElementById("agreement");
const box = pane?.querySelector("input");

function tell() {
  const agreed = box?.checked ?? false;
  const agreements = [{ term: { id: "sandbox-required", required: true }, agreed }];
  const status = { agreedRequiredTerms: agreed, agreements };
  const message = { toss: pane?.dataset.frame, type: "agreement", status };
  parent.postMessage(message, pane?.dataset.shop ?? "");
}

// guess: the terms are not ticked when the pane appears.
box?.addEventListener("change", tell);
tell();
