"""What becomes of a stored intent whose call did not end as hoped: kept with its key, or let go of."""

from datetime import timedelta

from webapp.db.operations import find_open_operation, settle_operations
from webapp.db.payments import lock_payment
from webapp.providers.port import ProviderError, ProviderRefused, ProviderUnavailable, ProviderUnclear
from webapp.services.context import Context

#: A provider stores its answers to a key, server errors too, and repeats them: after so many sendings that were
#: answered without a result another key may do better. Only for what can be done twice without harm.
_ANSWERS = 3

#: Seconds until the sweeper tries once more to close what somebody wanted closed.
CLOSE_AGAIN_S = 60.0


def answered(context: Context, payment_id: str, kind: str, error: ProviderError) -> None:
    """Note how the call of an `open` or `close` intent ended; its key is kept as long as a repeat can help.

    An opening that nobody was handed can't be paid, and closing twice is closing: a new key harms neither.
    """
    with context.sessions.write() as session:
        payment = lock_payment(session, payment_id)
        operation = find_open_operation(session, payment.id, kind)
        if operation is None:
            return
        unsent = isinstance(error, ProviderUnavailable) and not error.sent
        operation.state = "unsent" if unsent and operation.sends <= 1 else "unanswered"
        refused = isinstance(error, ProviderRefused) or (isinstance(error, ProviderUnclear) and error.alarming)
        if refused or (isinstance(error, ProviderUnclear) and operation.sends >= _ANSWERS):
            settle_operations(session, payment.id, (kind,), context.now())
        if kind == "close" and payment.next_check_at is not None:
            # It can be paid until it is closed: no hour may pass before the next try.
            payment.next_check_at = min(payment.next_check_at, context.now() + timedelta(seconds=CLOSE_AGAIN_S))
