"""Fields that nobody asked for, and sums that are none: refused by name, and nothing is made, taken or changed."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

from tests.failures.conftest import Buy, BuyAbroad
from tests.failures.stripe_purchase import order_on
from tests.shop_server import DOLLARS, NAME, PRICE, PRODUCT, READING, RunningShop
from webapp.cli import DEMO_CATALOG
from webapp.services.stock import CatalogError, load_catalog

#: What belongs to the shop, to the provider, or to nobody: no caller may say it.
_WORDS = r"""
price prices total subtotal unitPrice unit_price amountMinor amount_minor finalAmount value quantity qty count items
discount discountAmount coupon couponCode promotion_code voucher points credit tax taxFreeAmount shipping fee tip
status state paid paidAt paid_at capturedAmount captured_minor refunded_minor approvedAt confirmed provider mode
userId user_id user email customer customerKey customer_key role isAdmin is_admin id orderId__ paymentId createdAt
created_at successUrl failUrl metadata locale origin attempt_no __proto__ constructor
"""
FORBIDDEN = _WORDS.split()
CREATES: dict[str, dict[str, object]] = {
    "/payment/toss/create": {"amount": PRICE, "orderName": NAME},
    "/payment/stripe/create": {"amount": DOLLARS, "description": READING},
}
#: Raw JSON for an amount: no sum at all, one that wraps around to the right one, one too fine, one too large.
_TEXTS = r"""
0 -0 -1 -13000 0.0 0.5 1.5 13000.0 13000.5 1000.0 1e3 1e4 1.3e4 13E3 1e400 -1e400 NaN Infinity -Infinity null true
false [] [13000] [[]] {} {"value":13000} "" "\u0020" "0" "-1" "-13000" "+13000" "13,000" "13_000" "13000.0" "1e4"
"0x32C8" "NaN" "null" "true" "13000원" "₩13000" "$10.00" "13000\u0000" "１３０００" "١٣٠٠٠" 013000 +13000 13_000 0x32C8
.5 5. 1e --1 2147483648 4294980296 4294968296 9007199254740993 9223372036854775807 9223372036854775808
18446744073709564616 18446744073709552616 1000000000000000 999999999999999999999999999999999999 12999 13001 999 1001 1
130000 10000
"""
NO_SUMS = _TEXTS.split()
WRITTEN = ("0", "-1", "0.5", "13000.1", "NaN", "sNaN", "Infinity", "-Infinity", "1e400", "1e999999999", "", " ", "1,3")


def ask(shop: RunningShop, path: str, raw: str, token: str) -> TestResponse:
    """A JSON call with these very characters."""
    return shop.app.test_client().post(
        path,
        base_url=shop.origin,
        data=raw.encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )


def told(answer: TestResponse) -> dict[str, Any]:
    """The problem document."""
    problem: dict[str, Any] = answer.get_json()
    return problem


def test_fm_62_a_field_that_nobody_asked_for_is_refused_by_name(shop: RunningShop) -> None:
    token = shop.token()
    assert len(FORBIDDEN) >= 50
    for path, good in CREATES.items():
        for name in FORBIDDEN:
            answer = ask(shop, path, json.dumps({**good, name: 1}), token)
            assert (answer.status_code, told(answer)["code"]) == (422, "INVALID"), f"{path} {name}"
            assert name in told(answer)["fields"], f"{path} {name}"
    assert shop.rows("SELECT id FROM orders") == []
    assert shop.sandbox.calls() == []


def test_fm_62_a_confirm_takes_nobodys_word_for_what_was_paid(
    deaf_shop: RunningShop, buy: Buy, buy_abroad: BuyAbroad
) -> None:
    here, abroad = buy(deaf_shop), buy_abroad(deaf_shop, paid=False)
    bodies: dict[str, dict[str, object]] = {
        "/payment/toss/confirm": {"paymentKey": here.key, "orderId": here.order_id, "amount": PRICE},
        "/payment/stripe/confirm": {"paymentIntentId": abroad.key, "orderId": abroad.order_id},
    }
    asked = deaf_shop.sandbox.calls()

    for path, good in bodies.items():
        for name in FORBIDDEN:
            answer = ask(deaf_shop, path, json.dumps({**good, name: "completed"}), "")
            assert (answer.status_code, told(answer)["code"]) == (422, "INVALID"), f"{path} {name}"

    assert deaf_shop.sandbox.calls() == asked
    here.is_untouched()
    abroad.is_untouched()


def test_fm_62_what_stands_in_addresses_and_forms_changes_no_price(deaf_shop: RunningShop) -> None:
    buyer = deaf_shop.browse()
    tampered = dict.fromkeys(FORBIDDEN, "1") | {"quantity": "-1", "amount": "1", "orderName": "x", "product": "x"}
    for provider, currency, price in (("toss", "KRW", PRICE), ("stripe", "USD", DOLLARS)):
        query = tampered | {"provider": provider, "currency": currency}
        order_id = order_on(deaf_shop, buyer.get(f"/checkout/{PRODUCT}", params=query).text)
        assert buyer.submit("/payments", f"/payments/{order_id}/tries", **query).status_code == 303

        order = deaf_shop.order(order_id)
        assert (order["amount_minor"], order["currency"], order["product_id"]) == (price, currency, PRODUCT)
        assert order["status"] == "pending"
        payments = deaf_shop.payments(order_id)
        assert {(p["amount_minor"], p["currency"], p["captured_minor"]) for p in payments} == {(price, currency, 0)}


def test_fm_63_a_create_with_an_impossible_sum_makes_nothing(shop: RunningShop) -> None:
    token, right = shop.token(), {"/payment/toss/create": str(PRICE), "/payment/stripe/create": str(DOLLARS)}
    assert len(NO_SUMS) >= 60
    for path, good in CREATES.items():
        for raw in NO_SUMS:
            assert raw != right[path]
            body = json.dumps({**good, "amount": "@"}, ensure_ascii=False).replace('"@"', raw)
            answer = ask(shop, path, body, token)
            assert answer.status_code in (400, 422), f"{path} {raw}"
            assert told(answer)["code"] in ("MALFORMED", "INVALID", "PRICE_MISMATCH"), f"{path} {raw}"
    assert shop.rows("SELECT id FROM orders") == []


def test_fm_63_a_confirm_with_an_impossible_sum_takes_nothing(deaf_shop: RunningShop, buy: Buy) -> None:
    purchase = buy(deaf_shop)
    for raw in NO_SUMS:
        body = f'{{"paymentKey": "{purchase.key}", "orderId": "{purchase.order_id}", "amount": {raw}}}'
        answer = ask(deaf_shop, "/payment/toss/confirm", body, "")
        assert answer.status_code in (400, 409, 422), raw
        assert told(answer)["code"] in ("MALFORMED", "INVALID", "AMOUNT_MISMATCH"), raw
    assert deaf_shop.sandbox.calls("confirm") == []
    purchase.is_untouched()


def test_fm_63_a_catalogue_with_an_impossible_price_changes_nothing(shop: RunningShop, tmp_path: Path) -> None:
    before = shop.rows("SELECT * FROM product_prices ORDER BY product_id, currency")
    file, good = tmp_path / "shop.toml", DEMO_CATALOG.read_text("utf-8")
    for written in WRITTEN:
        file.write_text(good.replace('KRW = "13000"', f'KRW = "{written}"'), "utf-8")
        with pytest.raises(CatalogError, match="KRW must be"):
            load_catalog(shop.context, file)

    assert shop.rows("SELECT * FROM product_prices ORDER BY product_id, currency") == before


def test_fm_63_no_table_takes_a_sum_that_cannot_be(deaf_shop: RunningShop, buy: Buy) -> None:
    purchase = buy(deaf_shop)
    purchase.back()
    wrong = [
        *(
            f"{table} SET amount_minor = {sum_}"
            for table in ("orders", "payments", "product_prices")
            for sum_ in (0, -1)
        ),
        "payments SET captured_minor = -1",
        "payments SET refunded_minor = -1",
        "payments SET refunded_minor = captured_minor + 1",
    ]
    for change in wrong:
        with pytest.raises(IntegrityError), deaf_shop.db() as session:
            session.execute(text(f"UPDATE {change}"))
    deaf_shop.work()
    purchase.is_sold_once()
