"""The requests that we send to Stripe. Each gives the object that came back, or raises a `ProviderError`."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from math import ceil, floor
from typing import TYPE_CHECKING, TypeVar

from webapp.domain.clock import Clock
from webapp.providers.http import HttpClient
from webapp.providers.port import Attempt, CloseCall, ProviderRefused, ProviderUnclear, RefundCall
from webapp.providers.stripe.config import StripeConfig
from webapp.providers.stripe.fields import Json, Nonsense, member
from webapp.providers.stripe.listing import Listed, read_page, read_row
from webapp.providers.stripe.rules import shortened
from webapp.providers.stripe.transport import Transport, client

if TYPE_CHECKING:
    from stripe.params import ChargeListParams, RefundCreateParams, RefundListParams

#: Totals for one request, whatever it waits for.
CHANGING_S = 30.0
LIST_S = 30.0
LOOK_UP_S = 10.0

#: 100 are allowed, but a page has to fit into the largest answer that we read.
_PAGE = 50
#: 100,000 rows are no stretch of time that anybody asks for, but a list that never ends.
_MAX_PAGES = 2000
#: Expanding a path expands everything on the way.
_WITH_REFUNDS = ["latest_charge.refunds"]

#: Sends for the page after the row that is named, or for the first one.
_Send = Callable[[str | None], object]

_Read = TypeVar("_Read")


class Api:
    """Stripe's API as far as we use it; shared by all threads."""

    def __init__(self, config: StripeConfig, http: HttpClient, clock: Clock) -> None:
        self._transport = Transport(http, clock)
        self._v1 = client(config.secret_key.get_secret_value(), config.api_base, self._transport).v1

    def create(self, attempt: Attempt, idempotency_key: str) -> Json:
        """Make an intent; the buyer's browser confirms it, with a method that the shop's Dashboard allows."""
        return self._ask(
            "create",
            CHANGING_S,
            lambda: self._v1.payment_intents.create(
                {
                    "amount": attempt.amount.minor,
                    "currency": attempt.amount.currency.lower(),
                    "automatic_payment_methods": {"enabled": True},
                    "description": shortened(attempt.order_name),
                    "metadata": {"order_id": attempt.order_ref, "payment_id": attempt.payment_id},
                    "expand": ["latest_charge"],
                },
                {"idempotency_key": idempotency_key},
            ),
        )

    def read(self, reference: str) -> Json:
        """An intent with its charge and all of its refunds."""
        intent = self._ask(
            "lookup",
            LOOK_UP_S,
            lambda: self._v1.payment_intents.retrieve(reference, {"expand": _WITH_REFUNDS}),
        )
        return self._with_all_refunds(intent, reference)

    def cancel(self, call: CloseCall) -> Json:
        """End an intent unpaid."""
        return self._ask(
            "cancel",
            CHANGING_S,
            lambda: self._v1.payment_intents.cancel(
                call.provider_ref,
                {"cancellation_reason": "abandoned", "expand": _WITH_REFUNDS},
                {"idempotency_key": call.idempotency_key},
            ),
        )

    def refund(self, call: RefundCall) -> Json:
        """Give back a part, or everything that is left when no amount is named.

        The reason goes into the metadata: Stripe's own `reason` has three words, one of which blocks the card.
        """
        notes = {"reason": shortened(call.reason.strip()), "refund_id": call.refund_id}
        asked: RefundCreateParams = {
            "payment_intent": call.provider_ref,
            "metadata": {name: value for name, value in notes.items() if value},
        }
        if call.amount is not None:
            asked["amount"] = call.amount.minor
        return self._ask(
            "refund",
            CHANGING_S,
            lambda: self._v1.refunds.create(asked, {"idempotency_key": call.idempotency_key}),
        )

    def search(self, order_ref: str) -> list[Json]:
        """Intents that carry this order id; new ones can be missing for half a minute, and one page is plenty."""
        query = f"metadata['order_id']:'{order_ref}'"
        found = self._ask_list("search", LOOK_UP_S, lambda: self._v1.payment_intents.search({"query": query}))
        return _readable(read_page, found).rows

    def booked_between(self, start: datetime, end: datetime) -> Iterator[Listed]:
        """Charges, then refunds, that were made in the interval, its broken seconds included."""
        gte, lt = floor(start.timestamp()), ceil(end.timestamp())

        def charges(after: str | None) -> object:
            asked: ChargeListParams = {"created": {"gte": gte, "lt": lt}, "limit": _PAGE}
            return self._v1.charges.list({**asked, "starting_after": after} if after else asked)

        def refunds(after: str | None) -> object:
            asked: RefundListParams = {"created": {"gte": gte, "lt": lt}, "limit": _PAGE}
            return self._v1.refunds.list({**asked, "starting_after": after} if after else asked)

        for send in (charges, refunds):
            for row in self._rows(send):
                yield _readable(read_row, row)

    def _with_all_refunds(self, intent: Json, reference: str) -> Json:
        """The intent; a charge comes with its first ten refunds, the others are fetched."""
        charge = member(intent, "latest_charge")
        if not charge or not intent.get("amount_received") or member(charge, "refunds").get("has_more") is False:
            return intent

        def refunds(after: str | None) -> object:
            asked: RefundListParams = {"payment_intent": reference, "limit": _PAGE}
            return self._v1.refunds.list({**asked, "starting_after": after} if after else asked)

        listed = {"data": list(self._rows(refunds))}
        return {**intent, "latest_charge": {**charge, "refunds": listed}}

    def _rows(self, send: _Send) -> Iterator[Json]:
        """Every row of a list, page after page."""
        after: str | None = None
        seen: set[str] = set()
        for _ in range(_MAX_PAGES):
            answer = self._ask_list("list", LIST_S, partial(send, after))
            page = _readable(read_page, answer)
            refs = [_readable(read_row, row).ref for row in page.rows]
            if seen.intersection(refs):
                break
            yield from page.rows
            if not page.has_more:
                return
            if not refs:
                break
            seen.update(refs)
            after = refs[-1]
        raise ProviderUnclear("endless_list")

    def _ask_list(self, call: str, deadline_s: float, send: Callable[[], object]) -> Json:
        """A list refused says nothing about any payment, whatever the code."""
        try:
            return self._ask(call, deadline_s, send)
        except ProviderRefused as refused:
            raise ProviderUnclear(refused.refusal.code) from refused

    def _ask(self, call: str, deadline_s: float, send: Callable[[], object]) -> Json:
        return self._transport.ask(f"stripe.{call}", deadline_s, send)


def _readable(read: Callable[[Json], _Read], source: Json) -> _Read:
    try:
        return read(source)
    except Nonsense as wrong:
        raise ProviderUnclear("nonsense_answer") from wrong
