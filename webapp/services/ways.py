"""The ways to pay for one thing: each of its prices, with every provider that takes the currency."""

from dataclasses import dataclass

from webapp.db.catalog import list_prices
from webapp.domain.money import Money
from webapp.services.context import Context
from webapp.services.currencies import currencies_on_offer


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One price and who takes it."""

    price: Money
    provider: str


def prices_of(context: Context, product_id: str) -> list[Money]:
    """Each price in a currency that somebody takes, in the order of the currency chooser."""
    return list(dict.fromkeys(way.price for way in ways_to_pay(context, product_id)))


def ways_to_pay(context: Context, product_id: str, *, only: Money | None = None) -> list[Way]:
    """Every way, the same order for everybody: by currency, then as the registry lists the providers.

    `only` is the one price of what the catalogue has none for.
    """
    if only is not None:
        takers = [name for name, each in context.providers.items() if only.currency in each.capabilities.currencies]
        return [Way(price=only, provider=name) for name in takers]
    with context.sessions.read() as session:
        prices = list_prices(session, product_id)
    return [
        Way(price=Money(prices[currency], currency), provider=name)
        for currency in currencies_on_offer(context)
        if currency in prices
        for name, provider in context.providers.items()
        if currency in provider.capabilities.currencies
    ]
