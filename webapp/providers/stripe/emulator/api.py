"""Stripe's REST API under /stripe/v1."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request

from webapp.providers.stripe.emulator import intents_api, objects_api
from webapp.providers.stripe.emulator.call import Call
from webapp.providers.stripe.emulator.events import note_request
from webapp.providers.stripe.emulator.expanding import expand
from webapp.providers.stripe.emulator.forms import Schema, decode, read
from webapp.providers.stripe.emulator.idempotency import FirstAnswers, print_of
from webapp.providers.stripe.emulator.keys import authorise, permit, presented
from webapp.providers.stripe.emulator.refusals import Refusal, scripted_error
from webapp.providers.stripe.emulator.shelf import token
from webapp.providers.stripe.emulator.state import Stripe
from webapp.sandbox.shell import Exchange
from webapp.sandbox.wire import Answer

# What Stripe.js sends along beside a call's own parameters.
_BROWSER: dict[str, Any] = {
    "key": "text",
    "client_secret": "text",
    "_stripe_version": "text",
    "_stripe_account": "text",
    "expected_payment_method_type": "text",
    "client_attribution_metadata": "any",
    "payment_user_agent": "text",
    "referrer": "text",
    "time_on_page": "text",
    "guid": "text",
    "muid": "text",
    "sid": "text",
}
_VERSION = re.compile(r"20[0-9]{2}-[01][0-9]-[0-3][0-9](\.[a-z]+)?")


@dataclass(frozen=True)
class Route:
    """One call: its address, the name that faults and the ledger know it by, its parameters, who does it."""

    method: str
    path: str
    name: str
    schema: Schema
    work: Callable[..., Any]
    public: bool = False


_INTENT, _REFUND = "/payment_intents", "/refunds"
ROUTES = (
    Route("POST", _INTENT, "create", intents_api.CREATE, intents_api.create),
    Route("GET", _INTENT, "list", intents_api.LIST, intents_api.list_intents),
    Route("GET", f"{_INTENT}/search", "search", intents_api.SEARCH, intents_api.search),
    Route("GET", f"{_INTENT}/<key>", "lookup", intents_api.RETRIEVE, intents_api.retrieve, public=True),
    Route("POST", f"{_INTENT}/<key>", "update", intents_api.UPDATE, intents_api.update),
    Route("POST", f"{_INTENT}/<key>/confirm", "confirm", intents_api.CONFIRM, intents_api.confirm_intent, public=True),
    Route("POST", f"{_INTENT}/<key>/cancel", "cancel", intents_api.CANCEL, intents_api.cancel),
    Route("POST", _REFUND, "refund", objects_api.REFUND, objects_api.create_refund),
    Route("GET", _REFUND, "list", objects_api.REFUND_LIST, objects_api.list_refunds),
    Route("GET", f"{_REFUND}/<key>", "lookup_refund", objects_api.ONE, objects_api.retrieve_refund),
    Route("POST", f"{_REFUND}/<key>", "update_refund", objects_api.REFUND_UPDATE, objects_api.update_refund),
    Route("GET", "/charges", "list", objects_api.CHARGE_LIST, objects_api.list_charges),
    Route("GET", "/charges/<key>", "lookup_charge", objects_api.ONE, objects_api.retrieve_charge),
    Route("GET", "/disputes", "list", objects_api.DISPUTE_LIST, objects_api.list_disputes),
    Route("GET", "/disputes/<key>", "lookup_dispute", objects_api.ONE, objects_api.retrieve_dispute),
    Route("GET", "/events", "list", objects_api.EVENT_LIST, objects_api.list_events),
    Route("GET", "/events/<key>", "lookup_event", objects_api.ONE, objects_api.retrieve_event),
    Route("POST", "/payment_methods", "create_method", objects_api.METHOD, objects_api.create_method, public=True),
    Route("GET", "/payment_methods/<key>", "lookup_method", objects_api.ONE, objects_api.retrieve_method),
)


def _nothing_here(call: Call, **ids: str) -> Any:
    del call, ids
    raise Refusal("", f"Unrecognized request URL ({request.method}: {request.path}).", status=404)


NOTHING = Route("", "/<path:rest>", "unknown", {}, _nothing_here)
# The official command line takes an origin only; it finds the API at the root.
ROOTS = ("/stripe/v1", "/v1")


class Api:
    """Serves one call: records it, checks the key, replays or works, and answers in Stripe's shape."""

    def __init__(self, stripe: Stripe) -> None:
        self.stripe, self.sandbox = stripe, stripe.sandbox
        self._first = FirstAnswers(stripe.sandbox.store, stripe.sandbox.clock)

    def serve(self, route: Route, **ids: str) -> Response:
        """Answer the present request."""
        sent = _sent()
        secret = presented(request.headers.get("Authorization"), sent.get("key"))
        posted = request.method == "POST"
        idem_key = request.headers.get("Idempotency-Key") if posted else None
        browser = secret.startswith("pk_")
        name = "browse" if browser and route.name == "lookup" else route.name
        changing = posted and not browser
        record = self.sandbox.calls.open("stripe", name, changing=changing, idem_key=idem_key)
        exchange, request_id = Exchange(self.sandbox, record), f"req_{token(14)}"
        note_request(request_id, idem_key)
        try:
            caller = authorise(secret)
            permit(caller, public=route.public, changing=posted)
            version = _version(self.stripe.account["api_version"])
            with self._first.running(idem_key):
                draft = Call(self.stripe, caller, sent, version)
                answer = self._work_once(exchange, route, draft, ids, request_id)
                return self._reply(exchange, answer, request_id, version)
        except Refusal as refusal:
            return self._reply(exchange, refusal.answer(lambda _: {}), request_id, "")

    def _work_once(
        self, exchange: Exchange, route: Route, draft: Call, ids: Mapping[str, str], request_id: str
    ) -> Answer:
        idem_key = exchange.record["idem_key"]
        print_ = print_of(request.path, draft.params)
        stored = self._first.recall(idem_key, print_)
        if stored is not None:
            self.sandbox.calls.update(exchange.record, replayed=1)
            headers = {"Idempotent-Replayed": "true", "Original-Request": stored["request"]}
            return Answer(stored["status"], stored["body"], headers)
        exchange.wait_before()

        def remembered() -> Answer:
            answer, kept = _try(route, draft, ids)
            if kept:
                _name_log(answer, request_id)
                self._first.remember(idem_key, print_, answer, request_id)
            return answer

        answer = exchange.run(remembered)
        scripted = _scripted(exchange)
        if scripted is not None:
            self._first.remember(idem_key, print_, scripted, request_id)
        return answer

    def _reply(self, exchange: Exchange, answer: Answer, request_id: str, version: str) -> Response:
        _name_log(answer, request_id)
        status = exchange.fault.status if exchange.fault is not None else None
        response = exchange.reply(answer, lambda code: scripted_error(_plain(code), status or 500))
        headers = {"Request-Id": request_id, "Stripe-Version": version}
        headers["Idempotency-Key"] = exchange.record["idem_key"] or ""
        for header, value in headers.items():
            if value and header not in response.headers:
                response.headers[header] = value
        return open_to_browsers(response)


def api_routes(stripe: Stripe, routes: Blueprint) -> None:
    """Add the REST paths."""
    api = Api(stripe)
    for root in ROOTS:
        for number, route in enumerate((*ROUTES, NOTHING)):
            routes.add_url_rule(
                f"{root}{route.path}",
                f"api_{root.count('/')}_{number}",
                lambda route=route, **ids: api.serve(route, **ids),
                methods=[route.method] if route.method else ["GET", "POST", "DELETE"],
                # A page's preflight is answered below, for every path alike.
                provide_automatic_options=False,
            )
        routes.add_url_rule(
            f"{root}/<path:rest>",
            f"preflight_{root.count('/')}",
            lambda rest: open_to_browsers(Response(status=204)),
            methods=["OPTIONS"],
        )


def open_to_browsers(response: Response) -> Response:
    """Let pages of every origin read the answer, as Stripe's API does."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Methods"] = "GET, POST, DELETE"
    response.headers["Access-Control-Allow-Headers"] = "authorization, content-type, idempotency-key, stripe-version"
    response.headers["Access-Control-Expose-Headers"] = "Request-Id, Stripe-Version"
    return response


def _sent() -> dict[str, Any]:
    if request.method != "POST":
        return decode(request.query_string.decode("utf-8", "replace"))
    return decode(request.get_data(as_text=True))


def _version(default: str) -> str:
    version = request.headers.get("Stripe-Version") or default
    if not _VERSION.fullmatch(version):
        raise Refusal("", f"Invalid Stripe API version: {version}")
    return version


def _try(route: Route, draft: Call, ids: Mapping[str, str]) -> tuple[Answer, bool]:
    """The answer, and whether it is kept for the request's key."""
    try:
        if request.method == "POST" and request.get_data() and request.mimetype != "application/x-www-form-urlencoded":
            # guess: the shape of this refusal.
            raise Refusal("", "The content type of a POST is application/x-www-form-urlencoded.")
        schema = {**route.schema, **_BROWSER} if draft.caller.is_public else route.schema
        params = {} if route is NOTHING else read(draft.params, schema)
        call = Call(draft.stripe, draft.caller, params, draft.version)
        body = route.work(call, **ids)
        return Answer(200, expand(call.stripe, body, call.params.get("expand") or ())), True
    except Refusal as refusal:
        return refusal.answer(draft.show), refusal.kept


def _name_log(answer: Answer, request_id: str) -> None:
    if answer.status >= 400 and isinstance(answer.body, dict) and "error" in answer.body:
        log = f"https://dashboard.stripe.com/test/logs/{request_id}"
        answer.body = {"error": {"request_log_url": log, **answer.body["error"]}}


def _scripted(exchange: Exchange) -> Answer | None:
    """An error that a fault plays in Stripe's own code is kept like any other first answer."""
    fault = exchange.fault
    if fault is None or fault.then != "status":
        return None
    status = fault.status or 500
    # guess: 502, 503 and 504 come from in front of Stripe's own code and are not kept.
    if status not in (402, 500):
        return None
    return Answer(status, scripted_error(fault.code or "", status) if fault.body is None else fault.body)


def _plain(code: str) -> str:
    # The sandbox's word for a fault that names no code.
    return "" if code == "COMMON_ERROR" else code
