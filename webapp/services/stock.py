"""The catalogue file: read, checked as a whole, stored as given. Twice is the same as once."""

import re
import tomllib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from webapp.db.catalog import ProductEntry, save_product
from webapp.domain.money import EXPONENTS, TooManyDecimals, minor_units
from webapp.services.accounts import LOCALES
from webapp.services.context import Context

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,59}\Z")
_KEYS = {"id", "active", "delivery_url", "names", "descriptions", "prices"}

#: The longest name that every provider shows in full.
_MAX_NAME = 100


class CatalogError(ValueError):
    """The file can't be used; the message names the product and the mend. Nothing was stored."""


def load_catalog(context: Context, path: Path, *, delivery_url: str | None = None) -> int:
    """Store every product of the file in one transaction; how many there are.

    `delivery_url` takes the place of every address that stands in the file.

    Raises:
        CatalogError: the file is missing, isn't TOML, or a product in it is wrong.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise CatalogError(f"{path}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CatalogError(f"{path.name}: {error}") from error
    raw = data.get("product")
    if not isinstance(raw, list) or not raw:
        raise CatalogError(f"{path.name}: no [[product]] in it")
    entries = [_entry(product, position) for position, product in enumerate(raw)]
    if len({e.id for e in entries}) != len(entries):
        raise CatalogError("two products have one id")
    with context.sessions.write() as session:
        for entry in entries:
            save_product(session, replace(entry, delivery_url=delivery_url) if delivery_url else entry)
    return len(entries)


def _entry(raw: Any, position: int) -> ProductEntry:
    product_id = raw.get("id") if isinstance(raw, dict) else None
    if not isinstance(product_id, str) or not _ID.match(product_id):
        raise CatalogError(f"product {position + 1}: id must be lower-case letters, digits and dashes")
    if unknown := set(raw) - _KEYS:
        raise CatalogError(f"{product_id}: unknown {', '.join(sorted(unknown))}")
    names = _texts(product_id, raw, "names", _MAX_NAME)
    descriptions = _texts(product_id, raw, "descriptions", 2000)
    return ProductEntry(
        id=product_id,
        position=position,
        is_active=bool(raw.get("active", True)),
        delivery_url=_link(product_id, raw.get("delivery_url")),
        texts={locale: (names[locale], descriptions[locale]) for locale in LOCALES},
        prices=_prices(product_id, raw.get("prices")),
    )


def _texts(product_id: str, raw: dict[str, Any], key: str, longest: int) -> dict[str, str]:
    given = raw.get(key)
    texts: dict[str, Any] = given if isinstance(given, dict) else {}
    for locale in LOCALES:
        text = texts.get(locale)
        if not isinstance(text, str) or not text.strip() or len(text) > longest:
            raise CatalogError(f"{product_id}: {key}.{locale} must be 1 to {longest} characters")
    return {locale: texts[locale].strip() for locale in LOCALES}


def _link(product_id: str, link: Any) -> str | None:
    if link is None:
        return None
    if not isinstance(link, str) or not link.startswith("https://") or len(link) > 500:
        raise CatalogError(f"{product_id}: delivery_url must begin with https://")
    return link


def _prices(product_id: str, raw: Any) -> dict[str, int]:
    if not isinstance(raw, dict) or not raw:
        raise CatalogError(f"{product_id}: needs a price")
    prices: dict[str, int] = {}
    for currency, written in raw.items():
        if currency not in EXPONENTS:
            raise CatalogError(f"{product_id}: unknown currency {currency}")
        try:
            minor = minor_units(Decimal(written if isinstance(written, str) else "?"), currency)
        except (ArithmeticError, TooManyDecimals):  # no number, endless, or beyond what a Decimal holds
            raise CatalogError(f'{product_id}: {currency} must be written like "10.00"') from None
        if not 0 < minor < 10**15:
            raise CatalogError(f"{product_id}: {currency} must be more than nothing")
        prices[currency] = minor
    return prices
