"""What a visitor may pay in."""

from webapp.db.currencies import list_currencies
from webapp.domain.money import EXPONENTS
from webapp.services.context import Context

#: Shown before all others, in this order.
_FIRST = ("KRW", "USD", "EUR")


def currencies_on_offer(context: Context) -> tuple[str, ...]:
    """The currencies that a product is sold in and that a provider takes, always in the same order."""
    taken = {currency for provider in context.providers.values() for currency in provider.capabilities.currencies}
    with context.sessions.read() as session:
        priced = list_currencies(session)
    return tuple(currency for currency in dict.fromkeys((*_FIRST, *EXPONENTS)) if currency in taken & priced)
