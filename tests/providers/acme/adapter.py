"""The six verbs in Acme's terms: `open` is local, the buyer authorises on Acme's page, `confirm` captures."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from urllib.parse import quote, urlencode

from webapp.domain.clock import Clock
from webapp.domain.reasons import Reason, Refusal, RefusalKind
from webapp.domain.snapshots import PaymentSnapshot, ProviderEvent
from webapp.providers.acme.config import AcmeConfig
from webapp.providers.acme.events import parse_event
from webapp.providers.acme.mapping import read_answer, snapshot_of
from webapp.providers.http import HttpClient
from webapp.providers.port import (
    Attempt,
    Capabilities,
    Opened,
    Pane,
    PaymentRef,
    ProviderRefused,
    ProviderUnclear,
    RefundCall,
)

CURRENCIES = frozenset({"EUR", "KRW"})

#: Seconds that one call may take.
CHANGING_S, READING_S = 30.0, 10.0
#: From the buyer's authorisation to our capture.
CONFIRM_WINDOW_S = 3600.0


class Acme:
    """Acme Pay behind the provider port."""

    name: str = "acme"

    def __init__(self, config: AcmeConfig, http: HttpClient, clock: Clock) -> None:
        self._config, self._http, self._clock = config, http, clock
        self.mode = config.mode
        self.capabilities = Capabilities(
            currencies=CURRENCIES,
            confirm_charges=True,
            confirm_window_s=CONFIRM_WINDOW_S,
            signs_events=True,
            sources=config.sources,
        )

    def default_key_pair(self, *, page: bool) -> str:
        """There is one, and it has no name."""
        return ""

    def open(self, attempt: Attempt, *, idempotency_key: str) -> Opened:
        """Local: the address of Acme's page. What a buyer changes in it, the capture finds out."""
        if attempt.amount.currency not in CURRENCIES or attempt.amount.minor <= 0:
            raise ProviderRefused(Refusal("WRONG_amount", Reason.SHOP_SETUP, RefusalKind.MISUSED), {"field": "amount"})
        order = {
            "shop": self._config.shop_id,
            "order": attempt.order_ref,
            "amount": attempt.amount.minor,
            "currency": attempt.amount.currency,
            "return_url": attempt.success_url,
            "cancel_url": f"{attempt.fail_url}?{urlencode({'code': 'left', 'orderId': attempt.order_ref})}",
        }
        pay_url, sdk_url = f"{self._config.pay_base}/pay?{urlencode(order)}", self._config.sdk_url
        values = {"order-id": attempt.order_ref, "pay-url": pay_url, "sdk-url": sdk_url}
        pane = Pane(template="acme/pane.html", script="acme/pane.js", sdk_url=sdk_url, values=values)
        return Opened(pane=pane, client={"payUrl": pay_url})

    def confirm(self, attempt: Attempt, *, idempotency_key: str) -> PaymentSnapshot:
        """Capture what the buyer authorised, with the sum that we stored."""
        ref, amount = attempt.provider_ref or "", attempt.amount
        body = {"order": attempt.order_ref, "amount": amount.minor, "currency": amount.currency}
        return self._change("capture", ref, attempt.order_ref, body, idempotency_key)

    def fetch(self, ref: PaymentRef) -> PaymentSnapshot | None:
        """By id, then by order where the id is missing or not known."""
        found = self._find("lookup", "payments", ref.provider_ref) if ref.provider_ref else None
        if found is not None:
            return _same(found, provider_ref=ref.provider_ref)
        found = self._find("lookup_order", "orders", ref.order_ref) if ref.order_ref else None
        return _same(found, order_ref=ref.order_ref) if found is not None else None

    def refund(self, call: RefundCall) -> PaymentSnapshot:
        """Give a part back, or all that is left when no amount is named."""
        body = {"amount": call.amount.minor} if call.amount is not None else {}
        return self._change("refunds", call.provider_ref, call.order_ref, body, call.idempotency_key)

    def parse_event(self, body: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        """Which payment a signed webhook is about."""
        return parse_event(body, headers, secret=self._config.webhook_secret.get_secret_value())

    def list_between(self, start: datetime, end: datetime) -> Iterator[PaymentSnapshot]:
        """Every payment that was captured or refunded in the interval; the list holds the whole payments."""
        query, seen = {"from": start.isoformat(), "to": end.isoformat()}, {""}
        while True:
            asked_at = self._clock.now()
            page = self._ask("list", "GET", f"payments?{urlencode(query)}")
            rows, following = page.get("payments"), page.get("next")
            if not isinstance(rows, list) or not isinstance(following, str):
                raise ProviderUnclear("nonsense_answer")
            yield from [snapshot_of(row, asked_at=asked_at) for row in rows]
            if not following:
                return
            if following in seen:
                raise ProviderUnclear("endless_list")
            seen.add(following)
            query["after"] = following

    def _find(self, call: str, kind: str, reference: str) -> PaymentSnapshot | None:
        asked_at = self._clock.now()
        try:
            return snapshot_of(self._ask(call, "GET", f"{kind}/{quote(reference, safe='')}"), asked_at=asked_at)
        except ProviderRefused as refused:
            if refused.refusal.kind is RefusalKind.NOT_FOUND:
                return None
            raise ProviderUnclear(refused.refusal.code) from refused

    def _change(self, call: str, ref: str, order: str, body: Mapping[str, object], key: str) -> PaymentSnapshot:
        asked_at = self._clock.now()
        answer = self._ask(call, "POST", f"payments/{quote(ref, safe='')}/{call}", body, key)
        # A charge that nobody asked for has no order id of ours.
        return _same(snapshot_of(answer, asked_at=asked_at), provider_ref=ref, order_ref=order or None)

    def _ask(
        self, call: str, method: str, path: str, body: Mapping[str, object] | None = None, key: str | None = None
    ) -> dict[str, object]:
        answer = self._http.call(
            method,
            f"{self._config.api_base}/{path}",
            name=f"{self.name}.{call}",
            headers={"Authorization": f"Bearer {self._config.secret_key.get_secret_value()}"},
            json=body,
            deadline_s=READING_S if body is None else CHANGING_S,
            idempotency_key=key,
        )
        return read_answer(answer)


def _same(
    snapshot: PaymentSnapshot, *, provider_ref: str | None = None, order_ref: str | None = None
) -> PaymentSnapshot:
    """The snapshot, if it is about what was asked; a payment's own record may name an order that surprises us."""
    if provider_ref not in (None, snapshot.provider_ref) or order_ref not in (None, snapshot.order_ref):
        raise ProviderUnclear("foreign_answer", alarming=True)
    return snapshot
