"""What happens to a virtual account outside any call: deposits, on time, late, wrong, taken back."""

from typing import Literal

from webapp.providers.toss.emulator.confirm import capture
from webapp.providers.toss.emulator.payment import Payment
from webapp.providers.toss.emulator.state import Toss

DepositKind = Literal["paid", "late", "taken_back", "wrong_sum"]
KINDS = ("paid", "late", "taken_back", "wrong_sum")


class DepositImpossible(ValueError):
    """The account is not in a state in which this can happen; the text says why."""


def deposit(toss: Toss, payment: Payment, kind: str, amount: int | None = None) -> None:
    """Play a deposit. Raises `DepositImpossible`."""
    if payment.account is None:
        raise DepositImpossible("the payment has no virtual account")
    if kind == "taken_back":
        _take_back(toss, payment)
        return
    if payment.status != "WAITING_FOR_DEPOSIT":
        raise DepositImpossible(f"the account does not wait for a deposit: {payment.status}")
    late = toss.now() > payment.account["due"]
    if kind == "late" and not late:
        payment.account["due"] = toss.now() - 3600
    elif kind == "paid" and late:
        raise DepositImpossible("the deadline has passed; play a late deposit")
    payment.account["depositor"] = payment.account["customer_name"]
    # A real bank refuses any other sum; this is a fault made for the shop's checks.
    wrong = payment.total - 1000 if payment.total > 1000 else payment.total + 1000
    capture(toss, payment, (amount or wrong) if kind == "wrong_sum" else None)


def _take_back(toss: Toss, payment: Payment) -> None:
    if payment.status != "DONE":
        raise DepositImpossible("only a deposited payment can be taken back")
    # guess: a payment that waits again has no time of approval.
    payment.captured = 0
    payment.approved_at = None
    payment.note_transaction("WAITING_FOR_DEPOSIT", payment.total, toss.now())
    toss.move(payment, "WAITING_FOR_DEPOSIT")
