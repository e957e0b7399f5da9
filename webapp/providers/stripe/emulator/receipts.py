"""The receipt page behind a charge's `receipt_url`."""

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.exceptions import NotFound

from webapp.providers.stripe.emulator.money_rules import readable
from webapp.providers.stripe.emulator.state import Stripe
from webapp.sandbox.clock import SandboxClock

_CSP = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'"


def receipt_routes(stripe: Stripe, routes: Blueprint) -> None:
    """Add the page: public to whoever holds the address, and always as the charge stands now."""

    @routes.get("/stripe/receipts/<key>")
    def show_receipt(key: str) -> Response:
        charge = stripe.charges.find(key)
        if charge is None or charge.status != "succeeded":
            raise NotFound("no such receipt")
        page = render_template(
            "stripe/receipt.html",
            lang=request.accept_languages.best_match(["ko", "en"]) or "ko",
            charge=charge,
            paid=readable(charge.amount, charge.currency),
            refunded=readable(charge.refunded, charge.currency) if charge.refunded else "",
            at=_date(stripe.sandbox.clock, charge.created),
        )
        response = make_response(page)
        response.headers["Content-Security-Policy"] = _CSP
        response.headers["Cache-Control"] = "no-store"
        return response


def _date(clock: SandboxClock, moment: int) -> str:
    return clock.stamp(float(moment))[:19].replace("T", " ")
