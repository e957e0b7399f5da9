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
window.setTimeout(() => window.location.reload(), Math.min(FIRST_S * 1.5 ** tries, LONGEST_S) * 1000);
