"""What a buyer's return proves to a browser that is not logged in as her: where the payment stands, and no person."""

import hmac
from dataclasses import dataclass
from hashlib import sha256

from webapp.db.orders import Order
from webapp.db.payments import Payment
from webapp.domain.money import Money
from webapp.domain.states import PAID, PaymentStatus, order_status
from webapp.services.confirm import Claim
from webapp.services.context import Context
from webapp.services.kept_returns import has_kept


@dataclass(frozen=True, slots=True, kw_only=True)
class BroughtView:
    """One order in general words: nothing of what was bought, by whom, or how."""

    order_id: str
    amount: Money
    status: PaymentStatus

    @property
    def is_paid(self) -> bool:
        return self.status in PAID

    @property
    def is_open(self) -> bool:
        """Being decided just now: the page asks again by itself."""
        return self.status in (PaymentStatus.CONFIRMING, PaymentStatus.PROCESSING)


def ticket_of(claim: Claim, provider_ref: str) -> str | None:
    """What the browser keeps of its return, to be shown to `brought`; None for one that proved nothing."""
    may_prove = claim.waits or (claim.same_key and not claim.blocked)
    return f"{claim.payment_id}:{_digest(provider_ref)}" if may_prove else None


def brought(context: Context, order_id: str, ticket: str) -> BroughtView | None:
    """The order of that return, as far as the return proves it.

    A reference that was found to be invented is unbound: its browser hears that nothing was paid, and nothing of what
    the buyer herself does later.
    """
    payment_id, _, digest = ticket.partition(":")
    with context.sessions.read() as session:
        payment = session.get(Payment, payment_id)
        order = session.get(Order, payment.order_id) if payment is not None and payment.order_id else None
        if payment is None or order is None or order.public_id != order_id:
            return None
        is_bound = payment.provider_ref is not None and _is_of(payment.provider_ref, digest)
        if not is_bound and (payment.provider_ref is not None or order.status is not PaymentStatus.PENDING):
            return None
        if order.status is not order_status(payment.status):
            return None  # another attempt has decided the order since: that is the buyer's own business
        status = order.status
        if status is PaymentStatus.PENDING and has_kept(session, payment.id):
            status = PaymentStatus.CONFIRMING  # hers may be among what waits: the next word is not the last one
        return BroughtView(order_id=order_id, amount=Money(order.amount_minor, order.currency), status=status)


def _is_of(provider_ref: str, digest: str) -> bool:
    return hmac.compare_digest(_digest(provider_ref).encode(), digest.encode())


def _digest(provider_ref: str) -> str:
    return sha256(provider_ref.encode()).hexdigest()[:32]
