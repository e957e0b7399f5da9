"""The six verbs in Toss's terms: `open` is local, `confirm` takes the money, everything else reads or returns it."""

import base64
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import quote, urlencode

from webapp.domain.clock import Clock
from webapp.domain.reasons import RefusalKind
from webapp.domain.snapshots import PaymentSnapshot, ProviderEvent
from webapp.providers.http import HttpAnswer, HttpClient
from webapp.providers.port import (
    Attempt,
    Capabilities,
    Opened,
    PaymentRef,
    ProviderRefused,
    ProviderUnclear,
    RefundCall,
)
from webapp.providers.toss.answers import read_answer
from webapp.providers.toss.config import TossConfig
from webapp.providers.toss.events import parse_event
from webapp.providers.toss.fields import Nonsense
from webapp.providers.toss.listing import Listed, korean_time, read_page
from webapp.providers.toss.mapping import snapshot_of
from webapp.providers.toss.opening import opened
from webapp.providers.toss.rules import (
    SMALLEST,
    cancel_reason,
    check_opening,
    check_payment,
    check_won,
    is_payment_key,
    payment_key,
)

#: Toss advises 60 s for calls that process a payment, and the list may take as long.
CHANGING_S = 60.0
LIST_S = 60.0
LOOK_UP_S = 10.0

#: From the buyer's authentication to our confirm.
CONFIRM_WINDOW_S = 600.0

#: 5000 are allowed, but a page has to fit into the largest answer that we read.
_PAGE = 1000
_TRACE_HEADER = "x-tosspayments-trace-id"


class Toss:
    """Toss Payments behind the provider port."""

    name: str = "toss"
    _PATHS: ClassVar[dict[str, str]] = {
        "confirm": "/v1/payments/confirm",
        "cancel": "/v1/payments/{}/cancel",
        "fetch": "/v1/payments/{}",
        "fetch_order": "/v1/payments/orders/{}",
        "list": "/v1/transactions",
    }

    def __init__(self, config: TossConfig, http: HttpClient, clock: Clock) -> None:
        self._config, self._http, self._clock = config, http, clock
        self.mode = config.mode
        self.capabilities = Capabilities(
            currencies=frozenset({"KRW"}),
            confirm_charges=True,
            confirm_window_s=CONFIRM_WINDOW_S,
            key_pairs=config.key_pairs,
            sources=config.sources,
            smallest=SMALLEST,
        )

    def default_key_pair(self, *, page: bool) -> str:
        """Our page embeds the widget where its pair is set; the JSON calls' snippets need the API pair."""
        wanted = "widget" if page else "api"
        pairs = self.capabilities.key_pairs
        return wanted if wanted in pairs else next(iter(pairs), wanted)

    def open(self, attempt: Attempt, *, idempotency_key: str) -> Opened:
        """Local: the browser creates the payment, with what is handed to it here."""
        check_opening(attempt)
        pair = self._config.find_pair(attempt.key_pair)
        if pair is None:
            raise _no_keys()
        return opened(attempt, pair.client, self._config.sdk_url)

    def confirm(self, attempt: Attempt, *, idempotency_key: str) -> PaymentSnapshot:
        """Take the money; sends what we stored, never what the browser brought."""
        check_payment(attempt.order_ref, attempt.amount)
        key = payment_key(attempt.provider_ref)
        body = {"paymentKey": key, "orderId": attempt.order_ref, "amount": attempt.amount.minor}
        snapshot = self._change("confirm", "", attempt.key_pair, body, idempotency_key)
        return _same(snapshot, provider_ref=key, order_ref=attempt.order_ref)

    def fetch(self, ref: PaymentRef) -> PaymentSnapshot | None:
        """By payment key, then by order id where the key is missing or not known."""
        key, order = ref.provider_ref, ref.order_ref
        if key is not None and is_payment_key(key):
            found = self._find("fetch", key, ref.key_pair)
            if found is not None:
                return _same(found, provider_ref=key)
        if order is None:
            return None
        found = self._find("fetch_order", order, ref.key_pair)
        return _same(found, order_ref=order) if found else None

    def refund(self, call: RefundCall) -> PaymentSnapshot:
        """Cancel a part, or all that is left when no amount is named."""
        key = payment_key(call.provider_ref)
        body: dict[str, object] = {"cancelReason": cancel_reason(call.reason)}
        if call.amount is not None:
            check_won(call.amount)
            body["cancelAmount"] = call.amount.minor
        snapshot = self._change("cancel", key, call.key_pair, body, call.idempotency_key)
        return _same(snapshot, provider_ref=key, order_ref=call.order_ref)

    def parse_event(self, body: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        """Which payment a webhook is about."""
        return parse_event(body, headers)

    def list_between(self, start: datetime, end: datetime) -> Iterator[PaymentSnapshot]:
        """Every payment with a transaction in the interval, under both key pairs, one look-up each.

        The list alone lacks balance and status, and a fresh charge may not be in it yet.
        """
        booked: dict[tuple[str, str], datetime] = {}
        for pair in self.capabilities.key_pairs:
            for row in self._transactions(pair, start, end):
                booked.setdefault((pair, row.payment_key), row.at)
        for pair, key in sorted(booked, key=lambda which: booked[which]):
            found = self._find("fetch", key, pair)
            if found is not None:
                yield _same(found, provider_ref=key)

    def _transactions(self, pair: str, start: datetime, end: datetime) -> Iterator[Listed]:
        query = {
            "startDate": korean_time(start),
            "endDate": korean_time(end + timedelta(seconds=1)),
            "limit": str(_PAGE),
        }
        seen: set[str] = set()
        while True:
            page = self._page(pair, query)
            keys = {row.transaction_key for row in page}
            if keys & seen:
                raise ProviderUnclear("endless_list")
            yield from page
            if len(page) < _PAGE:
                return
            seen |= keys
            query["startingAfter"] = page[-1].transaction_key

    def _page(self, pair: str, query: Mapping[str, str]) -> list[Listed]:
        answer = self._send("list", "GET", f"?{urlencode(query)}", pair, LIST_S)
        try:
            return read_page(read_answer(answer, "query", self._clock.now()))
        except ProviderRefused as refused:
            raise ProviderUnclear(refused.refusal.code) from refused
        except Nonsense as wrong:
            raise ProviderUnclear("nonsense_answer") from wrong

    def _find(self, call: str, reference: str, pair: str) -> PaymentSnapshot | None:
        asked_at = self._clock.now()
        answer = self._send(call, "GET", quote(reference, safe=""), pair, LOOK_UP_S)
        try:
            return self._snapshot(answer, "query", asked_at, pair)
        except ProviderRefused as refused:
            if refused.refusal.kind is RefusalKind.NOT_FOUND:
                return None
            raise ProviderUnclear(refused.refusal.code) from refused

    def _change(
        self, call: str, reference: str, pair: str, body: Mapping[str, object], idempotency_key: str
    ) -> PaymentSnapshot:
        asked_at = self._clock.now()
        answer = self._send(call, "POST", quote(reference, safe=""), pair, CHANGING_S, body, idempotency_key)
        return self._snapshot(answer, call, asked_at, pair)

    def _snapshot(self, answer: HttpAnswer, table: str, asked_at: datetime, pair: str) -> PaymentSnapshot:
        payment = read_answer(answer, table, self._clock.now())
        try:
            return snapshot_of(payment, asked_at=asked_at, key_pair=pair)
        except Nonsense as wrong:
            raise ProviderUnclear("nonsense_answer") from wrong

    def _send(
        self,
        call: str,
        method: str,
        reference: str,
        pair: str,
        deadline_s: float,
        body: Mapping[str, object] | None = None,
        idempotency_key: str | None = None,
    ) -> HttpAnswer:
        keys = self._config.find_pair(pair)
        if keys is None:
            raise _no_keys()
        path = self._PATHS[call]
        path = path.format(reference) if "{}" in path else path + reference
        # The colon stands for an empty password and has to be there.
        basic = base64.b64encode(f"{keys.secret.get_secret_value()}:".encode()).decode()
        return self._http.call(
            method,
            self._config.api_base + path,
            name=f"{self.name}.{call}",
            headers={"Authorization": f"Basic {basic}"},
            json=body,
            deadline_s=deadline_s,
            idempotency_key=idempotency_key,
            trace_header=_TRACE_HEADER,
        )


def _no_keys() -> ProviderUnclear:
    # The shop removed the pair that took this payment; only a person can bring it back.
    return ProviderUnclear("no_keys", alarming=True)


def _same(snapshot: PaymentSnapshot, *, provider_ref: str = "", order_ref: str = "") -> PaymentSnapshot:
    """The snapshot, if it is about what was asked; a key's record may name an order that surprises us."""
    if provider_ref not in ("", snapshot.provider_ref) or order_ref not in ("", snapshot.order_ref):
        raise ProviderUnclear("foreign_answer", alarming=True)
    return snapshot
