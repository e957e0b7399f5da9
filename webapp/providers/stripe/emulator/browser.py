"""What the shop's page loads: the script of Stripe.js, and the frames with the card fields."""

import hashlib
import re

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.exceptions import BadRequest

from webapp.providers.stripe.emulator.bundle import bundle
from webapp.providers.stripe.emulator.cards import TEST_CARDS, TestCard
from webapp.providers.stripe.emulator.state import Stripe

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-]+(:[0-9]{1,5})?")
_FRAME = re.compile(r"[a-z0-9]{1,64}")

# The form offers what a shop tries every day; the sandbox's panel lists every card.
_OFFERED = (
    "4242424242424242",
    "4000000000000002",
    "4000000000009995",
    "4000000000000069",
    "4000000000000127",
    "4000002500003155",
    "4000008260003178",
    "4000000000000259",
    "4000000000007726",
    "4000000000005126",
)


def browser_routes(stripe: Stripe, routes: Blueprint) -> None:
    """Add the SDK's addresses. The calls that it makes are those of the API."""
    del stripe
    code = bundle()
    tag = hashlib.sha256(code.encode()).hexdigest()[:20]

    @routes.get("/stripe/endive/stripe.js")
    def stripe_js() -> Response:
        response = Response(code, mimetype="text/javascript")
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.headers["Cache-Control"] = "no-cache"
        response.set_etag(tag)
        response.make_conditional(request)
        return response

    @routes.get("/stripe/elements/<any(payment, card):kind>")
    def element_frame(kind: str) -> Response:
        shop = shop_origin()
        if not shop:
            raise BadRequest("shop must be an origin")
        cards = sorted((card for card in TEST_CARDS if card.number in _OFFERED), key=_place)
        page = render_template(
            f"stripe/{kind}.html", lang=speaks(), t=choose, kind=kind, shop=shop, frame=frame_name(), cards=cards
        )
        return guarded_page(page, ancestors=shop, targets="'none'")


def shop_origin() -> str:
    """The origin of the page that this frame is in, as the SDK named it; empty when it is none."""
    shop = request.args.get("shop", "")
    return shop if _ORIGIN.fullmatch(shop) else ""


def frame_name() -> str:
    """The secret between this frame and its SDK; empty for a whole page."""
    name = request.args.get("frame", "")
    return name if _FRAME.fullmatch(name) else ""


def speaks() -> str:
    """`ko` or `en`: what the SDK asked for, else what the browser prefers, else Korean."""
    wanted = request.args.get("locale")
    return wanted if wanted in ("ko", "en") else request.accept_languages.best_match(["ko", "en"]) or "ko"


def choose(korean: str, english: str) -> str:
    """The one of two texts that fits the buyer."""
    return english if speaks() == "en" else korean


def guarded_page(page: str, *, ancestors: str, targets: str, status: int = 200) -> Response:
    """An HTML answer with the emulator's own policy: who may frame it, where its forms may lead."""
    response = make_response(page, status)
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; "
        f"base-uri 'none'; form-action {targets}; frame-ancestors {ancestors}"
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _place(card: TestCard) -> int:
    return _OFFERED.index(card.number)
