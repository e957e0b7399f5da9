"""Orders that nobody pays expire: nothing was taken, and whatever could still be paid is closed first."""

from datetime import datetime, timedelta

from webapp.db.orders import lock_order
from webapp.db.payments import list_unvisited_orders
from webapp.domain.failpoints import failpoint
from webapp.domain.states import PaymentStatus
from webapp.services.books import Cause
from webapp.services.context import Context
from webapp.services.settle import close_order

S = PaymentStatus


def expire_orders(context: Context, *, limit: int = 100) -> int:
    """Expire every order that nobody has visited for its whole lifetime, at most `limit`; how many did.

    One whose payment lies open at a provider where the browser pays waits until the sweeper has closed that one there.
    """
    with context.sessions.read() as session:
        due = list_unvisited_orders(session, _deadline(context), _taken_here(context), limit)
    return sum(expire_order(context, order_id) for order_id in due)


def expire_order(context: Context, order_id: str) -> bool:
    """Read again under the lock: a buyer who came back a moment ago keeps her order."""
    with context.sessions.write() as session:
        order = lock_order(session, order_id)
        if order.updated_at > _deadline(context):
            return False
        done = close_order(session, context, order, to=S.EXPIRED, cause=Cause.ABANDONED)
        failpoint("sweep.expiring")
    failpoint("sweep.expired")
    return done


def _deadline(context: Context) -> datetime:
    return context.now() - timedelta(seconds=context.policy.attempt_lifetime_s)


def _taken_here(context: Context) -> list[str]:
    """The providers at which nothing is taken without a call of ours."""
    return [name for name, provider in context.providers.items() if provider.capabilities.confirm_charges]
