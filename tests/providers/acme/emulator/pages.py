"""Acme's page with its one button, its script, and what tests may do: /sandbox/acme/…"""

from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.exceptions import BadRequest

from webapp.providers.acme.emulator.payments import Payments
from webapp.sandbox.control import done, posted, refuse_other_sites
from webapp.sandbox.store import Document

_SCRIPT = "window.Acme = { pay: (address) => window.location.assign(address) };\n"
_ASKED = ("shop", "order", "amount", "currency", "return_url", "cancel_url")


def page_routes(payments: Payments, routes: Blueprint) -> None:
    """Add what the browser sees, and the steering."""

    @routes.get("/acme/acme.js")
    def script() -> Response:
        return Response(_SCRIPT, mimetype="text/javascript")

    @routes.get("/acme/pay")
    def show() -> Response:
        asked = {name: request.args.get(name, "") for name in _ASKED}
        targets = {urlsplit(asked[name]) for name in ("return_url", "cancel_url")}
        # Browsers hold the redirect after a form against form-action too.
        origins = " ".join(sorted({f"{url.scheme}://{url.netloc}" for url in targets if url.netloc}))
        answer = make_response(render_template("acme/page.html", asked=asked))
        answer.headers["Content-Security-Policy"] = f"default-src 'none'; img-src data:; form-action 'self' {origins}"
        return answer

    @routes.post("/acme/pay")
    def press() -> Response:
        payment = _authorise(payments, dict(request.form))
        return make_response(redirect(_way_back(payment, request.form["return_url"]), code=303))

    @routes.post("/sandbox/acme/authenticate")
    def authenticate() -> Response:
        """The buyer without a browser: `order_id`, `amount`, `currency`, `success_url`?"""
        refuse_other_sites()
        asked = posted()
        payment = _authorise(payments, {**asked, "order": asked["order_id"]})
        back = _way_back(payment, asked.get("success_url", "/payment/success"))
        return done({"paymentKey": payment["id"], "orderId": payment["order"], "redirect": back})

    @routes.post("/sandbox/acme/charge")
    def charge() -> Response:
        """Money that nobody asked for: `order_id`, `amount`, `currency`."""
        refuse_other_sites()
        asked = posted()
        payment = _authorise(payments, {**asked, "order": asked["order_id"]})
        with payments.sandbox.store.transaction():
            return done(payments.capture(payment, payment))


def _authorise(payments: Payments, asked: Document) -> Document:
    amount = str(asked.get("amount", ""))
    if not amount.isdecimal() or not asked.get("order") or not asked.get("currency"):
        raise BadRequest("order, amount and currency are needed")
    with payments.sandbox.store.transaction():
        return payments.authorise(str(asked["order"]), int(amount), str(asked["currency"]))


def _way_back(payment: Document, url: str) -> str:
    joint = "&" if "?" in url else "?"
    return f"{url}{joint}{urlencode({'acme_payment': payment['id'], 'acme_order': payment['order']})}"
