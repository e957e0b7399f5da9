"""The payment window: what the buyer sees between the shop's button and the way back."""

import json
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, render_template, request

from webapp.providers.toss.emulator.browser import frame_name, guarded_page
from webapp.providers.toss.emulator.buyer import Step, passed, take_step
from webapp.providers.toss.emulator.cards import TEST_CARDS
from webapp.providers.toss.emulator.korea import BANKS, iso
from webapp.providers.toss.emulator.language import choose, speaks
from webapp.providers.toss.emulator.payment import Payment
from webapp.providers.toss.emulator.state import Toss

_FIRST_PAGE = {"VIRTUAL_ACCOUNT": "account", "EASY_PAY": "easy", "TRANSFER": "transfer"}


def window_routes(toss: Toss, routes: Blueprint) -> None:
    """Add the window's pages and the receipt."""

    @routes.get("/toss/pay/<key>")
    def show_window(key: str) -> Response:
        payment = toss.payments.find(key)
        if payment is None or toss.expire_if_late(payment).status != "READY":
            return _page("over", payment, 404 if payment is None else 409)
        wanted = request.args.get("page", _FIRST_PAGE.get(payment.method or "", "card"))
        return _page(wanted if wanted in ("card", *_FIRST_PAGE.values()) else "card", payment)

    @routes.post("/toss/pay/<key>")
    def step_window(key: str) -> Response:
        with toss.sandbox.store.transaction():
            payment = toss.payments.find(key)
            if payment is None:
                return _page("over", None, 404)
            return _show(payment, _next(toss, payment))

    @routes.get("/toss/receipt/<key>")
    def show_receipt(key: str) -> Response:
        payment = toss.payments.find(key)
        if payment is None or payment.approved_at is None:
            return _page("over", payment, 404)
        return _page("receipt", payment, at=iso(payment.approved_at))


def _next(toss: Toss, payment: Payment) -> Step:
    toss.expire_if_late(payment)
    if payment.status == "IN_PROGRESS":
        # A second click on the same button leads to the same place.
        return passed(payment)
    if payment.status != "READY":
        return Step("page", page="over")
    return take_step(toss, payment, request.form)


def _show(payment: Payment, step: Step) -> Response:
    if step.kind == "page":
        return _page(step.page, payment, error=step.error)
    frame = frame_name()
    if frame:
        message = {"toss": frame, "type": step.kind, **step.message}
        return _page("done", payment, message=json.dumps(message), url=step.url)
    return Response(status=303, headers={"Location": step.url}) if step.url else _page("over", payment)


def _page(name: str, payment: Payment | None, status: int = 200, **values: Any) -> Response:
    shop = payment.shop_origin if payment else ""
    page = render_template(
        f"toss/{name}.html",
        lang=speaks(),
        t=choose,
        payment=payment,
        frame=frame_name(),
        framed=bool(frame_name()),
        shop=shop,
        cards=TEST_CARDS,
        banks=BANKS,
        **values,
    )
    return guarded_page(page, ancestors=shop or "'none'", targets=_targets(payment), status=status)


def _targets(payment: Payment | None) -> str:
    # Browsers hold redirects after a form against form-action too.
    urls = (payment.success_url, payment.fail_url) if payment else ()
    origins = {f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, urls) if parts.netloc}
    return " ".join(["'self'", *sorted(origins)])
