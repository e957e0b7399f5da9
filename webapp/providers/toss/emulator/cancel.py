"""POST /v1/payments/{paymentKey}/cancel: all of it or a part goes back."""

from collections.abc import Mapping
from typing import Any

from webapp.providers.toss.emulator import rules
from webapp.providers.toss.emulator.keys import KeyPair
from webapp.providers.toss.emulator.korea import BANKS
from webapp.providers.toss.emulator.payment import Payment
from webapp.providers.toss.emulator.refusals import Refusal
from webapp.providers.toss.emulator.state import Toss
from webapp.sandbox.wire import Answer


def cancel(toss: Toss, pair: KeyPair, key: str, body: Mapping[str, Any], *, english: bool) -> Answer:
    """Cancel on the shop's order. Raises `Refusal`; nothing is changed by a refused cancel."""
    reason = rules.api_text(body.get("cancelReason"), "cancelReason", 200)
    payment = toss.payments.find(key)
    if payment is None or payment.pair != pair.name:
        raise Refusal("NOT_FOUND_PAYMENT")
    toss.expire_if_late(payment)
    wanted = body.get("cancelAmount")
    amount = None if wanted is None else rules.api_amount(wanted, "cancelAmount")
    if body.get("currency", payment.currency) != payment.currency:
        raise Refusal("INVALID_REQUEST", "(currency)")
    _cancelable(payment)
    if body.get("refundableAmount", payment.balance) not in (None, payment.balance):
        raise Refusal("NOT_MATCHES_REFUNDABLE_AMOUNT")
    # guess: an account given for another method is ignored.
    if payment.method == "VIRTUAL_ACCOUNT" and payment.status != "WAITING_FOR_DEPOSIT":
        assert payment.account is not None  # noqa: S101
        payment.account["refund_to"] = _refund_account(body.get("refundReceiveAccount"))
    give_back(toss, payment, amount, reason)
    return Answer(200, toss.show(payment, english=english))


def give_back(toss: Toss, payment: Payment, amount: int | None, reason: str) -> None:
    """Cancel `amount` won, or the whole balance. Also what the merchant's dashboard does."""
    _cancelable(payment)
    amount = payment.balance if amount is None else amount
    waiting = payment.status == "WAITING_FOR_DEPOSIT"
    if amount > payment.balance:
        raise Refusal("NOT_CANCELABLE_AMOUNT")
    if waiting and amount != payment.balance:
        raise Refusal("NOT_ALLOWED_PARTIAL_REFUND_WAITING_DEPOSIT")
    payment.balance -= amount
    # A payment that was ever cancelled in part stays PARTIAL_CANCELED, even with nothing left.
    whole = payment.balance == 0 and not payment.cancels
    status = "CANCELED" if whole else "PARTIAL_CANCELED"
    key = payment.note_transaction(status, amount, toss.now())
    entry = {"amount": amount, "reason": reason, "left": payment.balance, "at": toss.now(), "key": key}
    payment.cancels.append({**entry, "money": not waiting})
    toss.move(payment, "CANCELED" if whole else "PARTIAL_CANCELED")


def _cancelable(payment: Payment) -> None:
    if payment.status == "CANCELED":
        raise Refusal("ALREADY_CANCELED_PAYMENT")
    if payment.status not in ("DONE", "PARTIAL_CANCELED", "WAITING_FOR_DEPOSIT"):
        # guess: the code for payments that never took money.
        raise Refusal("NOT_CANCELABLE_PAYMENT")
    if payment.balance == 0:
        raise Refusal("NOT_CANCELABLE_AMOUNT")


def _refund_account(account: object) -> dict[str, str]:
    if not isinstance(account, dict):
        raise Refusal("INVALID_REFUND_ACCOUNT_INFO")
    bank, number, holder = (str(account.get(name) or "") for name in ("bank", "accountNumber", "holderName"))
    if bank not in BANKS and bank not in [names[0] for names in BANKS.values()]:
        raise Refusal("INVALID_BANK")
    if not (number.isascii() and number.isdigit() and len(number) <= 20):
        raise Refusal("INVALID_REFUND_ACCOUNT_NUMBER")
    if not 1 <= len(holder) <= 60:
        raise Refusal("INVALID_REFUND_ACCOUNT_INFO")
    return {"bankCode": bank, "accountNumber": number, "holderName": holder}
