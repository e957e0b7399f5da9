"""Toss's buyers who press back, close the browser, or whose news comes in the wrong order."""

import itertools
import random
from collections.abc import Sequence

import pytest

from tests.failures.conftest import Buy
from tests.failures.news import post, written
from tests.failures.purchase import Purchase
from tests.failures.races import ROUNDS
from tests.failures.test_fm_events import work_off
from tests.shop_server import NAME, PRICE, PRODUCT, RunningShop

#: From the buyer's authentication Toss can be asked for so long.
WINDOW_S = 600


def test_fm_24_after_paying_the_back_button_leads_to_the_payment_and_offers_no_second_one(shop: RunningShop) -> None:
    owner = shop.browse()
    order_id, sent_id = owner.checkout()
    owner.back(shop.sandbox.authenticate(order_id=sent_id, amount=PRICE, order_name=NAME))

    paid = owner.get(f"/checkout/{PRODUCT}?order={order_id}")
    assert (paid.status_code, paid.headers["Location"]) == (303, f"/payments/{order_id}")
    page = owner.get(f"/checkout/{PRODUCT}")
    assert page.headers["Cache-Control"] == "no-store"
    assert "방금 구매한 상품이에요" in page.text
    assert "data-pay" not in page.text
    tries = owner.submit("/payments", f"/payments/{order_id}/tries")
    assert tries.headers["Location"] == f"/payments/{order_id}"
    shop.work()
    assert shop.order(order_id)["status"] == "completed"
    assert [row["captured"] for row in shop.sandbox.ledger()["payments"]] == [PRICE]
    assert (len(shop.rows("SELECT id FROM orders")), len(shop.payments(order_id))) == (1, 1)


@pytest.mark.parametrize("after_s", [60, WINDOW_S + 1, 86_340])
def test_fm_25_a_buyer_who_never_comes_back_was_not_charged_and_can_still_pay(
    shop: RunningShop, buy: Buy, after_s: float
) -> None:
    purchase = buy(shop)
    shop.advance(after_s)
    shop.sweep()
    shop.work()

    assert shop.sandbox.calls("confirm") == [], "there is nothing to confirm: nobody presented a key"
    assert purchase.told() == "pending"
    purchase.is_untouched()
    again = shop.authenticated(purchase.created)
    purchase.back(key=again["paymentKey"])
    shop.work()
    purchase.is_sold_once()


def story(purchase: Purchase) -> list[str]:
    """An account, its deposit, and two parts given back; the first six pieces of news, none delivered."""
    shop = purchase.shop
    purchase.back()
    shop.sandbox.deposit(payment_key=purchase.key)
    for amount in (3000, 2000):
        shop.sandbox.dashboard_cancel(payment_key=purchase.key, amount=amount)
    told = [str(event["body"]) for event in written(shop, purchase.order_id)]
    assert len(told) >= 6, "fewer news than the test is about"
    return told[:6]


def permutations_of_six() -> list[Sequence[int]]:
    """The first one, its reverse, and others by chance; all with RACE_ROUNDS=720."""
    every = list(itertools.permutations(range(6)))
    chosen = random.Random(38).sample(every, ROUNDS) if len(every) > ROUNDS else every
    return [every[0], every[-1], *chosen]


def test_fm_38_six_pieces_of_news_delivered_late_end_in_the_providers_truth_in_every_order(
    deaf_shop: RunningShop, buy: Buy
) -> None:
    for sequence in permutations_of_six():
        purchase = buy(deaf_shop, method="VIRTUAL_ACCOUNT")
        bodies = story(purchase)
        deaf_shop.advance(60)

        for place in sequence:
            assert post(deaf_shop, bodies[place]) == 200
            deaf_shop.work()
        work_off(deaf_shop, pause_s=4)

        paid = purchase.payment()
        assert (paid["captured_minor"], paid["refunded_minor"]) == (PRICE, 5000), sequence
        assert paid["status"] == purchase.order()["status"] == "partially_refunded", sequence
        assert ("receipt", "sent") in purchase.mails()
        assert len(deaf_shop.rows("SELECT id FROM refunds WHERE payment_id = :p", p=paid["id"])) == 2
