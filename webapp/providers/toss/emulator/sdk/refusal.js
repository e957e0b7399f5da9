// @ts-check
/** The errors of the SDK: an `Error` with a `code` to branch on. */

/** @type {Record<string, string>} */
const TEXTS = {
  AGREEMENT_WIDGET_ALREADY_RENDERED: "약관 UI가 이미 렌더링되었습니다.",
  BELOW_ZERO_AMOUNT: "금액은 0보다 커야 합니다.",
  INCORRECT_FAIL_URL_FORMAT: "failUrl은 오리진을 포함해야 합니다.",
  INCORRECT_SUCCESS_URL_FORMAT: "successUrl은 오리진을 포함해야 합니다.",
  INSECURE_KEY_USAGE: "시크릿 키를 브라우저에서 사용할 수 없습니다.",
  INVALID_AMOUNT_CURRENCY: "지원하지 않는 통화입니다.",
  INVALID_AMOUNT_VALUE: "잘못된 금액입니다.",
  INVALID_CLIENT_KEY: "잘못된 클라이언트 키입니다.",
  INVALID_CUSTOMER_KEY: "잘못된 customerKey입니다.",
  INVALID_METHOD_TRANSACTION: "다른 요청이 진행 중입니다.",
  INVALID_PARAMETERS: "잘못된 파라미터입니다.",
  INVALID_SELECTOR: "셀렉터에 해당하는 요소가 없습니다.",
  NEED_AGREEMENT_WITH_REQUIRED_TERMS: "필수 약관에 동의해주세요.",
  NETWORK_ERROR: "네트워크 오류가 발생했습니다.",
  NOT_SELECTED_PAYMENT_METHOD: "결제수단을 선택해주세요.",
  NOT_SETUP_AMOUNT: "금액이 설정되지 않았습니다.",
  NOT_SUPPORTED_API_INDIVIDUAL_KEY: "API 개별 연동 키는 결제위젯에서 사용할 수 없습니다.",
  NOT_SUPPORTED_METHOD: "지원하지 않는 결제수단입니다.",
  NOT_SUPPORTED_PROMISE: "모바일에서는 프로미스 방식을 사용할 수 없습니다.",
  NOT_SUPPORTED_WIDGET_KEY: "결제위젯 연동 키는 사용할 수 없습니다.",
  PAYMENT_METHODS_WIDGET_ALREADY_RENDERED: "결제수단 UI가 이미 렌더링되었습니다.",
  PAYMENT_REQUEST_ABORTED: "결제 요청이 중단되었습니다.",
  USER_CANCEL: "취소되었습니다.",
};

export class TossPaymentsError extends Error {
  /**
   * @param {string} code
   * @param {string} [message]
   */
  constructor(code, message) {
    super(message || TEXTS[code] || code);
    this.name = "TossPaymentsError";
    this.code = code;
  }
}
