// @ts-check
/** What Stripe.js itself says to a buyer, in the sandbox's two languages. The frames have words of their own. */

/** @typedef {"ko" | "en"} Language */

/** @type {Record<string, [korean: string, english: string]>} */
const WORDS = {
  payment: ["안전한 결제 정보 입력", "Secure payment input frame"],
  card: ["안전한 카드 정보 입력", "Secure card payment input frame"],
  threeD: ["카드 본인 인증", "Card authentication"],
  authentication_required: ["이 카드는 본인 인증이 필요해요.", "Your card requires authentication."],
  card_declined: ["카드 결제가 거절됐어요.", "Your card was declined."],
  expired_card: ["유효기간이 지난 카드예요.", "Your card has expired."],
  incorrect_cvc: ["카드의 보안 코드가 맞지 않아요.", "Your card's security code is incorrect."],
  incorrect_number: ["카드번호가 맞지 않아요.", "Your card number is incorrect."],
  insufficient_funds: ["카드의 잔액이나 한도가 부족해요.", "Your card has insufficient funds."],
  invalid_cvc: ["카드의 보안 코드가 올바르지 않아요.", "Your card's security code is invalid."],
  invalid_expiry_month: ["유효기간의 월이 올바르지 않아요.", "Your card's expiration month is invalid."],
  invalid_expiry_year: ["유효기간의 연도가 올바르지 않아요.", "Your card's expiration year is invalid."],
  payment_intent_authentication_failure: [
    "카드 본인 인증에 실패했어요. 다른 결제 수단을 고르거나 다시 시도해 주세요.",
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
  ],
  processing_error: [
    "카드 결제를 처리하다가 오류가 났어요. 잠시 후 다시 시도해 주세요.",
    "An error occurred while processing your card. Try again in a little bit.",
  ],
};

/** @param {unknown} locale as the page asked for; `auto` and nothing follow the browser @returns {Language} */
export function languageOf(locale) {
  const wanted = typeof locale === "string" && locale !== "auto" ? [locale] : navigator.languages;
  const known = wanted.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag === "ko" || tag === "en");
  return known === "ko" ? "ko" : "en";
}

/** @param {string} name @param {Language} language */
export function word(name, language) {
  const known = Object.hasOwn(WORDS, name) ? WORDS[name] : undefined;
  return known?.[language === "ko" ? 0 : 1] ?? "";
}

/**
 * The same error in the buyer's language. Only what a card's buyer may read is worded here.
 * @param {import("./refusal.js").StripeError} error
 * @param {Language} language
 * @returns {import("./refusal.js").StripeError}
 */
export function worded(error, language) {
  const code = error.code ?? "";
  const isShown = error.type === "card_error" || code === "payment_intent_authentication_failure";
  const said = isShown ? word(error.decline_code ?? "", language) || word(code, language) : "";
  return said ? { ...error, message: said } : error;
}
