// @ts-check
// A payment may have moved on since this page was left: coming back to it asks the server again.

window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
