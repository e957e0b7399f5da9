// @ts-check
/** Where this script came from; everything else is asked there. */

const script = document.currentScript;

/** Origin of the sandbox. */
export const HOME = new URL(script instanceof HTMLScriptElement ? script.src : location.href).origin;

/** What stands before `/v1/…`, and before the pages that frames show. */
export const BASE = `${HOME}/stripe`;
