"""Sums beyond 32 bits, and what a float would lose: stored, taken, shown and given back to the last unit."""

import requests
from sqlalchemy import Engine, inspect

from tests.failures.rest import deliver
from tests.mail.paid_orders import pay
from tests.shop_server import PRODUCT, RunningShop
from webapp.db.refunds import reserved_minor

#: Around 32 bits, what a float of 32 bits rounds, and the most that a price may be.
LARGE = (2**31 - 1, 2**31, 2**32 + 13_000, 16_777_217, 999_999_999_999_999)


def columns(engine: Engine) -> dict[str, str]:
    """`table.column` → the type that the database itself says it has."""
    found, schema = inspect(engine), "checkout" if engine.dialect.name == "postgresql" else None
    return {
        f"{table}.{column['name']}": str(column["type"]).split("(")[0]
        for table in found.get_table_names(schema=schema)
        for column in found.get_columns(table, schema=schema)
    }


def test_fm_122_every_sum_has_64_bits_and_no_column_is_a_float(shop: RunningShop) -> None:
    types = columns(shop.context.sessions.engine)
    sums = {kind for name, kind in types.items() if name.endswith("_minor")}

    assert sums == {"BIGINT"}
    assert {"orders.amount_minor", "payments.captured_minor", "refunds.amount_minor"} < set(types)
    assert not {"FLOAT", "REAL", "DOUBLE", "DOUBLE PRECISION", "NUMERIC"} & set(types.values())


def test_fm_122_a_large_sum_is_sold_shown_and_given_back_to_the_last_won(shop: RunningShop) -> None:
    token = {"Authorization": f"Bearer {shop.token()}"}
    buyer = shop.browse()
    for won in LARGE:
        priced = "UPDATE product_prices SET amount_minor = :w WHERE currency = 'KRW' AND product_id = :p RETURNING 1"
        assert shop.rows(priced, w=won, p=PRODUCT)
        order_id = pay(shop, price=won)
        shop.work()

        (payment,) = shop.payments(order_id)
        assert [shop.order(order_id)["amount_minor"], payment["captured_minor"]] == [won, won]
        told = requests.get(f"{shop.origin}/payment/{order_id}", headers=token, timeout=10).json()
        assert told["payment"]["amount"] == won
        for page in (f"/payments/{order_id}", f"/payments/{order_id}/receipt", "/payments"):
            assert f"{won:,}원" in buyer.get(page).text, page

        for part in (won // 3, won - won // 3):
            shop.sandbox.dashboard_cancel(payment_key=payment["provider_ref"], amount=part)
        deliver(shop)
        shop.settle_down(hours=1)
        (payment,) = shop.payments(order_id)
        assert (payment["status"], payment["refunded_minor"]) == ("refunded", won)
        with shop.db() as session:
            assert reserved_minor(session, payment["id"]) == won
