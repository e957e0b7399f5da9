"""Events: received once, worked on later. An event is a reason to look, never a source of amounts."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from webapp.db.alerts import raise_alert
from webapp.db.inbox import Event, count_look_ups_since, store_event
from webapp.db.orders import Order, lock_order
from webapp.db.payments import Payment, find_payment_by_ref, lock_payment
from webapp.domain.failpoints import failpoint
from webapp.domain.failures import Malformed, WebhookSignatureInvalid
from webapp.domain.snapshots import PaymentSnapshot
from webapp.domain.states import PaymentStatus
from webapp.providers.port import EventRefused, PaymentRef, ProviderError, ProviderUnclear, SignatureRefused
from webapp.services.books import Cause, suspect
from webapp.services.confirm import find_attempt
from webapp.services.context import Context
from webapp.services.look_up import look_up
from webapp.services.settle import record_unasked, settle


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A stored delivery; `new` is False when it was here before."""

    event_id: str
    kind: str
    new: bool


class LookUpLater(Exception):
    """Not decided now: no answer, asked a moment ago, or this minute's look-ups are used up."""

    def __init__(self, wait_s: float = 0) -> None:
        super().__init__(f"again in {wait_s:g} s")
        #: At least so many seconds until the next try.
        self.wait_s = wait_s


#: Seconds in which a provider's own look-up may lag behind its news, or our order behind its event.
_TOO_EARLY_S = 60.0

#: Seconds between look-ups that events cause for one payment: more would be somebody burning our quota.
_EVENT_PAUSE_S = 3.0

#: Seconds by which the clocks of two of our hosts may differ.
_CLOCKS_APART_S = 1.0

#: Seconds after which an event about something unknown is given up, quietly: anybody can send those.
_STRANGER_GIVES_UP_S = 6 * 3600.0


def receive(context: Context, provider: str, body: bytes, headers: Mapping[str, str]) -> Received:
    """Read a delivery, store it once, and promise to work on it.

    Raises:
        Malformed: unreadable. WebhookSignatureInvalid: not signed where its provider signs. ProviderNotConfigured.
    """
    try:
        event = context.provider(provider).parse_event(body, headers)
    except SignatureRefused as refused:
        raise WebhookSignatureInvalid from refused
    except EventRefused as refused:
        raise Malformed from refused
    failpoint("webhook.verified")
    with context.sessions.write() as session:
        new = store_event(
            session,
            {
                "provider": provider,
                "event_id": event.event_id,
                "kind": event.kind,
                "provider_ref": event.provider_ref,
                "order_ref": event.order_ref,
                "secret": event.secret,
                "body": body.decode("utf-8", "replace") if event.body is None else event.body,
                "received_at": context.now(),
            },
        )
        if new and event.warning is not None:
            raise_alert(session, "odd_event", f"{provider} {event.kind}"[:64], event.warning, context.now())
    failpoint("webhook.stored")
    return Received(event_id=event.event_id, kind=event.kind, new=new)


def process(context: Context, event_id: int) -> str:
    """Work on a stored event; its outcome.

    Raises:
        LookUpLater: call again.
    """
    with context.sessions.read() as session:
        event = session.get_one(Event, event_id)
        if event.outcome is not None:
            return event.outcome
        payment = _find_payment(session, event)
    failpoint("webhook.picked")
    if payment is None:
        outcome = _about_unknown(context, event)
    elif _is_forged(event, payment):
        outcome = "forged"
    else:
        outcome = _about_ours(context, event, payment)
    with context.sessions.write() as session:
        stored = session.get_one(Event, event_id)
        stored.outcome, stored.processed_at = outcome, context.now()
        if outcome == "forged":
            suspect(session, "forged_event", event.order_ref, f"{event.kind}: wrong secret", context.now())
    failpoint("webhook.applied")
    return outcome


def _find_payment(session: Session, event: Event) -> Payment | None:
    if event.order_ref:
        payment = find_attempt(session, event.provider, event.order_ref)
        if payment is not None:
            return payment
    return find_payment_by_ref(session, event.provider, event.provider_ref) if event.provider_ref else None


def _is_forged(event: Event, payment: Payment) -> bool:
    """A secret that isn't the stored one, or none where this kind carries one. A right one only means that we look."""
    if event.secret is None or payment.event_secret is None:
        return False
    same_payment = event.provider_ref is None or event.provider_ref == payment.provider_ref
    return same_payment and not hmac.compare_digest(event.secret.encode(), payment.event_secret.encode())


def _about_ours(context: Context, event: Event, payment: Payment) -> str:
    if event.provider_ref and event.provider_ref != payment.provider_ref:
        return _about_unknown(context, event)
    if payment.read_at is not None and payment.read_at > event.received_at + timedelta(seconds=_CLOCKS_APART_S):
        return "nothing_new"  # somebody has asked since this came in
    if payment.read_at is not None and (context.now() - payment.read_at).total_seconds() < _EVENT_PAUSE_S:
        raise LookUpLater(_EVENT_PAUSE_S)
    finding = look_up(context, payment.id, cause=Cause.EVENT)
    failpoint("webhook.looked_up")
    if finding.is_silence:
        raise LookUpLater
    with context.sessions.read() as session:
        after = session.get_one(Payment, payment.id).status
    # While it is still being confirmed the sweeper goes on asking; this delivery has said all it can.
    return "nothing_new" if after in (payment.status, PaymentStatus.CONFIRMING) else "settled"


def _about_unknown(context: Context, event: Event) -> str:
    """A reference that none of our payments has: ask, within this minute's share, and enter what is really there.

    That may be the first news of a payment whose buyer is not back yet, a second charge, or no payment at all.
    """
    if event.provider_ref is None and event.order_ref is None:
        return "ignored"
    age = (context.now() - event.received_at).total_seconds()
    if age > _STRANGER_GIVES_UP_S:
        return "ignored"
    can = context.provider(event.provider).capabilities
    key_pairs = can.key_pairs or ("",)
    if not can.signs_events:
        _take_look_up(context, event, cost=2 * len(key_pairs))  # by reference and by order id, with each pair
    for key_pair in key_pairs:
        snapshot = _fetch(context, event, key_pair)
        if snapshot is not None:
            return _enter(context, event, snapshot, key_pair)
    if age < _TOO_EARLY_S:
        raise LookUpLater(_TOO_EARLY_S)
    return "ignored"


def _take_look_up(context: Context, event: Event, *, cost: int) -> None:
    now = context.now()
    with context.sessions.write() as session:
        used = count_look_ups_since(session, now - timedelta(minutes=1))
        if (used + 1) * cost > context.policy.stranger_look_ups_per_minute:
            raise LookUpLater
        session.get_one(Event, event.id).looked_up_at = now


def _fetch(context: Context, event: Event, key_pair: str) -> PaymentSnapshot | None:
    ref = PaymentRef(provider_ref=event.provider_ref, order_ref=event.order_ref, key_pair=key_pair)
    try:
        return context.provider(event.provider).fetch(ref)
    except ProviderError as error:
        if isinstance(error, ProviderUnclear) and error.alarming:
            with context.sessions.write() as session:
                detail = f"a look-up for an event was answered {error.code}"
                raise_alert(session, "provider_code", f"event {event.id}", detail, context.now())
        raise LookUpLater from error


def _enter(context: Context, event: Event, snapshot: PaymentSnapshot, key_pair: str) -> str:
    """Settle the payment that the reading is about; money that no attempt asked for becomes one of its own, once."""
    with context.sessions.write() as session:
        known = find_payment_by_ref(session, event.provider, snapshot.provider_ref)
        attempt = find_attempt(session, event.provider, snapshot.order_ref)
        if known is None and attempt is not None and attempt.sent_order_id == snapshot.order_ref:
            attempt = lock_payment(session, attempt.id)
            known = attempt if attempt.provider_ref is None and attempt.key_pair == key_pair else None
        if known is not None:
            locked = lock_payment(session, known.id)
            before = locked.status
            after = settle(session, context, locked, snapshot, cause=Cause.EVENT, source="look-up")
            return "nothing_new" if after is before else "settled"
        if snapshot.status is None:
            ref = snapshot.provider_ref[:64]
            raise_alert(
                session, "unknown_word", ref, f"provider status {snapshot.word!r} is not in the table", context.now()
            )
        if snapshot.captured.minor - snapshot.refunded.minor <= 0:
            return "ignored"
        order = session.get(Order, attempt.order_id) if attempt is not None else None
        order = lock_order(session, order.id) if order is not None else None
        mode = context.provider(event.provider).mode
        record_unasked(session, context, snapshot, provider=event.provider, key_pair=key_pair, mode=mode, order=order)
    return "settled" if order else "orphan"
