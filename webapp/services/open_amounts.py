"""What a caller means by a name and a sum: a product of the catalogue or, where that is open, a sum of her own."""

import unicodedata
from dataclasses import dataclass

from sqlalchemy.orm import Session

from webapp.db.base import insert_once
from webapp.db.catalog import Product, find_product_by_name, list_names
from webapp.domain.failures import PriceMismatch
from webapp.domain.identifiers import OPEN_AMOUNT
from webapp.services.accounts import normal_name
from webapp.services.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """What an order is to be made for, and how it is called there."""

    product_id: str
    name: str


def find_meant(session: Session, context: Context, name: str, currency: str, amount_minor: int) -> Meant:
    """The product with this name and price; else the caller's own sum, where `OPEN_AMOUNTS` takes it.

    A name of the catalogue has the catalogue's prices and no other, on sale or not: nobody gets its receipt for less.

    Raises:
        PriceMismatch: neither.
    """
    product_id = find_product_by_name(session, name, currency, amount_minor)
    if product_id is not None:
        return Meant(product_id=product_id, name=name)
    if currency not in context.policy.open_ranges:
        raise PriceMismatch("the name and the amount must be those of a product in the catalogue")
    least, most = context.policy.open_ranges[currency]
    own = normal_name(unicodedata.normalize("NFC", name))
    if own is None:
        raise PriceMismatch("a name in which nothing can be seen")
    if _bare(own) in map(_bare, list_names(session)):
        raise PriceMismatch("this is the name of a product in the catalogue, which has another price")
    if not least <= amount_minor <= most:
        raise PriceMismatch(f"the amount must be from {least} to {most} {currency}, or a product's of this name")
    make_stand_in(session)
    return Meant(product_id=OPEN_AMOUNT, name=own)


def _bare(name: str) -> str:
    """The letters and digits of a name: what nobody can tell apart at a glance is the same."""
    return "".join(char for char in unicodedata.normalize("NFKC", name).casefold() if char.isalnum())


def make_stand_in(session: Session) -> None:
    """What orders for sums of the callers' own refer to: one product that is in no list and can't be bought."""
    if session.get(Product, OPEN_AMOUNT) is None:
        insert_once(session, Product, id=OPEN_AMOUNT, is_active=False, position=0)
