"""Orders that nobody pays: they expire once, alone or in a race with their buyer, and can be ordered anew."""

import re

import pytest

from tests.conftest import MakeShop
from tests.failures.conftest import Buy, BuyAbroad
from tests.failures.races import ROUNDS, at_once
from tests.failures.rest import deliver
from tests.failures.stripe_purchase import order_on
from tests.shop_server import PRODUCT, RunningShop
from webapp.services.expiry import expire_order

DAY = 86_400
MINUTE = 60


def expire(shop: RunningShop) -> None:
    """Let a whole lifetime pass, then sweep until nothing moves any more."""
    shop.advance(DAY + 1)
    for _ in range(3):
        shop.sweep()
        shop.work()


def trail(shop: RunningShop, order_id: str) -> list[tuple[str, str, str]]:
    """The audit rows of the order itself."""
    rows = shop.rows(
        "SELECT a.from_state, a.to_state, a.cause FROM audit_log a JOIN orders o ON o.id = a.object_id"
        " WHERE a.object_type = 'order' AND o.public_id = :o ORDER BY a.id",
        o=order_id,
    )
    return [(row["from_state"], row["to_state"], row["cause"]) for row in rows]


def test_an_order_that_nobody_pays_expires_without_a_call(shop: RunningShop) -> None:
    order_id, _ = shop.browse().checkout()
    shop.advance(DAY - MINUTE)
    shop.sweep()
    assert shop.order(order_id)["status"] == "pending"

    shop.advance(2 * MINUTE)
    shop.sweep()

    assert shop.order(order_id)["status"] == "expired"
    assert [p["status"] for p in shop.payments(order_id)] == ["canceled"]
    assert trail(shop, order_id)[-1] == ("pending", "expired", "abandoned")
    assert shop.sandbox.calls() == []
    before = trail(shop, order_id)
    shop.sweep()
    assert trail(shop, order_id) == before


def test_a_visit_to_the_checkout_page_keeps_the_order(shop: RunningShop) -> None:
    buyer = shop.browse()
    order_id, _ = buyer.checkout()
    for _ in range(3):
        shop.advance(DAY - MINUTE)
        assert buyer.checkout()[0] == order_id
    shop.sweep()

    assert shop.order(order_id)["status"] == "pending"


def test_who_comes_back_between_the_sweepers_look_and_its_lock_keeps_her_order(shop: RunningShop) -> None:
    buyer = shop.browse()
    order_id, _ = buyer.checkout()
    shop.advance(DAY + 1)
    row_id = str(shop.order(order_id)["id"])
    assert buyer.checkout()[0] == order_id

    assert expire_order(shop.context, row_id) is False

    assert shop.order(order_id)["status"] == "pending"
    shop.advance(DAY + 1)
    assert expire_order(shop.context, row_id) is True


def test_a_shorter_lifetime_holds_for_orders_that_exist(make_shop: MakeShop, database_url: str) -> None:
    order_id, _ = make_shop(database_url).browse().checkout()
    hasty = make_shop(database_url, ATTEMPT_LIFETIME_S="600")
    hasty.advance(601)
    hasty.sweep()

    assert hasty.order(order_id)["status"] == "expired"


def test_what_a_browser_can_pay_is_closed_at_its_provider_first(shop: RunningShop, buy_abroad: BuyAbroad) -> None:
    purchase = buy_abroad(shop, page=True, paid=False)
    shop.sandbox.fault(provider="stripe", call="cancel", then="reset", apply=False, times=2)
    shop.advance(DAY + MINUTE)
    shop.sweep()

    assert [row["status"] for row in purchase.intents()] == ["requires_payment_method"]
    assert purchase.order()["status"] == "pending", "silence expires nothing"
    for _ in range(4):
        purchase.check_when_due()
        shop.work()
    shop.sweep()

    assert [row["status"] for row in purchase.intents()] == ["canceled"]
    assert (purchase.order()["status"], purchase.payment()["status"]) == ("expired", "canceled")
    assert purchase.try_to_pay() is False, "the tab that was forgotten charges nobody"


def test_who_paid_in_the_browser_before_the_closing_has_bought_it(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    purchase = buy_abroad(deaf_shop, page=True)
    expire(deaf_shop)

    purchase.is_sold_once()


def test_a_late_return_charges_nothing_and_says_what_to_do(shop: RunningShop, buy: Buy) -> None:
    purchase = buy(shop)
    expire(shop)
    late = shop.authenticated(purchase.created)
    answer = purchase.owner().back(late)

    assert answer.status_code == 409
    assert "주문 시간이 지났어요" in answer.text
    assert "결제된 금액은 없어요" in answer.text
    assert f'href="/payments/{purchase.order_id}"' in answer.text
    assert shop.sandbox.calls("confirm") == []
    assert purchase.told() == "expired"
    stranger = purchase.back(key=late["paymentKey"])
    assert stranger.status_code == 409
    assert purchase.order_id not in stranger.text


def test_money_that_arrives_for_an_expired_order_goes_back(shop: RunningShop, buy: Buy) -> None:
    purchase = buy(shop)
    expire(shop)
    shop.sandbox.charge(order_id=purchase.order_id, amount=purchase.price, order_name="x")
    deliver(shop)
    shop.work()
    shop.settle_down(hours=1)

    assert purchase.order()["status"] == "expired"
    assert [(row["captured"], row["refunded"]) for row in purchase.charges() if row["captured"]] == [
        (purchase.price, purchase.price)
    ]
    assert ("sent_back", "sent") in purchase.mails()
    page = purchase.page()
    assert "그 뒤에 들어온 결제는 돌려 드렸어요" in page


def test_the_same_thing_again_is_a_new_order_at_todays_price(shop: RunningShop) -> None:
    buyer = shop.browse()
    old, _ = buyer.checkout()
    expire(shop)
    shop.rows("UPDATE product_prices SET amount_minor = 15000 WHERE currency = 'KRW' RETURNING product_id")
    page = buyer.get(f"/payments/{old}").text
    assert "15,000원" in page
    found = re.search(r'href="(/checkout/[^"]+)"', page)
    assert found

    again = order_on(shop, buyer.get(found.group(1).replace("&amp;", "&")).text)

    assert again != old
    assert shop.order(again)["amount_minor"] == 15000
    assert shop.order(old)["status"] == "expired"


def test_what_is_not_for_sale_any_more_is_said_so(shop: RunningShop) -> None:
    buyer = shop.browse()
    order_id, _ = buyer.checkout()
    expire(shop)
    shop.rows("UPDATE products SET is_active = FALSE WHERE id = :p RETURNING id", p=PRODUCT)
    page = buyer.get(f"/payments/{order_id}").text

    assert "지금은 판매하지 않는 상품이에요" in page
    assert f"/checkout/{PRODUCT}" not in page


@pytest.mark.parametrize("number", range(ROUNDS // 5 or 1))
def test_the_buyer_and_the_sweeper_at_the_same_moment_one_of_them_wins(
    shop: RunningShop, buy: Buy, number: int
) -> None:
    purchase = buy(shop)
    shop.advance(DAY + 1)
    late = shop.authenticated(purchase.created)
    back, _ = at_once(lambda: purchase.back(key=late["paymentKey"]).status_code, shop.sweep)
    shop.work()

    status = purchase.order()["status"]
    held = sum(row["captured"] for row in purchase.charges())
    if status == "expired":
        assert (back, held) == (409, 0)
    else:
        assert (status, back, held) == ("completed", 303, purchase.price)
        purchase.is_sold_once()


@pytest.mark.parametrize("number", range(ROUNDS // 5 or 1))
def test_the_browser_pays_at_the_moment_of_expiry_and_is_charged_once_or_not_at_all(
    shop: RunningShop, buy_abroad: BuyAbroad, number: int
) -> None:
    purchase = buy_abroad(shop, page=True, paid=False)
    shop.advance(DAY + 1)
    at_once(purchase.try_to_pay, lambda: bool(shop.sweep()))
    shop.settle_down(hours=1)

    held = sum(row["captured"] - row["refunded"] for row in purchase.charges())
    assert (purchase.order()["status"], held) in (("expired", 0), ("completed", purchase.price))
