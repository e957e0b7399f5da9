"""Acme's REST API under /acme, called with the secret key."""

from collections.abc import Callable

from flask import Blueprint, Response, request

from webapp.providers.acme.emulator.payments import Payments, Refused
from webapp.sandbox.shell import Exchange
from webapp.sandbox.store import Document
from webapp.sandbox.wire import Answer

BEARER = "Bearer acme_test_sandboxshop"

_PAGE = 50
_INTERNAL = ("created", "booked")

Work = Callable[[], Document]


def api_routes(payments: Payments, routes: Blueprint) -> None:
    """Add the REST paths."""

    @routes.post("/acme/payments/<ref>/capture")
    def capture(ref: str) -> Response:
        return _serve(payments, "capture", lambda: _shown(payments.capture(payments.get(ref), _body())))

    @routes.post("/acme/payments/<ref>/refunds")
    def refund(ref: str) -> Response:
        return _serve(payments, "refunds", lambda: _shown(payments.refund(payments.get(ref), _body())))

    @routes.get("/acme/payments/<ref>")
    def look_up(ref: str) -> Response:
        return _serve(payments, "lookup", lambda: _shown(payments.get(ref)))

    @routes.get("/acme/orders/<order>")
    def look_up_order(order: str) -> Response:
        return _serve(payments, "lookup_order", lambda: _shown(payments.of_order(order)))

    @routes.get("/acme/payments")
    def list_payments() -> Response:
        return _serve(payments, "list", lambda: _listed(payments))


def _serve(payments: Payments, call: str, work: Work) -> Response:
    changing = request.method == "POST"
    key = request.headers.get("Idempotency-Key") if changing else None
    record = payments.sandbox.calls.open("acme", call, changing=changing, idem_key=key)
    exchange = Exchange(payments.sandbox, record)
    exchange.wait_before()
    answer = exchange.run(lambda: _once(payments, record, f"{key} {request.path}" if key else "", work))
    return exchange.reply(answer, lambda code: {"error": code})


def _once(payments: Payments, record: Document, scope: str, work: Work) -> Answer:
    """The first answer to a keyed request is the answer to its repeats."""
    store = payments.sandbox.store
    stored = store.get("acme_answer", scope) if scope else None
    if stored is not None:
        record["replayed"] = 1
        return Answer(stored["status"], stored["body"])
    try:
        if request.headers.get("Authorization") != BEARER:
            raise Refused("bad_key", 401)
        answer = Answer(200, work())
    except Refused as refused:
        answer = Answer(refused.status, {"error": refused.code})
    if scope:
        store.put("acme_answer", scope, {"status": answer.status, "body": answer.body})
    return answer


def _listed(payments: Payments) -> Document:
    start, end, after = (request.args.get(name, "") for name in ("from", "to", "after"))
    found = [payment for payment in payments.all() if any(start <= at < end for at in payment["booked"])]
    found.sort(key=lambda payment: min(at for at in payment["booked"] if start <= at < end))
    first = next((place + 1 for place, payment in enumerate(found) if payment["id"] == after), 0)
    page, rest = found[first : first + _PAGE], found[first + _PAGE :]
    return {"payments": [_shown(payment) for payment in page], "next": page[-1]["id"] if rest else ""}


def _shown(payment: Document) -> Document:
    return {name: value for name, value in payment.items() if name not in _INTERNAL}


def _body() -> Document:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}
