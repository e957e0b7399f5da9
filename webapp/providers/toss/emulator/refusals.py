"""What Toss says no with: code, HTTP status, words in Korean and English."""

from webapp.sandbox.wire import Answer

# For each code its HTTP status and its words in both languages.
_WORDS: dict[str, tuple[int, str, str]] = {
    "UNAUTHORIZED_KEY": (401, "인증되지 않은 시크릿 키 혹은 클라이언트 키 입니다.", "The key is unknown."),
    "INCORRECT_BASIC_AUTH_FORMAT": (
        403,
        "잘못된 요청입니다. ':' 를 포함해 인코딩해주세요.",
        "Encode the key together with a colon.",
    ),
    "INVALID_CLIENT_KEY": (400, "잘못된 클라이언트 키입니다.", "The client key is not valid."),
    "INVALID_API_KEY": (400, "잘못된 시크릿키 연동 정보 입니다.", "The key does not fit this call."),
    "INVALID_REQUEST": (400, "잘못된 요청입니다.", "The request is not valid."),
    "INVALID_IDEMPOTENCY_KEY": (400, "멱등키는 300자 이하여야 합니다.", "The idempotency key is too long."),
    "IDEMPOTENT_REQUEST_PROCESSING": (
        409,
        "이전 멱등 요청이 처리중입니다.",
        "An earlier request with this idempotency key is being processed.",
    ),
    "NOT_FOUND": (404, "존재하지 않는 정보 입니다.", "There is nothing here."),
    "NOT_FOUND_PAYMENT": (404, "존재하지 않는 결제 정보 입니다.", "The payment does not exist."),
    "NOT_FOUND_PAYMENT_SESSION": (
        404,
        "결제 시간이 만료되어 결제 진행 데이터가 존재하지 않습니다.",
        "The time to pay has run out.",
    ),
    "ALREADY_PROCESSED_PAYMENT": (400, "이미 처리된 결제 입니다.", "The payment was already processed."),
    "FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING": (
        500,
        "결제가 완료되지 않았어요. 다시 시도해주세요.",
        "The payment was not completed. Please try again.",
    ),
    "FAILED_INTERNAL_SYSTEM_PROCESSING": (
        500,
        "내부 시스템 처리 작업이 실패했습니다. 잠시 후 다시 시도해주세요.",
        "Internal processing failed. Please try again later.",
    ),
    "UNKNOWN_PAYMENT_ERROR": (500, "결제에 실패했어요.", "The payment failed."),
    "COMMON_ERROR": (500, "일시적인 오류가 발생했습니다.", "A temporary error occurred."),
    "PROVIDER_ERROR": (400, "일시적인 오류가 발생했습니다.", "A temporary error occurred."),
    "REJECT_CARD_COMPANY": (403, "결제 승인이 거절되었습니다.", "The card company declined the payment."),
    "REJECT_CARD_PAYMENT": (
        403,
        "한도초과 혹은 잔액부족으로 결제에 실패했습니다.",
        "The card's limit or balance does not suffice.",
    ),
    "BELOW_MINIMUM_AMOUNT": (400, "결제 금액이 최소 금액보다 적습니다.", "The amount is below the minimum."),
    "ALREADY_CANCELED_PAYMENT": (400, "이미 취소된 결제 입니다.", "The payment was already cancelled."),
    "NOT_CANCELABLE_AMOUNT": (403, "취소 할 수 없는 금액 입니다.", "This amount cannot be cancelled."),
    "NOT_CANCELABLE_PAYMENT": (403, "취소 할 수 없는 결제 입니다.", "This payment cannot be cancelled."),
    "NOT_MATCHES_REFUNDABLE_AMOUNT": (
        400,
        "잔액 결과가 일치하지 않습니다.",
        "The refundable amount does not match.",
    ),
    "NOT_ALLOWED_PARTIAL_REFUND_WAITING_DEPOSIT": (
        403,
        "입금 대기중인 결제는 부분 환불이 불가합니다.",
        "A payment that waits for its deposit cannot be refunded in part.",
    ),
    "INVALID_REFUND_ACCOUNT_INFO": (400, "환불 계좌 정보가 잘못되었습니다.", "Invalid refund account."),
    "INVALID_REFUND_ACCOUNT_NUMBER": (
        400,
        "잘못된 환불 계좌번호입니다.",
        "The refund account number is not valid.",
    ),
    "INVALID_BANK": (400, "유효하지 않은 은행입니다.", "The bank is not valid."),
    "INCORRECT_SUCCESS_URL_FORMAT": (400, "잘못된 successUrl 입니다.", "successUrl needs an origin."),
    "INCORRECT_FAIL_URL_FORMAT": (400, "잘못된 failUrl 입니다.", "failUrl needs an origin."),
    "INVALID_CUSTOMER_KEY": (400, "잘못된 customerKey 입니다.", "The customerKey is not valid."),
    "INSECURE_KEY_USAGE": (
        400,
        "시크릿 키를 브라우저에서 사용할 수 없습니다.",
        "A secret key must never reach the browser.",
    ),
    "PAY_PROCESS_ABORTED": (400, "카드 본인 인증에 실패했습니다.", "The card could not be verified."),
    "INVALID_CARD_NUMBER": (400, "카드번호를 다시 확인해주세요.", "Check the card number."),
    "INVALID_PARAMETERS": (400, "잘못된 파라미터입니다.", "A parameter is not valid."),
    "EXCEED_MAX_DUE_DATE": (400, "입금 기한이 너무 깁니다.", "The deadline is too far away."),
    "INVALID_METADATA": (400, "잘못된 metadata 입니다.", "The metadata is not valid."),
    "INVALID_AMOUNT_VALUE": (400, "잘못된 금액입니다.", "The amount is not valid."),
    "INVALID_AMOUNT_CURRENCY": (400, "지원하지 않는 통화입니다.", "The currency is not supported."),
    "BELOW_ZERO_AMOUNT": (400, "금액은 0보다 커야 합니다.", "The amount must be above zero."),
    "NOT_SUPPORTED_METHOD": (400, "지원하지 않는 결제수단입니다.", "The method is not supported."),
    "NOT_SUPPORTED_WIDGET_KEY": (
        400,
        "결제위젯 연동 키는 지원하지 않습니다.",
        "Widget keys do not work with this call.",
    ),
    "NOT_SUPPORTED_API_INDIVIDUAL_KEY": (
        400,
        "API 개별 연동 키는 지원하지 않습니다.",
        "API keys do not work with widgets.",
    ),
}


class Refusal(Exception):
    """Toss refuses. `detail` is added to the message, `status` overrides the code's own."""

    def __init__(self, code: str, detail: str = "", status: int | None = None) -> None:
        super().__init__(code)
        self.code, self.detail = code, detail
        self.status = _WORDS.get(code, (400,))[0] if status is None else status

    def answer(self, *, english: bool = False) -> Answer:
        """The error as the REST API sends it."""
        return Answer(self.status, error_body(self.code, english=english, detail=self.detail))


def error_body(code: str, *, english: bool = False, detail: str = "") -> dict[str, str]:
    """`{"code", "message"}` with Toss's shape; unlisted codes get a neutral sentence."""
    _, korean_text, english_text = _WORDS.get(code, (400, "결제를 처리하지 못했습니다.", "Not processed."))
    text = english_text if english else korean_text
    message = f"{detail} {text}" if detail.startswith("[") else f"{text} {detail}".strip()
    return {"code": code, "message": message}


def status_of(code: str) -> int:
    """The HTTP status that belongs to a code; 400 for one that is not listed."""
    return _WORDS.get(code, (400,))[0]
