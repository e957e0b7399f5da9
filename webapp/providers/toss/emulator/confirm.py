"""POST /v1/payments/confirm: the moment at which money moves."""

from collections.abc import Mapping
from typing import Any

from webapp.providers.toss.emulator import rules
from webapp.providers.toss.emulator.keys import KeyPair
from webapp.providers.toss.emulator.opening import token_digits
from webapp.providers.toss.emulator.payment import Payment
from webapp.providers.toss.emulator.refusals import Refusal, error_body
from webapp.providers.toss.emulator.state import Toss
from webapp.sandbox.faults import Fault
from webapp.sandbox.wire import Answer

_DECLINES = {"declined": "REJECT_CARD_COMPANY", "no_funds": "REJECT_CARD_PAYMENT"}


def confirm(toss: Toss, pair: KeyPair, body: Mapping[str, Any], *, english: bool) -> Answer:
    """Charge an authenticated payment. Raises `Refusal`; a decline is stored before it is told."""
    key = rules.api_text(body.get("paymentKey"), "paymentKey", 200)
    order_id = rules.api_order_id(body.get("orderId"))
    amount = rules.api_amount(body.get("amount"))
    payment = _confirmable(toss, pair, key)
    # guess: Toss documents no code for an order or an amount that is not the authenticated one.
    if payment.order_id != order_id:
        raise Refusal("INVALID_REQUEST", "(orderId)")
    if payment.total != amount:
        raise Refusal("INVALID_REQUEST", "(amount)")
    decline = _DECLINES.get(payment.outcome)
    if decline is not None:
        toss.abort(payment, decline, error_body(decline)["message"])
        raise Refusal(decline)
    if payment.method == "VIRTUAL_ACCOUNT":
        issue_account(toss, payment)
    else:
        capture(toss, payment)
    return Answer(200, toss.show(payment, english=english), trouble=_trouble(payment))


def capture(toss: Toss, payment: Payment, total: int | None = None) -> None:
    """Take the money: the payment is DONE with all of it cancellable."""
    if total is not None:
        payment.total = total
    payment.captured = payment.balance = payment.total
    payment.approved_at = toss.now()
    payment.note_transaction("DONE", payment.total, toss.now())
    toss.move(payment, "DONE")


def issue_account(toss: Toss, payment: Payment) -> None:
    """Give out an account number: WAITING_FOR_DEPOSIT, nothing paid yet."""
    payment.account = {
        "number": f"X{token_digits(13)}",
        "bank": payment.bank,
        "customer_name": payment.customer_name or "구매자",
        "depositor": None,
        "due": toss.now() + payment.valid_hours * 3600,
        "refund_to": None,
    }
    payment.note_transaction("WAITING_FOR_DEPOSIT", payment.total, toss.now())
    toss.move(payment, "WAITING_FOR_DEPOSIT")


def _confirmable(toss: Toss, pair: KeyPair, key: str) -> Payment:
    payment = toss.payments.find(key)
    # A payment belongs to the merchant id of its client key; the other pair does not see it.
    if payment is None or payment.pair != pair.name:
        raise Refusal("NOT_FOUND_PAYMENT")
    toss.expire_if_late(payment)
    # guess: a payment that nobody has authenticated is answered like an expired one.
    if payment.status in ("EXPIRED", "READY"):
        raise Refusal("NOT_FOUND_PAYMENT_SESSION")
    # guess: from the moment of the charge, even while its answer is still held back.
    if payment.status != "IN_PROGRESS":
        raise Refusal("ALREADY_PROCESSED_PAYMENT")
    return payment


def _trouble(payment: Payment) -> Fault | None:
    if payment.outcome == "confirm_silent":
        return Fault("toss", "confirm", then="hold")
    if payment.outcome == "confirm_500":
        return Fault("toss", "confirm", then="status", status=500, code="FAILED_INTERNAL_SYSTEM_PROCESSING")
    return None
