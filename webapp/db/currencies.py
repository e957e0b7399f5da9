"""The currencies that the catalogue's prices are in."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.db.catalog import Product, ProductPrice


def list_currencies(session: Session) -> set[str]:
    """Every currency that at least one active product has a price in."""
    priced = select(ProductPrice.currency).join(Product, Product.id == ProductPrice.product_id)
    return set(session.scalars(priced.where(Product.is_active).distinct()))
