// @ts-check
// A payment may have moved on since this page was left: coming back to it asks the server again.

const reload = () => window.location.reload();

window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  // Without a connection the browser would put its own error page in this one's place: then as soon as there is one.
  fetch("/healthz", { cache: "no-store" }).then(reload, () => document.addEventListener("reachable", reload));
});
