"""The bank's 3-D Secure page: in a dialog over the shop's page, or as a page of its own."""

import hmac
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, render_template, request

from webapp.providers.stripe.emulator.browser import choose, frame_name, guarded_page, shop_origin, speaks
from webapp.providers.stripe.emulator.buyer import returning
from webapp.providers.stripe.emulator.confirming import finish_challenge
from webapp.providers.stripe.emulator.intents import Intent
from webapp.providers.stripe.emulator.money_rules import readable
from webapp.providers.stripe.emulator.state import Stripe


def three_d_routes(stripe: Stripe, routes: Blueprint) -> None:
    """Add the page, its buttons, and the question whether its step is still open."""

    @routes.get("/stripe/3ds/<intent_id>")
    def show_step(intent_id: str) -> Response:
        intent = _asked_for(stripe, intent_id)
        if intent is None:
            return _page("over", None, status=404)
        return _page("three_d", intent) if intent.status == "requires_action" else _over(intent)

    @routes.post("/stripe/3ds/<intent_id>")
    def end_step(intent_id: str) -> Response:
        outcome = request.form.get("outcome", "")
        with stripe.sandbox.store.transaction():
            intent = _asked_for(stripe, intent_id)
            if intent is None:
                return _page("over", None, status=404)
            if intent.status == "requires_action" and outcome in ("pass", "fail"):
                intent = finish_challenge(stripe, intent, outcome)
        if intent.status == "requires_action":
            return _left(intent)
        return _over(intent)

    @routes.get("/stripe/3ds/<intent_id>/state")
    def step_state(intent_id: str) -> Response:
        intent = _asked_for(stripe, intent_id)
        return jsonify({"open": intent is not None and intent.status == "requires_action"})


def _asked_for(stripe: Stripe, intent_id: str) -> Intent | None:
    intent = stripe.intents.find(intent_id)
    secret = request.args.get("client_secret", "")
    return intent if intent and hmac.compare_digest(intent.client_secret.encode(), secret.encode()) else None


def _over(intent: Intent) -> Response:
    if request.args.get("redirect") and intent.return_url:
        address = returning(intent, intent.return_url)
        return Response(status=303, headers={"Location": address, "Cache-Control": "no-store"})
    return _page("over", intent, message="finished")


def _left(intent: Intent) -> Response:
    # A whole page has no shop to go back to: the buyer who left it simply isn't there any more.
    return _page("over", intent, message="closed") if frame_name() else _page("three_d", intent)


def _page(name: str, intent: Intent | None, *, message: str = "", status: int = 200) -> Response:
    framed, shop = bool(frame_name()), shop_origin()
    page = render_template(
        f"stripe/{name}.html",
        lang=speaks(),
        t=choose,
        intent=intent,
        price=readable(intent.amount, intent.currency) if intent else "",
        framed=framed,
        frame=frame_name(),
        shop=shop,
        message=message,
        query=request.query_string.decode(),
    )
    return guarded_page(page, ancestors=shop or "'none'", targets=_targets(intent), status=status)


def _targets(intent: Intent | None) -> str:
    # Browsers hold redirects after a form against form-action too.
    parts = urlsplit(intent.return_url if intent else "")
    return f"'self' {parts.scheme}://{parts.netloc}" if parts.netloc else "'self'"
