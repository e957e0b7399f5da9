// @ts-check
/** The frames' words in both languages. An element with `data-word` shows the word of that name. */

/** @type {Record<string, [korean: string, english: string]>} */
const WORDS = {
  title: ["결제 정보", "Payment details"],
  kinds: ["결제 수단", "Payment methods"],
  card: ["카드", "Card"],
  us_bank_account: ["은행 계좌 출금", "Bank debit"],
  number: ["카드번호", "Card number"],
  expiry: ["유효기간", "Expiration date"],
  expirySign: ["월 / 년", "MM / YY"],
  cvc: ["보안 코드", "Security code"],
  test: ["테스트 카드", "Test cards"],
  testHint: ["누르면 카드 정보가 채워져요.", "Press one to fill in the card."],
  bankName: ["샌드박스 은행", "Sandbox bank"],
  bankNumber: ["계좌 ••••6789", "Account ••••6789"],
  bankText: [
    "결제가 접수된 뒤 은행의 답을 기다려요. 결과는 샌드박스 화면에서 정할 수 있어요.",
    "The payment is taken up, then waits for the bank. You decide its answer on the sandbox page.",
  ],
  incomplete_number: ["카드번호를 끝까지 입력해 주세요.", "Your card number is incomplete."],
  invalid_number: ["카드번호가 올바르지 않아요.", "Your card number is invalid."],
  incomplete_expiry: ["유효기간을 끝까지 입력해 주세요.", "Your card's expiration date is incomplete."],
  invalid_expiry_month: ["유효기간의 월이 올바르지 않아요.", "Your card's expiration month is invalid."],
  invalid_expiry_month_past: ["유효기간이 지났어요.", "Your card's expiration date is in the past."],
  invalid_expiry_year_past: ["유효기간의 연도가 지났어요.", "Your card's expiration year is in the past."],
  incomplete_cvc: ["보안 코드를 끝까지 입력해 주세요.", "Your card's security code is incomplete."],
};

let korean = false;

/** @param {string} name */
export function word(name) {
  return WORDS[name]?.[korean ? 0 : 1] ?? name;
}

/**
 * Puts the whole page into a language.
 * @param {unknown} language
 */
export function speak(language) {
  korean = language === "ko";
  document.documentElement.lang = korean ? "ko" : "en";
  document.title = word("title");
  each("[data-word]", (node) => (node.textContent = word(node.dataset.word ?? "")));
  each("[data-label]", (node) => node.setAttribute("aria-label", word(node.dataset.label ?? "")));
  each("[data-korean]", (node) => (node.textContent = (korean ? node.dataset.korean : node.dataset.english) ?? ""));
  each("input[data-sign]", (node) => node.setAttribute("placeholder", word(node.dataset.sign ?? "")));
}

/** @param {string} selector @param {(node: HTMLElement) => void} change */
function each(selector, change) {
  document.querySelectorAll(selector).forEach((node) => node instanceof HTMLElement && change(node));
}
