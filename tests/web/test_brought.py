"""Back from the provider without being logged in as the buyer: the truth about the payment, and no person."""

import re
from typing import Any

import pytest

from tests.mail.paid_orders import pay
from tests.shop_server import BUYER, PRICE, PRODUCT, Browsing, RunningShop
from tests.web.test_payment_page import EN, english

DECLINED = "4500990000001007"
ALREADY = "This order was paid already. Nothing was taken this time."


def came_back(shop: RunningShop, **how: Any) -> tuple[Browsing, str]:
    """A stranger's browser that followed the buyer's way back, and the payment's address."""
    brought: dict[str, Any] = shop.authenticated(**how)
    visitor = shop.browse(None)
    return visitor, visitor.back(brought).headers["Location"]


@pytest.mark.parametrize(
    "how, status, said",
    [
        ({}, "completed", "Your payment is complete"),
        ({"method": "VIRTUAL_ACCOUNT"}, "awaiting_deposit", "We are waiting for your deposit"),
        ({"card": DECLINED}, "pending", "This order is not paid"),
    ],
)
def test_who_came_back_logged_out_hears_how_it_ended_and_nothing_about_a_person(
    sqlite_shop: RunningShop, how: dict[str, str], status: str, said: str
) -> None:
    visitor, path = came_back(sqlite_shop, **how)
    text = english(visitor, path)
    assert said in text
    assert f"₩{PRICE:,}" in text
    assert path.removeprefix("/payments/") in text
    page = visitor.get(path, headers=EN).text
    assert f'data-status="{status}"' in page
    assert f"/login?next={path}" in page
    for secret in (BUYER, "readings/", "receipt", "사주", "Four Pillars", "/cancel", "account_number"):
        assert secret not in page.replace("the receipt", ""), secret
    (row,) = sqlite_shop.payments(path.removeprefix("/payments/"))
    assert not row["deposit_account"] or str(row["deposit_account"]) not in page


def test_while_nobody_knows_it_says_checking_and_asks_again(sqlite_shop: RunningShop) -> None:
    sqlite_shop.sandbox.fault(call="confirm", then="reset", apply=True)
    visitor, path = came_back(sqlite_shop)
    page = visitor.get(path, headers=EN).text
    assert "We are checking your payment" in page
    assert "hx-trigger" in page
    sqlite_shop.settle_down(hours=0.2)
    part = visitor.get(path, headers={**EN, "HX-Request": "true"}).text
    assert "Your payment is complete" in part
    assert "hx-trigger" not in part


def test_another_browser_and_an_invented_key_learn_nothing(sqlite_shop: RunningShop) -> None:
    created = sqlite_shop.create()
    path = f"/payments/{created['orderId']}"
    guesser = sqlite_shop.browse(None)
    invented = {"paymentKey": "tviva2026invented", "orderId": created["orderId"], "amount": PRICE}
    guesser.get("/payment/success", params=invented)
    assert 'data-status="pending"' in guesser.get(path).text

    sqlite_shop.browse(None).back(sqlite_shop.authenticated(created))
    assert sqlite_shop.order(created["orderId"])["status"] == "completed"
    for stranger in (guesser, sqlite_shop.browse(None)):
        page = stranger.get(path, headers=EN).text
        assert "Log in to see this payment" in page
        assert "data-status" not in page
        assert f"₩{PRICE:,}" not in page


def test_a_return_that_failed_does_not_tell_how_a_later_one_ended(sqlite_shop: RunningShop) -> None:
    created = sqlite_shop.create()
    path, passer = f"/payments/{created['orderId']}", sqlite_shop.browse(None)
    passer.back(sqlite_shop.authenticated(created, card=DECLINED))
    assert "data-status" in passer.get(path).text
    buyer = sqlite_shop.browse()
    again = buyer.get(buyer.submit(path, f"{path}/tries").headers["Location"]).text
    sent_id = again.partition('data-order-id="')[2].partition('"')[0]
    land = f"{sqlite_shop.origin}/payment/success"
    buyer.back(sqlite_shop.sandbox.authenticate(order_id=sent_id, amount=PRICE, success_url=land))

    assert sqlite_shop.order(created["orderId"])["status"] == "completed"
    assert "data-status" not in passer.get(path).text


def test_who_is_logged_in_as_somebody_else_is_told_so_instead_of_not_found(sqlite_shop: RunningShop) -> None:
    created = sqlite_shop.create()
    other = sqlite_shop.browse("other@example.com")
    path = other.back(sqlite_shop.authenticated(created)).headers["Location"]
    text = english(other, path)
    assert "Your payment is complete" in text
    assert "another account than the one that ordered" in text
    assert sqlite_shop.browse("other@example.com").get(path).status_code == 404


def test_a_second_tab_that_pays_again_is_told_that_it_took_nothing(sqlite_shop: RunningShop) -> None:
    created, buyer = sqlite_shop.create(), sqlite_shop.browse()
    buyer.http.headers.update(EN)  # what is said once is said in the language of the press
    first, second = sqlite_shop.authenticated(created), sqlite_shop.authenticated(created)
    path = buyer.back(first).headers["Location"]
    assert ALREADY not in english(buyer, path)

    for _ in range(3):
        buyer.back(second)
    assert english(buyer, path).count(ALREADY) == 1
    assert ALREADY not in english(buyer, path), "said once"
    buyer.back(first)
    assert ALREADY not in english(buyer, path), "a reload of the first is no second press"


def test_other_buttons_of_an_old_tab_say_it_too(sqlite_shop: RunningShop) -> None:
    order_id, buyer = pay(sqlite_shop), sqlite_shop.browse()
    buyer.http.headers.update(EN)
    buyer.submit(f"/payments/{order_id}", f"/payments/{order_id}/tries")
    assert ALREADY in english(buyer, f"/payments/{order_id}")
    buyer.get(f"/checkout/{PRODUCT}?order={order_id}")
    assert ALREADY in english(buyer, f"/payments/{order_id}")


def test_the_checkout_shows_a_refusal_only_where_it_happened(sqlite_shop: RunningShop) -> None:
    buyer = sqlite_shop.browse()
    order_id, sent_id = buyer.checkout(f"{PRODUCT}?currency=KRW")
    buyer.back(
        sqlite_shop.sandbox.authenticate(
            order_id=sent_id, amount=PRICE, card=DECLINED, success_url=f"{sqlite_shop.origin}/payment/success"
        )
    )
    refused = "The payment was not approved"
    assert refused in english(buyer, f"/payments/{order_id}")
    here, there = (f"/checkout/{PRODUCT}?order={order_id}&provider={name}" for name in ("toss", "stripe"))
    assert refused in english(buyer, here)
    assert refused not in english(buyer, there)
    assert refused in english(buyer, here), "back where it happened"


def test_refusals_in_a_row_are_counted_with_the_last_time(sqlite_shop: RunningShop) -> None:
    buyer = sqlite_shop.browse()
    _, sent_id = buyer.checkout(f"{PRODUCT}?currency=USD")
    order_id = sqlite_shop.rows("SELECT public_id FROM orders")[0]["public_id"]
    for _ in range(3):
        sqlite_shop.sandbox.stripe_pay(order_id=sent_id, card="4000000000000002")
        sqlite_shop.advance(120)
        sqlite_shop.settle_down(hours=0.1)
    page = buyer.get(f"/payments/{order_id}", headers=EN).text
    assert re.search(r"An attempt was not approved.*?3 times.*?Last: <time", page, re.DOTALL)
