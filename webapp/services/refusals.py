"""Creates that were refused before anything was written, kept in a transaction of their own."""

from webapp.domain.failures import Failure, PaymentsPaused, PriceMismatch, ScopeMissing, TooManyRequests
from webapp.services.books import suspect
from webapp.services.context import Context

#: What is kept, by kind. The first that fits names it: a pause is a kind of too many requests.
KINDS: tuple[tuple[type[Failure], str], ...] = (
    (ScopeMissing, "scope_missing"),
    (PriceMismatch, "price_mismatch"),
    (PaymentsPaused, "payments_paused"),
    (TooManyRequests, "too_many_creates"),
)


def kind_of(failure: Failure) -> str:
    """What such a refusal is called in `security_events`; `failure` is one of `KINDS`."""
    return next(kind for sort, kind in KINDS if isinstance(failure, sort))


def record_refusal(context: Context, failure: Failure, account_id: str, where: str) -> None:
    """Write one row about an account; `where` names the page or call, and no person."""
    detail = f"{where}: {failure.code} {failure.detail}".strip()
    with context.sessions.write() as session:
        suspect(session, kind_of(failure), account_id, detail, context.now())
