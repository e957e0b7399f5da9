"""Stripe's published test cards, their `pm_card_…` tokens, and what each does."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TestCard:
    """A number and what happens to whoever enters it.

    `decline` names a decline at once, `after` one that follows a passed 3-D Secure step. `three_d` is
    `always`, `on_session` (none when off-session), `if_asked`, `fails_if_asked`, `lookup_fails` or `frictionless`.
    `refund` is `pending` or `failing`; `disputes` the reasons of the disputes that follow the charge at once.
    """

    __test__ = False

    number: str
    token: str
    korean: str
    english: str
    decline: str = ""
    three_d: str = ""
    after: str = ""
    refund: str = ""
    disputes: tuple[str, ...] = ()
    inquiry: bool = False
    blocked: bool = False

    @property
    def is_everyday(self) -> bool:
        """Whether it is among the few that a first look needs."""
        return self.number[-4:] in EVERYDAY

    @property
    def spaced(self) -> str:
        """The number as it is printed on a card."""
        if brand_of(self.number) == "amex":
            return f"{self.number[:4]} {self.number[4:10]} {self.number[10:]}"
        return " ".join(self.number[start : start + 4] for start in range(0, len(self.number), 4))


_V = "pm_card_visa_chargeDeclined"

TEST_CARDS = (
    TestCard("4242424242424242", "pm_card_visa", "결제 성공", "paid"),
    TestCard("5555555555554444", "pm_card_mastercard", "결제 성공 (Mastercard)", "paid (Mastercard)"),
    TestCard("378282246310005", "pm_card_amex", "결제 성공 (Amex)", "paid (Amex)"),
    TestCard("4000000000000077", "pm_card_bypassPending", "결제 성공, 바로 정산", "paid, funds at once"),
    TestCard("4000003720000278", "pm_card_bypassPendingInternational", "결제 성공, 바로 정산", "paid, funds at once"),
    TestCard("4000000000000002", _V, "거절", "declined", decline="generic_decline"),
    TestCard(
        "4000000000009995", _V + "InsufficientFunds", "잔액 부족", "insufficient funds", decline="insufficient_funds"
    ),
    TestCard("4000000000009987", _V + "LostCard", "분실 카드", "lost card", decline="lost_card"),
    TestCard("4000000000009979", _V + "StolenCard", "도난 카드", "stolen card", decline="stolen_card"),
    TestCard(
        "4000000000006975",
        _V + "VelocityLimitExceeded",
        "사용 한도 초과",
        "used too often",
        decline="card_velocity_exceeded",
    ),
    TestCard(
        "4000000000000069", "pm_card_chargeDeclinedExpiredCard", "만료된 카드", "expired card", decline="expired_card"
    ),
    TestCard(
        "4000000000000127", "pm_card_chargeDeclinedIncorrectCvc", "CVC 오류", "wrong CVC", decline="incorrect_cvc"
    ),
    TestCard(
        "4000000000000119",
        "pm_card_chargeDeclinedProcessingError",
        "처리 오류",
        "processing error",
        decline="processing_error",
    ),
    TestCard(
        "4000000000000341",
        "pm_card_chargeCustomerFail",
        "등록은 되고 결제는 거절",
        "saved, then declined",
        decline="generic_decline",
    ),
    TestCard(
        "4100000000000019",
        "pm_card_radarBlock",
        "위험 거래로 차단",
        "blocked as too risky",
        decline="fraudulent",
        blocked=True,
    ),
    TestCard(
        "4000000000004954",
        "pm_card_riskLevelHighest",
        "위험도 최고로 차단",
        "blocked, highest risk",
        decline="fraudulent",
        blocked=True,
    ),
    TestCard("4000000000009235", "pm_card_riskLevelElevated", "결제 성공, 위험도 높음", "paid, elevated risk"),
    TestCard("4000000000000101", "pm_card_cvcCheckFail", "결제 성공, CVC 불일치", "paid, CVC check fails"),
    TestCard(
        "4000002500003155",
        "pm_card_authenticationRequiredOnSetup",
        "3-D Secure 인증",
        "3-D Secure step",
        three_d="always",
    ),
    TestCard(
        "4000002760003184",
        "pm_card_authenticationRequired",
        "3-D Secure 항상 인증",
        "3-D Secure step every time",
        three_d="always",
    ),
    TestCard(
        "4000003800000446",
        "pm_card_authenticationRequiredSetupForOffSession",
        "3-D Secure (구매자가 있을 때만)",
        "3-D Secure step while the buyer is there",
        three_d="on_session",
    ),
    TestCard(
        "4000008260003178",
        "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
        "3-D Secure 인증 뒤 잔액 부족",
        "3-D Secure, then insufficient funds",
        three_d="always",
        after="insufficient_funds",
    ),
    TestCard(
        "4000000000003220", "pm_card_threeDSecure2Required", "3-D Secure 인증", "3-D Secure step", three_d="always"
    ),
    TestCard(
        "4000008400000027", "pm_card_threeDSecureRequired", "3-D Secure 인증", "3-D Secure step", three_d="always"
    ),
    TestCard(
        "4000008400001629",
        "pm_card_threeDSecureRequiredChargeDeclined",
        "3-D Secure 인증 뒤 거절",
        "3-D Secure, then declined",
        three_d="always",
        after="generic_decline",
    ),
    TestCard(
        "4000008400001280",
        "pm_card_threeDSecureRequiredProcessingError",
        "3-D Secure 조회 실패로 거절",
        "declined: 3-D Secure can't be started",
        three_d="lookup_fails",
    ),
    TestCard(
        "4000000000003055",
        "pm_card_threeDSecureOptional",
        "결제 성공, 3-D Secure 선택",
        "paid, 3-D Secure if asked for",
        three_d="if_asked",
    ),
    TestCard(
        "4000000000003097",
        "pm_card_threeDSecureOptionalProcessingError",
        "결제 성공, 3-D Secure를 요청하면 오류",
        "paid, an error if 3-D Secure is asked for",
        three_d="fails_if_asked",
    ),
    TestCard(
        "4000000032200000",
        "pm_card_threeDSecure2Frictionless",
        "3-D Secure 화면 없이 인증",
        "paid, authenticated without a step",
        three_d="frictionless",
    ),
    TestCard(
        "4000000000000259",
        "pm_card_createDispute",
        "결제 후 이의 제기 (사기)",
        "paid, then disputed as fraudulent",
        disputes=("fraudulent",),
    ),
    TestCard(
        "4000000000002685",
        "pm_card_createDisputeProductNotReceived",
        "결제 후 이의 제기 (미수령)",
        "paid, then disputed as not received",
        disputes=("product_not_received",),
    ),
    TestCard(
        "4000000000001976",
        "pm_card_createDisputeInquiry",
        "결제 후 문의",
        "paid, then an inquiry",
        disputes=("fraudulent",),
        inquiry=True,
    ),
    TestCard("4000000000005423", "pm_card_createIssuerFraudRecord", "결제 성공, 사기 경고", "paid, fraud warning"),
    TestCard(
        "4000000404000079",
        "pm_card_createMultipleDisputes",
        "결제 후 이의 제기 두 번",
        "paid, then disputed twice",
        disputes=("fraudulent", "fraudulent"),
    ),
    TestCard(
        "4000000000007726",
        "pm_card_pendingRefund",
        "환불이 나중에 완료",
        "paid, refunds stay pending a while",
        refund="pending",
    ),
    TestCard(
        "4000000000005126", "pm_card_refundFail", "환불이 나중에 실패", "paid, refunds fail later", refund="failing"
    ),
)

#: The last digits of those that a first look needs; the panel folds the others away.
EVERYDAY = ("4242", "0002", "9995", "0069", "0127", "3155", "0259")

_BY_NUMBER = {card.number: card for card in TEST_CARDS}
_BY_TOKEN = {card.token: card for card in TEST_CARDS}

# A number that passes every check of form but is no test card.
STRANGE = TestCard("", "", "", "", decline="test_mode_live_card")


def card_of(number: str) -> TestCard:
    """What a number does; one that is no test card is declined."""
    return _BY_NUMBER.get(number, STRANGE)


def card_by_token(token: str) -> TestCard | None:
    """The card behind `pm_card_…`; declines are known with and without the network's name."""
    return _BY_TOKEN.get(token) or _BY_TOKEN.get(token.replace("pm_card_charge", "pm_card_visa_charge"))


def brand_of(number: str) -> str:
    """The network that a number belongs to."""
    if number[:2] in ("34", "37"):
        return "amex"
    brands = {"4": "visa", "5": "mastercard", "2": "mastercard", "6": "discover", "35": "jcb"}
    return brands.get(number[:2]) or brands.get(number[:1]) or "unknown"


def luhn_holds(number: str) -> bool:
    """Whether the last digit is the right one."""
    digits = [int(sign) for sign in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
