"""What a buyer brought back while it could not be taken: kept, and taken when what stood in its way is over.

Kept as a job, so it survives a crash. Nobody can tell a genuine payment key from an invented one without asking, and an
order asks about one at a time; so a few of them wait, and whoever knows an order's id can't fill the table with more,
nor the places that are its owner's.
"""

from enum import StrEnum

from sqlalchemy.orm import Session

from webapp.db.jobs import hasten, list_waiting, stage
from webapp.db.orders import find_order
from webapp.db.payments import Payment, find_deciding_payment
from webapp.domain.arrivals import Return
from webapp.services.context import Context

KIND = "take_return"

#: Keys that wait for one attempt at a time: a buyer with two tabs needs two.
MOST = 5

#: So many more may wait where its order's owner brings them, in a browser that is logged in as her.
HERS = 2

#: Seconds until the first try, where nothing says earlier that the way is free.
_SOON_S = 3.0


class Kept(StrEnum):
    """What became of a return that can't be taken now."""

    NEW = "new"
    BEFORE = "before"
    #: As many as may wait do: it has to be brought again.
    FULL = "full"


def keep_return(session: Session, context: Context, payment: Payment, arrival: Return, *, hers: bool = False) -> Kept:
    """Promise to take this return later. The attempt is locked: its lock is what makes the bound exact.

    `hers`: the order's owner brings it, whom no stranger may keep out.
    """
    subject = f"{payment.id}:{arrival.provider_ref}"
    waiting = list_waiting(session, KIND, f"{payment.id}:", MOST + HERS)
    if subject in waiting:
        return Kept.BEFORE
    if len(waiting) >= (MOST + HERS if hers else MOST):
        return Kept.FULL
    payload = {
        "provider": payment.provider,
        "provider_ref": arrival.provider_ref,
        "order_ref": arrival.order_ref,
        "amount_minor": arrival.amount_minor,
    }
    stage(session, KIND, subject, context.now(), payload=payload, delay_s=_SOON_S, again=True)
    return Kept.NEW


def wake_returns(session: Session, context: Context, payment: Payment) -> None:
    """The attempt can be claimed again: whatever waits for it is taken now, the first that came first."""
    hasten(session, KIND, f"{payment.id}:", context.now())


def is_return_kept(context: Context, order_id: str) -> bool:
    """Whether something that the buyer of this order may have brought back is still to be asked about."""
    with context.sessions.read() as session:
        order = find_order(session, order_id)
        payment = find_deciding_payment(session, order.id) if order is not None else None
        return payment is not None and has_kept(session, payment.id)


def has_kept(session: Session, payment_id: str) -> bool:
    """Whether a return waits for this attempt."""
    return bool(list_waiting(session, KIND, f"{payment_id}:", 1))
