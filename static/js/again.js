// @ts-check
// Ask for this page once more, less and less often while it stays busy.

const KEY = "again";
const FIRST_S = 3;
const LONGEST_S = 30;

const address = window.location.href;
/** @type {{address?: string, tries?: number}} */
const kept = JSON.parse(window.sessionStorage.getItem(KEY) ?? "{}");
const tries = kept.address === address ? (kept.tries ?? 0) : 0;
window.sessionStorage.setItem(KEY, JSON.stringify({ address, tries: tries + 1 }));

const wait = (/** @type {number} */ seconds) => new Promise((done) => window.setTimeout(done, seconds * 1000));
// Without a connection the browser would put its own error page in this one's place, and nothing would ask again.
const isThere = () => fetch("/healthz", { cache: "no-store" }).then(() => true, () => false);

async function again() {
  await wait(Math.min(FIRST_S * 1.5 ** tries, LONGEST_S));
  while (!(await isThere())) await wait(FIRST_S);
  window.location.reload();
}

void again();
