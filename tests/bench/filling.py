"""A buyer with a long history, written by the database itself."""

import base64
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from tests.shop_server import BUYER, PRICE, PRODUCT

FIRST = datetime(2016, 1, 1, tzinfo=UTC)

_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {size})"
_ORDERS = (
    "INSERT INTO {schema}orders (id, public_id, user_id, product_id, product_name, amount_minor, currency, locale,"
    " origin, status, created_at, updated_at) {numbers} SELECT {id}, 'ord_' || {id}, u.id, '{product}', 'a reading',"
    " {price}, 'KRW', 'ko', 'page', 'completed', {at}, {at} FROM n, {schema}users u WHERE u.email = '{buyer}'"
)
_PAYMENTS = (
    "INSERT INTO {schema}payments (id, order_id, attempt_no, provider, mode, key_pair, sent_order_id, provider_ref,"
    " amount_minor, currency, captured_minor, refunded_minor, status, checks, created_at, updated_at)"
    " {numbers} SELECT {id}, {id}, 1, 'toss', 'test', 'api', 'ord_' || {id}, 'tviva' || {id}, {price}, 'KRW',"
    " {price}, 0, 'completed', 0, {at}, {at} FROM n"
)
_DIALECTS = {
    "sqlite": {
        "schema": "",
        "id": "printf('%032d', i)",
        "at": "strftime('%Y-%m-%d %H:%M:%f', '2016-01-01', '+' || i || ' seconds') || '000'",
    },
    "postgresql": {
        "schema": "checkout.",
        "id": "lpad(i::text, 32, '0')",
        "at": "timestamptz '2016-01-01 00:00:00+00' + i * interval '1 second'",
    },
}


def fill(database_url: str, size: int) -> None:
    """Enter that many paid orders of the demo's buyer, one for each second since 2016."""
    words = _DIALECTS[database_url.partition(":")[0]]
    numbers = _NUMBERS.format(size=size)
    values = {**words, "numbers": numbers, "product": PRODUCT, "price": PRICE, "buyer": BUYER}
    statements = [_ORDERS.format(**values), _PAYMENTS.format(**values), "ANALYZE"]
    connection: Any
    if database_url.startswith("sqlite"):
        connection = sqlite3.connect(database_url.partition(":///")[2], isolation_level=None)
        statements.append("PRAGMA wal_checkpoint(TRUNCATE)")
    else:
        connection = psycopg.connect(database_url, autocommit=True)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def cursor(number: int) -> str:
    """The cursor of the page below the order of that number."""
    at = FIRST + timedelta(seconds=number)
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{number:032d}".encode()).decode().rstrip("=")
