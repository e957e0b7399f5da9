// @ts-check
/** What can be said about a card's details before anyone is asked. */

/** @typedef {"number" | "expiry" | "cvc"} FieldName */

/** @param {string} text */
export const digits = (text) => text.replace(/\D/g, "");

/** @param {string} number @returns {"amex" | "visa" | "mastercard" | "discover" | "unknown"} */
export function brandOf(number) {
  if (/^3[47]/.test(number)) return "amex";
  if (number.startsWith("4")) return "visa";
  if (/^(5[1-5]|2[2-7])/.test(number)) return "mastercard";
  return /^6(011|5)/.test(number) ? "discover" : "unknown";
}

/** @param {string} number in groups, as printed on a card */
export function grouped(number) {
  const groups = brandOf(number) === "amex" ? /^(\d{1,4})(\d{1,6})?(\d{1,5})?/ : /^(\d{1,4})(\d{1,4})?(\d{1,4})?(\d{1,7})?/;
  return groups.exec(number)?.slice(1).filter(Boolean).join(" ") ?? "";
}

/** @param {string} text @returns {string} `MM / YY` as far as it is typed */
export function asExpiry(text) {
  const typed = digits(text);
  const padded = /^[2-9]/.test(typed) ? `0${typed}` : typed;
  const month = padded.slice(0, 2);
  return padded.length > 2 ? `${month} / ${padded.slice(2, 4)}` : month;
}

/**
 * The code of what is wrong with a field, or nothing.
 * @param {FieldName} field
 * @param {Record<FieldName, string>} values
 * @param {Date} now
 */
export function wrongWith(field, values, now) {
  if (field === "number") return wrongNumber(digits(values.number));
  if (field === "expiry") return wrongExpiry(digits(values.expiry), now);
  const wanted = brandOf(digits(values.number)) === "amex" ? 4 : 3;
  return digits(values.cvc).length < wanted ? "incomplete_cvc" : "";
}

/** @param {string} number */
function wrongNumber(number) {
  const wanted = brandOf(number) === "amex" ? 15 : 16;
  if (number.length < wanted) return "incomplete_number";
  return luhnHolds(number) ? "" : "invalid_number";
}

/** @param {string} expiry @param {Date} now */
function wrongExpiry(expiry, now) {
  if (expiry.length < 4) return "incomplete_expiry";
  const [month, year] = [Number(expiry.slice(0, 2)), 2000 + Number(expiry.slice(2))];
  if (month < 1 || month > 12) return "invalid_expiry_month";
  if (year < now.getFullYear()) return "invalid_expiry_year_past";
  return year === now.getFullYear() && month <= now.getMonth() ? "invalid_expiry_month_past" : "";
}

/** @param {string} number */
function luhnHolds(number) {
  const sum = [...number].reverse().reduce((total, sign, place) => {
    const value = Number(sign) * (place % 2 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}
