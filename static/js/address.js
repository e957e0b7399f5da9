// @ts-check
// Filters are kept in the address: what htmx has put into the page says where a reload would find it.

document.addEventListener("htmx:after:swap", () => {
  const address = document.querySelector("[data-address]")?.getAttribute("data-address");
  if (address) window.history.replaceState(window.history.state, "", address);
});
