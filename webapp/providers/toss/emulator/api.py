"""Toss's REST API under /toss/v1."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

from flask import Blueprint, Response, request

from webapp.providers.toss.emulator.cancel import cancel
from webapp.providers.toss.emulator.confirm import confirm
from webapp.providers.toss.emulator.idempotency import FirstAnswers
from webapp.providers.toss.emulator.keys import KeyPair, authorise
from webapp.providers.toss.emulator.lookup import by_key, by_order, transactions
from webapp.providers.toss.emulator.payment import token
from webapp.providers.toss.emulator.refusals import Refusal, error_body, status_of
from webapp.providers.toss.emulator.state import Toss
from webapp.sandbox.shell import Exchange
from webapp.sandbox.store import Document
from webapp.sandbox.wire import Answer

Work = Callable[[KeyPair], Answer]


class Api:
    """Serves one call: records it, checks the key, replays or works, and answers in Toss's shape."""

    def __init__(self, toss: Toss) -> None:
        self.toss, self.sandbox = toss, toss.sandbox
        self._first = FirstAnswers(toss.sandbox.store, toss.sandbox.clock)
        self._lock = threading.Lock()
        self._confirming: set[str] = set()

    def serve(self, call: str, work: Work, *, changing: bool = False, guard: str = "") -> Response:
        """Answer the present request. `guard` is the paymentKey that only one confirm may work on."""
        idem_key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
        record = self.sandbox.calls.open("toss", call, changing=changing, idem_key=idem_key)
        exchange = Exchange(self.sandbox, record)
        try:
            pair = authorise(request.headers.get("Authorization"))
            self._forced_code()
            with self._first.running(idem_key, pair.secret, request.path, request.method) as scope:
                answer = self._work_once(exchange, scope, pair, work, guard)
                return self._reply(exchange, answer)
        except Refusal as refusal:
            return self._reply(exchange, refusal.answer(english=speaks_english()))

    def _work_once(self, exchange: Exchange, scope: str, pair: KeyPair, work: Work, guard: str) -> Answer:
        stored = self._first.recall(scope)
        if stored is not None:
            self.sandbox.calls.update(exchange.record, replayed=1)
            return stored
        with self._alone(guard):
            exchange.wait_before()

            def remembered() -> Answer:
                answer = _try(work, pair)
                self._first.remember(scope, answer)
                return answer

            return exchange.run(remembered)

    def _forced_code(self) -> None:
        code = request.headers.get("TossPayments-Test-Code")
        if code:
            # guess: codes that are not documented come with 400.
            raise Refusal(code, status=status_of(code))

    @contextmanager
    def _alone(self, payment_key: str) -> Iterator[None]:
        if not payment_key:
            yield
            return
        with self._lock:
            if payment_key in self._confirming:
                raise Refusal("FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING", "[S008] 기존 요청을 처리중입니다.")
            self._confirming.add(payment_key)
        try:
            yield
        finally:
            with self._lock:
                self._confirming.discard(payment_key)

    def _reply(self, exchange: Exchange, answer: Answer) -> Response:
        response = exchange.reply(answer, lambda code: error_body(code, english=speaks_english()))
        response.headers["x-tosspayments-trace-id"] = token(32).lower()
        return response


def api_routes(toss: Toss, routes: Blueprint) -> None:
    """Add the REST paths."""
    api = Api(toss)

    @routes.post("/toss/v1/payments/confirm")
    def confirm_payment() -> Response:
        body = _body()
        return api.serve(
            "confirm",
            lambda pair: confirm(toss, pair, _object(body), english=speaks_english()),
            changing=True,
            guard=str(body.get("paymentKey") or "") if isinstance(body, dict) else "",
        )

    @routes.post("/toss/v1/payments/<path:key>/cancel")
    def cancel_payment(key: str) -> Response:
        return api.serve(
            "cancel",
            lambda pair: cancel(toss, pair, unquote(key), _object(_body()), english=speaks_english()),
            changing=True,
        )

    @routes.get("/toss/v1/payments/<key>")
    def look_up(key: str) -> Response:
        return api.serve("lookup", lambda pair: by_key(toss, pair, key, english=speaks_english()))

    @routes.get("/toss/v1/payments/orders/<order_id>")
    def look_up_order(order_id: str) -> Response:
        return api.serve("lookup_order", lambda pair: by_order(toss, pair, order_id, english=speaks_english()))

    # guess: a slash at the end is forgiven; a public client asks that way.
    @routes.get("/toss/v1/transactions", strict_slashes=False)
    def list_transactions() -> Response:
        return api.serve("transactions", lambda pair: transactions(toss, pair, request.args))

    @routes.route("/toss/v1/<path:rest>", methods=["GET", "POST", "PUT", "DELETE"])
    def unknown(rest: str) -> Response:
        del rest
        return api.serve("unknown", _nothing_here)


def speaks_english() -> bool:
    """Whether the caller asked for English."""
    return (request.headers.get("Accept-Language") or "").lower().startswith("en")


def _try(work: Work, pair: KeyPair) -> Answer:
    try:
        return work(pair)
    except Refusal as refusal:
        return refusal.answer(english=speaks_english())


def _body() -> Any:
    return request.get_json(silent=True, force=True)


def _object(body: Any) -> Document:
    # guess: a body that is not a JSON object is refused like any malformed field.
    if not isinstance(body, dict):
        raise Refusal("INVALID_REQUEST")
    return body


def _nothing_here(pair: KeyPair) -> Answer:
    del pair
    raise Refusal("NOT_FOUND")
