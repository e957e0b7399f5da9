"""What tests and the control panel may do to the played Toss: /sandbox/toss/…"""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response
from werkzeug.exceptions import BadRequest, Conflict, NotFound

from webapp.providers.toss.emulator.cancel import give_back
from webapp.providers.toss.emulator.cards import find_card
from webapp.providers.toss.emulator.confirm import capture
from webapp.providers.toss.emulator.deposit import KINDS, DepositImpossible, deposit
from webapp.providers.toss.emulator.keys import API, WIDGET
from webapp.providers.toss.emulator.opening import (
    authenticate,
    fail_url,
    method_of,
    open_payment,
    success_url,
)
from webapp.providers.toss.emulator.payment import Payment
from webapp.providers.toss.emulator.refusals import Refusal, error_body
from webapp.providers.toss.emulator.state import Toss
from webapp.sandbox.control import done, posted, refuse_other_sites

# Where an HTTP-only test's buyer returns when it names no address: paths of the shop.
_SUCCESS, _FAIL = "/payment/success", "/payment/fail"


def steering_routes(toss: Toss, routes: Blueprint) -> None:
    """Add the routes; each answers JSON, or goes back to the panel when a form was posted."""

    @routes.post("/sandbox/toss/authenticate")
    def authenticate_payment() -> Response:
        return _guarded(toss, lambda data: play_buyer(toss, data))

    @routes.post("/sandbox/toss/deposit")
    def play_deposit() -> Response:
        return _guarded(toss, lambda data: _deposit(toss, data))

    @routes.post("/sandbox/toss/cancel")
    def dashboard_cancel() -> Response:
        return _guarded(toss, lambda data: _cancel(toss, data))

    @routes.post("/sandbox/toss/charge")
    def stray_charge() -> Response:
        return _guarded(toss, lambda data: _charge(toss, data))


def play_buyer(toss: Toss, data: Mapping[str, Any]) -> dict[str, Any]:
    """Open a payment and authenticate it as a buyer in the window would; says where she is sent."""
    client_key = data.get("client_key", WIDGET.client)
    payment = open_payment(
        toss,
        {
            "clientKey": client_key,
            "askedBy": data.get("asked_by", "payment" if client_key == API.client else "widget"),
            "orderId": data.get("order_id"),
            "orderName": data.get("order_name", "상품"),
            "amount": {"value": data.get("amount"), "currency": data.get("currency", "KRW")},
            "customerKey": data.get("customer_key", "@@ANONYMOUS"),
            "successUrl": data.get("success_url", "http://shop.invalid" + _SUCCESS),
            "failUrl": data.get("fail_url", "http://shop.invalid" + _FAIL),
        },
    )
    redirect = _buy(toss, payment, data)
    if "success_url" not in data:
        redirect = redirect.removeprefix("http://shop.invalid")
    return {
        "paymentKey": payment.key,
        "orderId": payment.order_id,
        "amount": payment.total,
        "redirect": redirect,
    }


def _buy(toss: Toss, payment: Payment, data: Mapping[str, Any]) -> str:
    method = method_of(data.get("method", "CARD"))
    if method != "CARD":
        authenticate(toss, payment, method)
        return success_url(payment)
    card = find_card(str(data.get("card", "4500990000000086")))
    if card is None:
        raise Refusal("INVALID_CARD_NUMBER")
    if card.outcome == "closed":
        return fail_url(payment, "PAY_PROCESS_CANCELED", "사용자가 결제를 취소하였습니다")
    if card.outcome == "rejected":
        words = error_body("REJECT_CARD_COMPANY")["message"]
        toss.abort(payment, "REJECT_CARD_COMPANY", words)
        return fail_url(payment, "REJECT_CARD_COMPANY", words)
    authenticate(toss, payment, method, card=card)
    return success_url(payment)


def _deposit(toss: Toss, data: Mapping[str, Any]) -> dict[str, Any]:
    kind = str(data.get("kind", "paid"))
    if kind not in KINDS:
        raise BadRequest(f"kind must be one of {', '.join(KINDS)}")
    payment = _find(toss, data)
    amount = data.get("amount")
    try:
        deposit(toss, payment, kind, None if amount is None else int(amount))
    except DepositImpossible as reason:
        raise Conflict(str(reason)) from reason
    return toss.show(payment)


def _cancel(toss: Toss, data: Mapping[str, Any]) -> dict[str, Any]:
    payment = _find(toss, data)
    amount = data.get("amount")
    give_back(toss, payment, None if amount is None else int(amount), "상점관리자 취소")
    return toss.show(payment)


def _charge(toss: Toss, data: Mapping[str, Any]) -> dict[str, Any]:
    played = play_buyer(toss, {key: value for key, value in data.items() if key != "method"})
    payment = toss.payments.find(played["paymentKey"])
    assert payment is not None  # noqa: S101
    capture(toss, payment)
    return toss.show(payment)


def _find(toss: Toss, data: Mapping[str, Any]) -> Payment:
    if data.get("payment_key"):
        payment = toss.payments.find(data["payment_key"])
        if payment is not None:
            return payment
    order_id = str(data.get("order_id", ""))
    for pair in (WIDGET, API):
        found = toss.payments.of_order(pair.name, order_id)
        if found:
            return found[-1]
    raise NotFound("no such payment")


def _guarded(toss: Toss, work: Any) -> Response:
    refuse_other_sites()
    try:
        with toss.sandbox.store.transaction():
            result = work(posted())
    except Refusal as refusal:
        return done(refusal.answer().body, refusal.status)
    return done(result)
