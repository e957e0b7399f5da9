"""Products: what is for sale, its names by language and its prices by currency."""

from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    BindParameter,
    CheckConstraint,
    ForeignKey,
    Select,
    String,
    Text,
    bindparam,
    delete,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from webapp.db.base import Base


class ProductText(Base):
    """A product's name and description in one language."""

    __tablename__ = "product_texts"

    product_id: Mapped[str] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    locale: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(Text)


class ProductPrice(Base):
    """A product's price in one currency, in minor units."""

    __tablename__ = "product_prices"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount_positive"),)

    product_id: Mapped[str] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    amount_minor: Mapped[int] = mapped_column(BigInteger)


class Product(Base):
    """Something the shop sells. `id` is the slug in its URL."""

    __tablename__ = "products"

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)
    #: Where the buyer finds the bought thing; `{order_id}` is replaced.
    delivery_url: Mapped[str | None] = mapped_column(String(500))
    texts: Mapped[list[ProductText]] = relationship(lazy="raise", cascade="all, delete-orphan")
    prices: Mapped[list[ProductPrice]] = relationship(lazy="raise", cascade="all, delete-orphan")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductEntry:
    """One product as the catalogue file gives it: locale → (name, description); currency → minor units."""

    id: str
    position: int
    is_active: bool
    delivery_url: str | None
    texts: dict[str, tuple[str, str]]
    prices: dict[str, int]


def save_product(session: Session, entry: ProductEntry) -> None:
    """Store the product as given, whatever stood there before; twice is the same as once."""
    product = session.get(Product, entry.id)
    if product is None:
        product = Product(id=entry.id)
        session.add(product)
    product.is_active = entry.is_active
    product.position = entry.position
    product.delivery_url = entry.delivery_url
    session.flush()
    session.execute(delete(ProductText).where(ProductText.product_id == entry.id))
    session.execute(delete(ProductPrice).where(ProductPrice.product_id == entry.id))
    session.add_all(
        ProductText(product_id=entry.id, locale=locale, name=name, description=description)
        for locale, (name, description) in entry.texts.items()
    )
    session.add_all(
        ProductPrice(product_id=entry.id, currency=currency, amount_minor=minor)
        for currency, minor in entry.prices.items()
    )


@dataclass(frozen=True, slots=True)
class PricedProduct:
    """A product in one language, priced in one currency (None: not sold in it)."""

    id: str
    name: str
    description: str
    amount_minor: int | None
    delivery_url: str | None


def list_products(session: Session, locale: str, currency: str) -> list[PricedProduct]:
    """The active products in display order: one query."""
    rows = session.execute(_priced(locale, currency).where(Product.is_active).order_by(Product.position, Product.id))
    return [PricedProduct(*row) for row in rows]


def find_product(session: Session, product_id: str, locale: str, currency: str) -> PricedProduct | None:
    """One active product; its price is None where it isn't sold in that currency."""
    given = {"id": product_id, "locale": locale, "currency": currency}
    row = session.connection().execute(_ONE_PRICED, given).first()
    return PricedProduct(*row) if row else None


def find_delivery_url(session: Session, product_id: str) -> str | None:
    """Where a bought product is found, on sale or not: who has paid keeps it."""
    return session.scalar(select(Product.delivery_url).where(Product.id == product_id))


def list_prices(session: Session, product_id: str) -> dict[str, int]:
    """Currency → minor units of an active product; empty for one that isn't on sale."""
    priced = select(ProductPrice).join(Product, Product.id == ProductPrice.product_id)
    found = session.scalars(priced.where(Product.is_active, Product.id == product_id))
    return {price.currency: price.amount_minor for price in found}


def list_products_named(session: Session, part: str, limit: int) -> list[str]:
    """Ids of the products, on sale or not, whose name has this part in any language; in display order."""
    named = select(ProductText.product_id).where(ProductText.name.icontains(part, autoescape=True))
    products = select(Product.id).where(Product.id.in_(named)).order_by(Product.position, Product.id)
    return list(session.scalars(products.limit(limit)))


def list_names(session: Session) -> list[str]:
    """Every name of every product, on sale or not, in every language."""
    return list(session.scalars(select(ProductText.name)))


def find_product_by_name(session: Session, name: str, currency: str, amount_minor: int) -> str | None:
    """The id of the active product with this name, in any language, and this price."""
    given = {"name": name, "currency": currency, "amount_minor": amount_minor}
    return session.connection().execute(_NAMED, given).scalars().first()


#: A value, or the place of one in a statement that is built once.
Given = str | BindParameter[str]

_NAMED = (
    select(Product.id)
    .join(ProductText, ProductText.product_id == Product.id)
    .join(ProductPrice, ProductPrice.product_id == Product.id)
    .where(
        Product.is_active,
        ProductText.name == bindparam("name"),
        ProductPrice.currency == bindparam("currency"),
        ProductPrice.amount_minor == bindparam("amount_minor"),
    )
    .order_by(Product.id)
    .limit(1)
)


def _priced(locale: Given, currency: Given) -> Select[str, str, str, int, str | None]:
    return (
        select(Product.id, ProductText.name, ProductText.description, ProductPrice.amount_minor, Product.delivery_url)
        .join(ProductText, (ProductText.product_id == Product.id) & (ProductText.locale == locale))
        .outerjoin(ProductPrice, (ProductPrice.product_id == Product.id) & (ProductPrice.currency == currency))
    )


_ONE_PRICED = _priced(bindparam("locale"), bindparam("currency")).where(
    Product.is_active, Product.id == bindparam("id")
)
