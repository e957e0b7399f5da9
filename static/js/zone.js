// @ts-check
// Tells the server what clock the visitor lives by, so that the next page shows times by it. Nothing moves on this one.

const YEAR_S = 365 * 24 * 3600;

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (/^[A-Za-z][\w+/-]+$/.test(zone) && !document.cookie.split("; ").includes(`zone=${zone}`)) {
  const secure = window.location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `zone=${zone}; Path=/; Max-Age=${YEAR_S}; SameSite=Lax${secure}`;
}
