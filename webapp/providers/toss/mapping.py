"""Toss's Payment object → our snapshot. Source: docs.tosspayments.com/reference, read 2026-11-23."""

from collections.abc import Callable
from datetime import datetime

from webapp.domain.money import Money
from webapp.domain.reasons import Reason, Refusal, RefusalKind
from webapp.domain.snapshots import DepositInstructions, PaymentSnapshot, RefundSnapshot
from webapp.domain.states import PaymentStatus
from webapp.providers.toss.banks import bank_name
from webapp.providers.toss.codes import refusal_for
from webapp.providers.toss.evidence import evidence
from webapp.providers.toss.fields import (
    Json,
    Nonsense,
    member,
    moment,
    money,
    required_text,
    text,
    web_address,
)

S = PaymentStatus

#: Over without money: Toss leaves most members null there, the amounts too.
_EMPTY_HANDED = frozenset({"EXPIRED", "ABORTED"})

_METHODS = {
    "card": "카드 CARD",
    "transfer": "계좌이체 TRANSFER",
    "virtual_account": "가상계좌 VIRTUAL_ACCOUNT",
    "easy_pay": "간편결제 EASY_PAY 해외간편결제 FOREIGN_EASY_PAY",
    "mobile": "휴대폰 MOBILE_PHONE MOBILE",
    "gift_certificate": (
        "문화상품권 도서문화상품권 게임문화상품권 CULTURE_GIFT_CERTIFICATE BOOK_GIFT_CERTIFICATE GAME_GIFT_CERTIFICATE"
    ),
}
#: Toss's word, Korean or English → ours.
METHODS: dict[str, str] = {word: ours for ours, words in _METHODS.items() for word in words.split()}


def snapshot_of(payment: object, *, asked_at: datetime, key_pair: str) -> PaymentSnapshot:
    """Read a Payment object; what it says is carried over, not judged.

    Raises:
        Nonsense: it isn't one, or says nothing usable about identity or money.
    """
    if not isinstance(payment, dict):
        raise Nonsense("payment")
    word = payment.get("status")
    word = word if isinstance(word, str) and len(word) <= 60 else ""
    total, balance = _amounts(payment, word)
    status, captured, refunded = _reading(payment, word, total, balance)
    return PaymentSnapshot(
        provider_ref=required_text(payment, "paymentKey", 200),
        order_ref=required_text(payment, "orderId", 64),
        word=word or "(none)",
        status=status,
        amount=total,
        captured=captured,
        refunded=refunded,
        asked_at=asked_at,
        key_pair=key_pair,
        method=method_of(payment),
        approved_at=moment(payment, "approvedAt"),
        refunds=_refunds(payment, total.currency) if captured.minor else (),
        deposit=_deposit(payment),
        receipt_url=web_address(member(payment, "receipt"), "url"),
        secret=text(payment, "secret", 50),
        refusal=_refusal(payment, status),
        evidence=evidence(payment),
    )


def method_of(payment: Json) -> str | None:
    """How it was paid, in our neutral word; None before it is known, or for a word we don't list."""
    word = text(payment, "method", 40) or ""
    return METHODS.get(word) or METHODS.get(word.upper().replace(" ", "_"))


def _amounts(payment: Json, word: str) -> tuple[Money, Money]:
    if word in _EMPTY_HANDED and payment.get("totalAmount") is None:
        return Money(0, "KRW"), Money(0, "KRW")
    currency = required_text(payment, "currency", 3)
    total = money(payment, "totalAmount", currency)
    if word in _EMPTY_HANDED and payment.get("balanceAmount") is None:
        return total, Money(0, currency)
    balance = money(payment, "balanceAmount", currency)
    if total < balance:
        raise Nonsense("balanceAmount")
    return total, balance


Reading = tuple[PaymentStatus | None, Money, Money]


def _reading(payment: Json, word: str, total: Money, balance: Money) -> Reading:
    """Our status, what was taken, what went back; None where the word isn't listed or contradicts the balance."""
    nothing = total - total
    read = _WORDS.get(word)
    return read(payment, total, balance) if read else (None, nothing, nothing)


def _nothing_taken(status: PaymentStatus) -> Callable[[Json, Money, Money], Reading]:
    def read(_payment: Json, total: Money, _balance: Money) -> Reading:
        return status, total - total, total - total

    return read


def _waiting(payment: Json, total: Money, _balance: Money) -> Reading:
    # After the due date the status word stays, no event comes; only this member tells.
    expired = member(payment, "virtualAccount").get("expired") is True
    return (S.EXPIRED if expired else S.AWAITING_DEPOSIT), total - total, total - total


def _done(_payment: Json, total: Money, balance: Money) -> Reading:
    return (S.COMPLETED if total.equals(balance) else None), total, total - balance


def _canceled(payment: Json, total: Money, balance: Money) -> Reading:
    # A virtual account cancelled before its deposit lists a cancel too, but was never approved.
    deposited_later = method_of(payment) == "virtual_account"
    if payment.get("approvedAt") is None and (deposited_later or not payment.get("cancels")):
        return S.CANCELED, total - total, total - total
    return (S.REFUNDED if balance.minor == 0 else None), total, total - balance


def _partly_canceled(_payment: Json, total: Money, balance: Money) -> Reading:
    # The word stays when the rest is given back as well: the balance decides.
    if total.equals(balance):
        return None, total, total - balance
    return (S.REFUNDED if balance.minor == 0 else S.PARTIALLY_REFUNDED), total, total - balance


_WORDS: dict[str, Callable[[Json, Money, Money], Reading]] = {
    "READY": _nothing_taken(S.PENDING),
    "IN_PROGRESS": _nothing_taken(S.PENDING),
    "WAITING_FOR_DEPOSIT": _waiting,
    "DONE": _done,
    "CANCELED": _canceled,
    "PARTIAL_CANCELED": _partly_canceled,
    "ABORTED": _nothing_taken(S.FAILED),
    "EXPIRED": _nothing_taken(S.EXPIRED),
}


def _refunds(payment: Json, currency: str) -> tuple[RefundSnapshot, ...]:
    cancels = payment.get("cancels")
    if cancels is None:
        return ()
    if not isinstance(cancels, list):
        raise Nonsense("cancels")
    return tuple(_refund(cancel, currency) for cancel in cancels)


def _refund(cancel: object, currency: str) -> RefundSnapshot:
    if not isinstance(cancel, dict):
        raise Nonsense("cancels")
    return RefundSnapshot(
        provider_ref=required_text(cancel, "transactionKey", 64),
        amount=money(cancel, "cancelAmount", currency),
        # Older API versions have no cancelStatus and only finished cancels.
        succeeded=cancel.get("cancelStatus", "DONE") == "DONE",
        at=moment(cancel, "canceledAt"),
    )


def _deposit(payment: Json) -> DepositInstructions | None:
    account = member(payment, "virtualAccount")
    number = text(account, "accountNumber", 20)
    if number is None:
        return None
    # Before API version 2022-11-16 the bank stood here by name.
    code = text(account, "bankCode", 20) or text(account, "bank", 40) or ""
    return DepositInstructions(
        bank=bank_name(code),
        account_number=number,
        holder=text(account, "customerName", 100) or "",
        due_at=moment(account, "dueDate"),
    )


def _refusal(payment: Json, status: PaymentStatus | None) -> Refusal | None:
    if status not in (S.FAILED, S.EXPIRED):
        return None
    code = text(member(payment, "failure"), "code", 80)
    if code:
        return refusal_for(code)
    if status is S.EXPIRED:
        return Refusal("EXPIRED", Reason.EXPIRED, RefusalKind.EXPIRED)
    return Refusal("ABORTED", Reason.UNKNOWN)
