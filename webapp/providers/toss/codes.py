"""Toss's codes → what they say about the money, which text the buyer reads, what the merchant can do.

`codes.csv` beside this file lists what Toss documents; `audit()` holds the two against each other. HTTP
statuses decide nothing here: `PROVIDER_ERROR` is a passing fault that comes as a 400.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from webapp.domain.reasons import Reason, Refusal, RefusalKind, Verdict

FINAL, RETRY, UNKNOWN = Verdict.FINAL, Verdict.RETRY, Verdict.UNKNOWN
TABLE = Path(__file__).with_name("codes.csv")


@dataclass(frozen=True, slots=True)
class Ruling:
    """How one code is read; `hint` and `hint_ko` are for the merchant."""

    verdict: Verdict
    reason: Reason
    hint: str
    hint_ko: str
    kind: RefusalKind = RefusalKind.DECLINED
    #: A person has to be told: the shop can't take money until somebody acts.
    alarming: bool = False


_UNLISTED = Ruling(UNKNOWN, Reason.UNKNOWN, "", "", alarming=True)

_KEYS = (
    "Check the Toss keys: one pair, of the right kind, from the same shop.",
    "토스 키를 확인하세요. 같은 상점의, 용도에 맞는 한 쌍이어야 합니다.",
)
_OURS = (
    "Our request was not accepted; look at the log and at the shop's contract with Toss.",
    "요청이 거절되었습니다. 로그와 토스 계약 상태를 확인하세요.",
)
_WAIT = ("Nothing to do: the shop asks Toss again by itself.", "기다리세요. 쇼핑몰이 토스에 다시 조회합니다.")
_OTHER_CARD = ("The buyer can try another card or method.", "구매자가 다른 카드나 결제수단을 쓸 수 있습니다.")
_TYPED = (
    "The buyer can correct the card details and try again.",
    "구매자가 카드 정보를 고쳐 다시 결제할 수 있습니다.",
)
_INSTALMENTS = (
    "The buyer can pay at once or choose fewer months.",
    "구매자가 일시불이나 다른 할부 개월을 고를 수 있습니다.",
)
_LATER = (
    "Try again later; the bank is outside its service hours.",
    "은행 서비스 시간이 아닙니다. 나중에 다시 시도하세요.",
)
_ACCOUNT = ("The buyer has to use or name another account.", "구매자가 다른 계좌를 사용해야 합니다.")
_BALANCE = (
    "Reload the payment: what is left to refund is another amount.",
    "결제를 다시 조회하세요. 환불 가능 금액이 다릅니다.",
)
_NO_REFUND = (
    "Toss will not return this payment; settle with the buyer directly.",
    "토스로 환불할 수 없습니다. 구매자와 직접 처리하세요.",
)
_AGAIN = ("The buyer can simply try again.", "구매자가 다시 시도하면 됩니다.")
_NOT_THERE = (
    "Toss knows no such payment under this key pair.",
    "이 키로 조회되는 결제가 없습니다.",
)
_AMOUNT = ("The amount is outside what this method allows.", "이 결제수단의 허용 금액을 벗어났습니다.")

_MISUSED = Ruling(FINAL, Reason.SHOP_SETUP, *_OURS, RefusalKind.MISUSED)
_REFUSED_KEY = Ruling(UNKNOWN, Reason.SHOP_SETUP, *_KEYS, RefusalKind.MISUSED, alarming=True)
_GONE = Ruling(FINAL, Reason.UNKNOWN, *_NOT_THERE, RefusalKind.NOT_FOUND)
_EXPIRED = Ruling(FINAL, Reason.EXPIRED, *_AGAIN, RefusalKind.EXPIRED)
_FAULT = Ruling(RETRY, Reason.PROVIDER_UNAVAILABLE, *_WAIT)
_LOOK_UP = Ruling(UNKNOWN, Reason.UNKNOWN, *_WAIT)
_BROWSER_BUG = Ruling(UNKNOWN, Reason.SHOP_SETUP, *_OURS)


def _final(reason: Reason, hint: tuple[str, str]) -> Ruling:
    return Ruling(FINAL, reason, *hint)


def _seen(reason: Reason, hint: tuple[str, str]) -> Ruling:
    """What a browser reports: never proof, so never final."""
    return Ruling(UNKNOWN, reason, *hint)


# Lost, stolen and suspicious cards are told to the buyer as any other refusal: she may not be the owner.
_CONFIRM = {
    "ALREADY_PROCESSED_PAYMENT": _LOOK_UP,
    "FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING": Ruling(UNKNOWN, Reason.PROVIDER_UNAVAILABLE, *_WAIT),
    "CARD_PROCESSING_ERROR": Ruling(UNKNOWN, Reason.BANK_UNAVAILABLE, *_WAIT),
    "INVALID_REQUEST": Ruling(UNKNOWN, Reason.SHOP_SETUP, *_OURS),
    "PROVIDER_ERROR IDEMPOTENT_REQUEST_PROCESSING FAILED_INTERNAL_SYSTEM_PROCESSING UNKNOWN_PAYMENT_ERROR": _FAULT,
    "INVALID_API_KEY UNAUTHORIZED_KEY FORBIDDEN_REQUEST INCORRECT_BASIC_AUTH_FORMAT": _REFUSED_KEY,
    "INVALID_IDEMPOTENCY_KEY": Ruling(UNKNOWN, Reason.SHOP_SETUP, *_OURS, alarming=True),
    "UNAPPROVED_ORDER_ID NOT_FOUND_TERMINAL_ID INVALID_UNREGISTERED_SUBMALL NOT_REGISTERED_BUSINESS": _MISUSED,
    "NOT_FOUND_PAYMENT": _GONE,
    "NOT_FOUND_PAYMENT_SESSION": _EXPIRED,
    "BELOW_MINIMUM_AMOUNT": _final(Reason.AMOUNT_RULES, _AMOUNT),
    "EXCEED_MAX_AMOUNT EXCEED_MAX_PAYMENT_AMOUNT EXCEED_MAX_DAILY_PAYMENT_COUNT "
    "EXCEED_MAX_MONTHLY_PAYMENT_AMOUNT EXCEED_MAX_ONE_DAY_WITHDRAW_AMOUNT "
    "EXCEED_MAX_ONE_TIME_WITHDRAW_AMOUNT EXCEED_MAX_ONE_DAY_AMOUNT": _final(Reason.LIMIT_EXCEEDED, _OTHER_CARD),
    "EXCEED_MAX_CARD_INSTALLMENT_PLAN INVALID_CARD_INSTALLMENT_PLAN "
    "NOT_SUPPORTED_INSTALLMENT_PLAN_CARD_OR_MERCHANT NOT_SUPPORTED_MONTHLY_INSTALLMENT_PLAN": _final(
        Reason.INSTALMENT, _INSTALMENTS
    ),
    "INVALID_CARD_NUMBER INVALID_CARD_EXPIRATION": _final(Reason.CARD_DATA, _TYPED),
    "INVALID_STOPPED_CARD NOT_ALLOWED_POINT_USE": _final(Reason.CARD_UNUSABLE, _OTHER_CARD),
    "REJECT_CARD_COMPANY INVALID_REJECT_CARD INVALID_CARD_LOST_OR_STOLEN FDS_ERROR": _final(
        Reason.DECLINED, _OTHER_CARD
    ),
    "REJECT_CARD_PAYMENT REJECT_ACCOUNT_PAYMENT": _final(Reason.INSUFFICIENT_FUNDS, _OTHER_CARD),
    "RESTRICTED_TRANSFER_ACCOUNT INVALID_ACCOUNT_INFO_RE_REGISTER REJECT_TOSSPAY_INVALID_ACCOUNT": _final(
        Reason.ACCOUNT, _ACCOUNT
    ),
    "INVALID_AUTHORIZE_AUTH INVALID_PASSWORD": _final(Reason.AUTHENTICATION, _AGAIN),
    "EXCEED_MAX_AUTH_COUNT": _final(Reason.TOO_MANY_TRIES, _OTHER_CARD),
    "NOT_AVAILABLE_PAYMENT NOT_AVAILABLE_BANK": _final(Reason.BANK_UNAVAILABLE, _LATER),
}

_CANCEL = {
    "ALREADY_CANCELED_PAYMENT ALREADY_REFUND_PAYMENT": _LOOK_UP,
    "PROVIDER_ERROR IDEMPOTENT_REQUEST_PROCESSING FORBIDDEN_CONSECUTIVE_REQUEST "
    "FAILED_INTERNAL_SYSTEM_PROCESSING FAILED_REFUND_PROCESS FAILED_PARTIAL_REFUND "
    "FAILED_METHOD_HANDLING_CANCEL COMMON_ERROR FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING": _FAULT,
    "INVALID_API_KEY UNAUTHORIZED_KEY FORBIDDEN_REQUEST INCORRECT_BASIC_AUTH_FORMAT": _REFUSED_KEY,
    "INVALID_IDEMPOTENCY_KEY": Ruling(UNKNOWN, Reason.SHOP_SETUP, *_OURS, alarming=True),
    "INVALID_REQUEST": _MISUSED,
    "NOT_FOUND_PAYMENT": _GONE,
    "NOT_MATCHES_REFUNDABLE_AMOUNT NOT_CANCELABLE_AMOUNT EXCEED_CANCEL_AMOUNT_DISCOUNT_AMOUNT "
    "INVALID_REFUND_AMOUNT NOT_ALLOWED_PARTIAL_REFUND NOT_ALLOWED_PARTIAL_REFUND_WAITING_DEPOSIT": _final(
        Reason.AMOUNT_RULES, _BALANCE
    ),
    "INVALID_REFUND_ACCOUNT_INFO INVALID_REFUND_ACCOUNT_NUMBER INVALID_BANK FORBIDDEN_BANK_REFUND_REQUEST "
    "NOT_CANCELABLE_PAYMENT_FOR_DORMANT_USER": _final(Reason.ACCOUNT, _ACCOUNT),
    "REFUND_REJECTED NOT_CANCELABLE_PAYMENT": _final(Reason.DECLINED, _NO_REFUND),
    "EXCEED_MAX_REFUND_DUE": _final(Reason.EXPIRED, _NO_REFUND),
    "EXCEED_CANCEL_LIMIT": _final(Reason.LIMIT_EXCEEDED, _NO_REFUND),
    "NOT_AVAILABLE_BANK": _final(Reason.BANK_UNAVAILABLE, _LATER),
}

_QUERY = {
    "NOT_FOUND_PAYMENT NOT_FOUND": _GONE,
    "INVALID_API_KEY UNAUTHORIZED_KEY INCORRECT_BASIC_AUTH_FORMAT": _REFUSED_KEY,
    "FORBIDDEN_CONSECUTIVE_REQUEST FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING": _FAULT,
}

_FAILURE = {"EXPIRED_PAYMENT": _EXPIRED}

_FAIL_URL = {
    "PAY_PROCESS_CANCELED": _seen(Reason.CANCELED_BY_BUYER, _AGAIN),
    "PAY_PROCESS_ABORTED": _seen(Reason.AUTHENTICATION, _AGAIN),
    "REJECT_CARD_COMPANY": _seen(Reason.DECLINED, _OTHER_CARD),
    "COMMON_ERROR": _seen(Reason.PROVIDER_UNAVAILABLE, _AGAIN),
}

_SDK = {
    "USER_CANCEL": _seen(Reason.CANCELED_BY_BUYER, _AGAIN),
    "NEED_CARD_PAYMENT_DETAIL": _seen(Reason.CARD_DATA, _TYPED),
    "NEED_REFUND_ACCOUNT_DETAIL": _seen(Reason.ACCOUNT, _ACCOUNT),
    "EXCEED_DEPOSIT_AMOUNT_LIMIT": _seen(Reason.AMOUNT_RULES, _AMOUNT),
    "NOT_SELECTED_PAYMENT_METHOD NEED_AGREEMENT_WITH_REQUIRED_TERMS INVALID_METHOD_TRANSACTION UNKNOWN": (
        _seen(Reason.UNKNOWN, _AGAIN)
    ),
    "PROVIDER_STATUS_UNHEALTHY PAYMENT_REQUEST_FAIL NETWORK_ERROR": _seen(Reason.PROVIDER_UNAVAILABLE, _AGAIN),
    "INVALID_CLIENT_KEY INSECURE_KEY_USAGE NOT_SUPPORTED_API_INDIVIDUAL_KEY NOT_SUPPORTED_WIDGET_KEY": _seen(
        Reason.SHOP_SETUP, _KEYS
    ),
    "INVALID_CUSTOMER_KEY NOT_SETUP_AMOUNT INVALID_AMOUNT_VALUE INVALID_AMOUNT_CURRENCY BELOW_ZERO_AMOUNT "
    "INVALID_SELECTOR INVALID_VARIANT_KEY INVALID_PARAMETERS INVALID_METADATA INCORRECT_SUCCESS_URL_FORMAT "
    "INCORRECT_FAIL_URL_FORMAT NOT_SUPPORTED_PROMISE NOT_SUPPORTED_METHOD EXCEED_MAX_DUE_DATE "
    "PAYMENT_METHODS_WIDGET_ALREADY_RENDERED AGREEMENT_WIDGET_ALREADY_RENDERED "
    "UNSUPPORTED_TEST_PHASE_PAYMENT_METHOD INVALID_PARAMETER FORBIDDEN_SCRIPT": _BROWSER_BUG,
}


def _spelt_out(groups: dict[str, Ruling]) -> dict[str, Ruling]:
    return {code: ruling for names, ruling in groups.items() for code in names.split()}


RULINGS: dict[str, dict[str, Ruling]] = {
    "confirm": _spelt_out(_CONFIRM),
    "cancel": _spelt_out(_CANCEL),
    "query": _spelt_out(_QUERY),
    "failure": _spelt_out(_FAILURE),
    "fail_url": _spelt_out(_FAIL_URL),
    "sdk": _spelt_out(_SDK),
}


def verdict_for(code: str, call: str) -> Ruling:
    """How to read `code` as an answer to `call` (`confirm`, `cancel`, `query`); an unlisted one is unknown."""
    return RULINGS[call].get(code, _UNLISTED)


def refusal_for(code: str) -> Refusal:
    """A payment's own `failure.code`, from the look-up of one that is over."""
    ruling = _find(code, "failure", "confirm") or _UNLISTED
    return Refusal(code, ruling.reason, ruling.kind)


def reason_for_fail_url(code: str) -> Reason:
    """The buyer's text for what came back in the browser; the set is open, so card codes are known too."""
    ruling = _find(code, "fail_url", "sdk", "confirm")
    return ruling.reason if ruling else Reason.UNKNOWN


def hint_for(code: str, locale: str) -> str:
    """What the merchant can do about a code, in `ko` or `en`; empty for an unlisted one."""
    ruling = _find(code, *RULINGS)
    if ruling is None:
        return ""
    return ruling.hint_ko if locale == "ko" else ruling.hint


def audit() -> list[str]:
    """Differences between the documented codes (codes.csv) and this mapping; empty when there are none."""
    with TABLE.open(encoding="utf-8", newline="") as lines:
        documented = {(row["call"], row["code"]): row["verdict"] for row in csv.DictReader(lines)}
    mapped = {(call, code): str(r.verdict) for call, codes in RULINGS.items() for code, r in codes.items()}
    return sorted(_differences(documented, mapped))


def _differences(documented: dict[tuple[str, str], str], mapped: dict[tuple[str, str], str]) -> Iterator[str]:
    for call, code in documented.keys() | mapped.keys():
        theirs, ours = documented.get((call, code)), mapped.get((call, code))
        if ours is None:
            yield f"{call} {code}: documented as {theirs}, not mapped"
        elif theirs is None:
            yield f"{call} {code}: mapped as {ours}, not documented"
        elif theirs != ours:
            yield f"{call} {code}: documented as {theirs}, mapped as {ours}"


def _find(code: str, *calls: str) -> Ruling | None:
    return next((RULINGS[call][code] for call in calls if code in RULINGS[call]), None)
