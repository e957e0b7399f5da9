// @ts-check
/** Who wants to hear of an element's events. */

/** @typedef {(event: any) => any} Handler */

/** @param {object} base what every event carries */
export function makeListeners(base) {
  /** @type {Array<{type: string, call: Handler, once: boolean}>} */
  let known = [];
  return {
    /** @param {string} type @param {Handler} call @param {boolean} [once] */
    add: (type, call, once = false) => void known.push({ type, call, once }),
    /** @param {string} type @param {Handler} [call] all of this type when left out */
    drop: (type, call) => void (known = known.filter((each) => each.type !== type || (call && each.call !== call))),
    /** @param {string} type @param {object} [more] */
    emit: (type, more = {}) => {
      const called = known.filter((each) => each.type === type);
      known = known.filter((each) => !(each.once && called.includes(each)));
      called.forEach((each) => each.call({ ...base, ...more }));
    },
  };
}
