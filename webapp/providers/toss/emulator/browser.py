"""What the shop's page loads: the SDK scripts, the call that opens a payment, the widget's frames."""

import hashlib
import re

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import BadRequest

from webapp.providers.toss.emulator.bundle import bundle
from webapp.providers.toss.emulator.language import choose, speaks
from webapp.providers.toss.emulator.opening import open_payment
from webapp.providers.toss.emulator.refusals import Refusal
from webapp.providers.toss.emulator.state import Toss

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-]+(:[0-9]{1,5})?")
_FRAME = re.compile(r"toss-[0-9]{1,6}")


def browser_routes(toss: Toss, routes: Blueprint) -> None:
    """Add the SDK's addresses."""
    _script(routes, "/toss/v2/standard", "v2")
    _script(routes, "/toss/v1/payment", "v1")

    @routes.route("/toss/sdk/payments", methods=["POST", "OPTIONS"])
    def open_from_page() -> Response:
        response = Response(status=204) if request.method == "OPTIONS" else _open(toss)
        response.headers["Access-Control-Allow-Origin"] = request.headers.get("Origin", "null")
        response.headers["Access-Control-Allow-Headers"] = "content-type"
        response.headers["Vary"] = "Origin"
        return response

    @routes.get("/toss/widget/<any(methods, agreement):pane>")
    def widget_pane(pane: str) -> Response:
        shop = request.args.get("shop", "")
        if not _ORIGIN.fullmatch(shop):
            raise BadRequest("shop must be an origin")
        page = render_template(f"toss/{pane}.html", lang=speaks(), t=choose, shop=shop, frame=frame_name(), framed=True)
        return guarded_page(page, ancestors=shop, targets="'none'")


def frame_name() -> str:
    """The frame this page is in, as the SDK named it; empty for a whole page."""
    name = request.args.get("frame", "")
    return name if _FRAME.fullmatch(name) else ""


def guarded_page(page: str, *, ancestors: str, targets: str, status: int = 200) -> Response:
    """An HTML answer with the emulator's own policy: who may frame it, where its forms may lead."""
    response = make_response(page, status)
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; base-uri 'none'; "
        f"form-action {targets}; frame-ancestors {ancestors}"
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _script(routes: Blueprint, path: str, version: str) -> None:
    code = bundle(version)
    tag = hashlib.sha256(code.encode()).hexdigest()[:20]

    def script() -> Response:
        response = Response(code, mimetype="text/javascript")
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.headers["Cache-Control"] = "no-cache"
        response.set_etag(tag)
        response.make_conditional(request)
        return response

    routes.add_url_rule(path, f"script_{version}", script)


def _open(toss: Toss) -> Response:
    data = request.get_json(silent=True)
    try:
        if not isinstance(data, dict):
            raise Refusal("INVALID_PARAMETERS")
        # The browser says where it is; the page cannot claim another origin for the frame.
        shop = request.headers.get("Origin", "")
        with toss.sandbox.store.transaction():
            payment = open_payment(toss, {**data, "shopOrigin": shop if _ORIGIN.fullmatch(shop) else ""})
    except Refusal as refusal:
        answer = refusal.answer(english=speaks() == "en")
        response = jsonify(answer.body)
        response.status_code = answer.status
        return response
    return jsonify({"paymentKey": payment.key, "window": f"/toss/pay/{payment.key}"})
