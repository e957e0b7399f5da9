"""The six verbs in Stripe's terms: `open` makes the intent, the browser takes the money, `confirm` only reads."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from webapp.domain.clock import Clock
from webapp.domain.identifiers import ORDER_ID
from webapp.domain.reasons import Reason, Refusal, RefusalKind
from webapp.domain.snapshots import PaymentSnapshot, ProviderEvent
from webapp.providers.http import HttpClient
from webapp.providers.port import (
    Attempt,
    Capabilities,
    CloseCall,
    Opened,
    PaymentRef,
    ProviderRefused,
    ProviderUnavailable,
    ProviderUnclear,
    RefundCall,
)
from webapp.providers.stripe.config import StripeConfig
from webapp.providers.stripe.events import parse_event
from webapp.providers.stripe.fields import Json, Nonsense, flag, reference
from webapp.providers.stripe.listing import is_other_business, likeliest
from webapp.providers.stripe.mapping import snapshot_of
from webapp.providers.stripe.opening import opened
from webapp.providers.stripe.rules import CURRENCIES, SMALLEST, check_opening, check_sum, is_intent_id

if TYPE_CHECKING:
    from webapp.providers.stripe.api import Api

#: Seconds before the same request goes out again, while another one holds its key or its intent.
_PAUSES_S = (0.2, 0.5, 1.0)
_HELD = frozenset({"idempotency_key_in_use", "lock_timeout"})
_OTHER_STATE = "payment_intent_unexpected_state"


class Stripe:
    """Stripe behind the provider port."""

    name: str = "stripe"

    def __init__(self, config: StripeConfig, http: HttpClient, clock: Clock) -> None:
        self._config, self._http, self._clock = config, http, clock
        self.mode = config.mode
        self.capabilities = Capabilities(
            currencies=CURRENCIES,
            confirm_charges=False,
            confirm_window_s=None,
            signs_events=True,
            sources=config.sources,
            smallest=SMALLEST,
        )

    @cached_property
    def _api(self) -> "Api":
        from webapp.providers.stripe.api import Api  # late: decision 0030

        return Api(self._config, self._http, self._clock)

    def default_key_pair(self, *, page: bool) -> str:
        """There is one pair, and it has no name."""
        return ""

    def open(self, attempt: Attempt, *, idempotency_key: str) -> Opened:
        """Make the intent, or read the one there is: its client secret is never stored."""
        check_opening(attempt)
        asked_at = self._clock.now()
        if attempt.provider_ref is None:
            intent = self._patiently(lambda: self._api.create(attempt, idempotency_key))
        else:
            intent = self._made(attempt.provider_ref)
        snapshot = self._snapshot(intent, asked_at, attempt.provider_ref, attempt.order_ref)
        publishable_key, sdk_url = self._config.publishable_key, self._config.sdk_url
        try:
            return opened(attempt, intent, snapshot, publishable_key=publishable_key, sdk_url=sdk_url)
        except Nonsense as wrong:
            raise ProviderUnclear("nonsense_answer") from wrong

    def confirm(self, attempt: Attempt, *, idempotency_key: str) -> PaymentSnapshot:
        """Read what came of the browser's own confirmation; nothing is taken here."""
        asked_at = self._clock.now()
        intent = self._made(attempt.provider_ref or "")
        return self._snapshot(intent, asked_at, attempt.provider_ref, attempt.order_ref)

    def fetch(self, ref: PaymentRef) -> PaymentSnapshot | None:
        """By intent, then by order id where the intent is missing or not known."""
        if ref.provider_ref is not None and (found := self._find(ref.provider_ref)) is not None:
            return found
        if ref.order_ref is None or not ORDER_ID.match(ref.order_ref):
            return None
        try:
            intent = likeliest(self._api.search(ref.order_ref), ref.order_ref)
        except Nonsense as wrong:
            raise ProviderUnclear("foreign_answer", alarming=True) from wrong
        return self._find(intent, ref.order_ref) if intent else None

    def refund(self, call: RefundCall) -> PaymentSnapshot:
        """Give back a part, or all that is left when no amount is named; the payment as it stands then."""
        if not is_intent_id(call.provider_ref):
            refusal = Refusal("WRONG_payment_intent", Reason.UNKNOWN, RefusalKind.NOT_FOUND)
            raise ProviderRefused(refusal, {"field": "payment_intent"})
        if call.amount is not None:
            check_sum(call.amount)
        if reference(self._api.refund(call), "payment_intent") != call.provider_ref:
            raise ProviderUnclear("foreign_answer", alarming=True)
        asked_at = self._clock.now()
        try:
            intent = self._made(call.provider_ref)
        except ProviderUnavailable as silent:
            # The refund itself was sent and answered, whatever became of the reading.
            raise ProviderUnavailable(silent.cause, sent=True) from silent
        return self._snapshot(intent, asked_at, call.provider_ref, call.order_ref or None)

    def close(self, call: CloseCall) -> PaymentSnapshot:
        """Cancel the intent; one that can't be cancelled any more is read instead: it may be paid."""
        if not is_intent_id(call.provider_ref):
            raise _no_such_intent()
        asked_at = self._clock.now()
        try:
            intent = self._patiently(lambda: self._api.cancel(call))
        except ProviderRefused as refused:
            raise _not_there(refused) from refused
        except ProviderUnclear as unclear:
            if unclear.code != _OTHER_STATE:
                raise
            asked_at = self._clock.now()
            intent = self._made(call.provider_ref)
        return self._snapshot(intent, asked_at, call.provider_ref, call.order_ref or None)

    def parse_event(self, body: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        """Which payment a signed webhook is about."""
        from webapp.providers.stripe.transport import API_VERSION  # late: decision 0030

        secrets, now = self._config.webhook_secrets, self._clock.now()
        return parse_event(body, headers, secrets=secrets, now=now, live=self.mode == "live", api_version=API_VERSION)

    def list_between(self, start: datetime, end: datetime) -> Iterator[PaymentSnapshot]:
        """Every payment that was charged or refunded in the interval, one look-up each."""
        booked: dict[str, datetime] = {}
        for row in self._api.booked_between(start, end):
            if row.intent is not None:
                booked[row.intent] = min(row.at, booked.get(row.intent, row.at))
        for intent_id in sorted(booked, key=lambda which: booked[which]):
            asked_at = self._clock.now()
            intent = self._read(intent_id)
            if intent is not None and not is_other_business(intent):
                yield self._snapshot(intent, asked_at, intent_id)

    def _patiently(self, send: Callable[[], Json]) -> Json:
        for pause_s in _PAUSES_S:
            try:
                return send()
            except ProviderUnclear as unclear:
                if unclear.code not in _HELD:
                    raise
            self._clock.sleep(pause_s)
        return send()

    def _made(self, intent_id: str) -> Json:
        """An intent that we made: where it isn't there, our keys are those of another account."""
        intent = self._read(intent_id)
        if intent is None:
            raise _no_such_intent()
        return intent

    def _find(self, intent_id: str, order_ref: str | None = None) -> PaymentSnapshot | None:
        asked_at = self._clock.now()
        intent = self._read(intent_id)
        return self._snapshot(intent, asked_at, intent_id, order_ref) if intent is not None else None

    def _read(self, intent_id: str) -> Json | None:
        if not is_intent_id(intent_id):
            return None
        try:
            return self._api.read(intent_id)
        except ProviderRefused as refused:
            if refused.refusal.kind is RefusalKind.NOT_FOUND:
                return None
            raise ProviderUnclear(refused.refusal.code) from refused

    def _snapshot(
        self, intent: Json, asked_at: datetime, intent_id: str | None, order_ref: str | None = None
    ) -> PaymentSnapshot:
        """The reading, if it is about what was asked; an intent's record may name an order that surprises us."""
        try:
            snapshot = snapshot_of(intent, asked_at=asked_at)
            is_live = flag(intent, "livemode")
        except Nonsense as wrong:
            raise ProviderUnclear("nonsense_answer") from wrong
        if is_live is not (self.mode == "live"):
            raise ProviderUnclear("other_mode", alarming=True)
        if intent_id not in (None, snapshot.provider_ref) or order_ref not in (None, snapshot.order_ref):
            raise ProviderUnclear("foreign_answer", alarming=True)
        return snapshot


def _no_such_intent() -> ProviderUnclear:
    return ProviderUnclear("no_such_intent", alarming=True)


def _not_there(refused: ProviderRefused) -> ProviderUnclear:
    """What a refused cancelling is: nothing proves that the intent can't be paid any more."""
    if refused.refusal.kind is RefusalKind.NOT_FOUND:
        return _no_such_intent()
    return ProviderUnclear(refused.refusal.code, alarming=True)
