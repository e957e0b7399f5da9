"""The buyer's steps in the window, and where each one leads."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from webapp.providers.toss.emulator.cards import TestCard, find_card
from webapp.providers.toss.emulator.opening import authenticate, fail_url, success_url
from webapp.providers.toss.emulator.payment import Payment
from webapp.providers.toss.emulator.refusals import Refusal, error_body
from webapp.providers.toss.emulator.state import Toss

_EXPIRY = re.compile(r"(0[1-9]|1[0-2]) ?/? ?[0-9]{2}")
_CVC = re.compile(r"[0-9]{3,4}")


@dataclass(frozen=True)
class Step:
    """What follows: another page, or a way out that a frame announces and a whole page redirects to."""

    kind: str
    page: str = ""
    error: str = ""
    url: str = ""
    message: dict[str, Any] = field(default_factory=dict)


def take_step(toss: Toss, payment: Payment, form: Mapping[str, str]) -> Step:
    """Carry out the button the buyer pressed on a READY payment."""
    step = form.get("step", "")
    try:
        if step == "card":
            return _card(toss, payment, form)
        if step == "three_d":
            return _three_d(toss, payment, form.get("choice", ""))
        if step == "easy":
            authenticate(toss, payment, "EASY_PAY")
        elif step == "transfer":
            authenticate(toss, payment, "TRANSFER", bank=form.get("bank", "20"))
        elif step == "account":
            authenticate(toss, payment, "VIRTUAL_ACCOUNT", bank=form.get("bank", "20"))
        else:
            return left(payment)
    except Refusal as refusal:
        return failed(toss, payment, refusal.code)
    return passed(payment)


def passed(payment: Payment) -> Step:
    """Authenticated: on to the success URL, or the answer itself in promise mode."""
    if payment.redirects:
        url = success_url(payment)
        return Step("go", url=url, message={"url": url})
    amount = {"value": payment.total, "currency": payment.currency}
    answer = {"paymentKey": payment.key, "orderId": payment.order_id, "amount": amount}
    return Step("authenticated", message={"payment": answer})


def failed(toss: Toss, payment: Payment, code: str) -> Step:
    """Turned away: the payment ends ABORTED and the buyer goes to the fail URL."""
    words = error_body(code)["message"]
    toss.abort(payment, code, words)
    if payment.redirects:
        url = fail_url(payment, code, words)
        return Step("go", url=url, message={"url": url})
    return Step("failed", message={"code": code, "message": words})


def left(payment: Payment) -> Step:
    """The buyer closed the window: nothing changes, and no event tells of it."""
    words = "사용자가 결제를 취소하였습니다"
    url = fail_url(payment, "PAY_PROCESS_CANCELED", words) if payment.redirects else ""
    return Step("closed", url=url)


def _card(toss: Toss, payment: Payment, form: Mapping[str, str]) -> Step:
    card = find_card(form.get("number", ""))
    if card is None:
        return Step("page", page="card", error="number")
    if not _EXPIRY.fullmatch(form.get("expiry", "").strip()):
        return Step("page", page="card", error="expiry")
    if not _CVC.fullmatch(form.get("cvc", "").strip()):
        return Step("page", page="card", error="cvc")
    if card.outcome == "three_d":
        payment.card = {"number": card.number}
        toss.payments.save(payment)
        return Step("page", page="three_d")
    return _enter(toss, payment, card)


def _enter(toss: Toss, payment: Payment, card: TestCard) -> Step:
    if card.outcome == "closed":
        return left(payment)
    if card.outcome == "rejected":
        return failed(toss, payment, "REJECT_CARD_COMPANY")
    authenticate(toss, payment, "CARD", card=card)
    return passed(payment)


def _three_d(toss: Toss, payment: Payment, choice: str) -> Step:
    card = find_card(str((payment.card or {}).get("number", "")))
    if card is None:
        return Step("page", page="card", error="number")
    # guess: of the two documented codes, this one stands for a failed 3-D step.
    if choice == "fail":
        return failed(toss, payment, "PAY_PROCESS_ABORTED")
    if choice != "pass":
        return left(payment)
    authenticate(toss, payment, "CARD", card=card)
    return passed(payment)
