"""A payment that is not over: the buyer left, her bank asks her something, or her bank takes its time."""

import pytest
import requests

from tests.failures.conftest import BuyAbroad
from tests.failures.news import work_off
from tests.failures.rest import deliver
from tests.failures.stripe_purchase import ASKS, StripePurchase, intent_on, order_on
from tests.shop_server import PRODUCT, RunningShop

MINUTE, HOUR, DAY = 60, 3600, 86_400

#: Where the thing that was bought is delivered; no page may link to it before it is paid.
DELIVERY = "https://chatju.pages.dev/readings/"


def hear(shop: RunningShop, *, heard: bool) -> None:
    """The news arrives, or it is lost and the sweeper comes round when it is due."""
    if heard:
        deliver(shop)
        work_off(shop)


def test_fm_25_a_buyer_who_closed_her_browser_is_served_by_the_news(shop: RunningShop, buy_abroad: BuyAbroad) -> None:
    purchase = buy_abroad(shop)

    hear(shop, heard=True)

    assert purchase.order()["status"] == "completed"
    assert purchase.moves() == ["(none)>pending", "pending>completed"]
    assert purchase.told() == "completed"
    purchase.is_sold_once()


@pytest.mark.parametrize("method", ["card", "bank_debit"])
def test_fm_25_when_the_news_is_lost_too_the_sweeper_completes_the_order(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad, method: str
) -> None:
    purchase = buy_abroad(deaf_shop, method=method)

    assert purchase.check_when_due() <= MINUTE
    if method == "bank_debit":
        assert purchase.order()["status"] == "processing"
        deaf_shop.sandbox.stripe_bank(payment_intent=purchase.key)
        purchase.check_when_due()

    deaf_shop.work()
    assert purchase.order()["status"] == "completed"
    purchase.is_sold_once()


def test_fm_25_an_identity_check_that_was_left_and_never_finished_charges_nobody(
    shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    purchase = buy_abroad(shop, card=ASKS, challenge="abandon")
    hear(shop, heard=True)

    assert purchase.told() == "pending"
    purchase.is_untouched()
    shop.settle_down(hours=30)
    assert purchase.payment()["status"] == "canceled"
    assert [row["status"] for row in purchase.intents()] == ["canceled"]
    purchase.is_untouched("expired")


@pytest.mark.parametrize("after_s", [MINUTE, DAY - MINUTE], ids=["a_minute", "nearly_a_day"])
@pytest.mark.parametrize("returned", [True, False], ids=["came_back", "stayed_away"])
def test_fm_88_an_identity_check_that_was_left_goes_on_with_the_same_intent(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad, after_s: int, returned: bool
) -> None:
    purchase = buy_abroad(deaf_shop, card=ASKS, challenge="abandon")
    if returned:
        purchase.back()
    deaf_shop.advance(after_s)
    deaf_shop.sweep()
    assert purchase.told() == "pending"

    page = purchase.form()

    assert intent_on(page.text) == purchase.key
    assert 'data-kind="action"' in page.text
    assert len(purchase.intents()) == 1
    deaf_shop.sandbox.stripe_challenge(payment_intent=purchase.key)
    purchase.back()
    deaf_shop.work()
    assert purchase.told() == "completed"
    purchase.is_sold_once()


def test_fm_88_a_failed_identity_check_is_told_and_the_same_intent_takes_another_card(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    purchase = buy_abroad(deaf_shop, card=ASKS, challenge="fail")
    purchase.back()

    assert purchase.told() == "pending"
    assert purchase.payment()["last_failure"] is not None
    page = purchase.form()
    assert intent_on(page.text) == purchase.key
    assert 'data-kind="form"' in page.text
    purchase.pay()
    purchase.back()
    deaf_shop.work()
    purchase.is_sold_once()


def test_fm_88_after_its_lifetime_it_is_cancelled_at_stripe_before_its_order_expires(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    purchase = buy_abroad(deaf_shop, card=ASKS, challenge="abandon", page=True)
    deaf_shop.advance(DAY + MINUTE)
    deaf_shop.sweep()

    assert [(row["status"], row["captured"]) for row in purchase.intents()] == [("canceled", 0)]
    assert purchase.payment()["status"] == "canceled"
    assert purchase.order()["status"] == "expired"
    with pytest.raises(requests.HTTPError):
        deaf_shop.sandbox.stripe_challenge(payment_intent=purchase.key)
    assert purchase.form().headers["Location"] == f"/payments/{purchase.order_id}"
    anew = purchase.checkout_page(purchase.owner(), again="1")
    assert order_on(deaf_shop, anew) != purchase.order_id
    assert intent_on(anew) != purchase.key


def test_fm_88_a_lifetime_begins_anew_when_the_buyer_looks_again(deaf_shop: RunningShop, buy_abroad: BuyAbroad) -> None:
    purchase = buy_abroad(deaf_shop, card=ASKS, challenge="abandon")
    deaf_shop.advance(DAY - HOUR)
    assert intent_on(purchase.form().text) == purchase.key
    deaf_shop.advance(2 * HOUR)
    deaf_shop.sweep()

    assert [row["status"] for row in purchase.intents()] == ["requires_action"]
    assert intent_on(purchase.form().text) == purchase.key


def is_on_its_way(purchase: StripePurchase) -> None:
    """Raise AssertionError unless the pages say so, nothing is delivered, and nobody can pay again or cancel."""
    page = purchase.page()
    assert 'data-status="processing"' in page
    assert DELIVERY not in page
    assert f'href="/checkout/{PRODUCT}?order=' not in page, "a way to pay again"
    assert purchase.form().headers["Location"] == f"/payments/{purchase.order_id}"
    assert purchase.cancel().status_code == 409
    assert purchase.mails() == []
    assert purchase.payment()["captured_minor"] == 0
    assert purchase.payment()["next_check_at"] is not None


@pytest.mark.parametrize("heard", [True, False], ids=["heard", "news_lost"])
@pytest.mark.parametrize("outcome", ["succeeded", "failed"])
def test_fm_89_a_payment_on_its_way_is_not_paid_until_it_is_and_both_endings_are_found(
    shop: RunningShop, buy_abroad: BuyAbroad, outcome: str, heard: bool
) -> None:
    if not heard:
        shop.sandbox.mute()
    for delay_s in (MINUTE, 5 * HOUR, 4 * DAY):
        purchase = buy_abroad(shop, method="bank_debit")
        purchase.back()
        is_on_its_way(purchase)
        hear(shop, heard=heard)
        shop.advance(delay_s)
        shop.sweep()
        shop.work()
        is_on_its_way(purchase)

        shop.sandbox.stripe_bank(payment_intent=purchase.key, outcome=outcome)
        hear(shop, heard=heard)
        if not heard:
            assert purchase.check_when_due() <= HOUR
        shop.work()

        if outcome == "succeeded":
            assert purchase.told() == "completed"
            assert DELIVERY in purchase.page()
            purchase.is_sold_once()
            continue
        assert purchase.told() == "pending"
        assert purchase.payment()["last_failure"] == purchase.order()["last_failure"] is not None
        purchase.is_untouched()
        assert intent_on(purchase.form().text) == purchase.key
        purchase.pay()
        purchase.back()
        shop.work()
        purchase.is_sold_once()
        assert len(purchase.intents()) == 1


@pytest.mark.parametrize("outcome", ["succeeded", "failed"])
def test_fm_89_the_buyer_may_come_back_after_the_banks_word(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad, outcome: str
) -> None:
    purchase = buy_abroad(deaf_shop, method="bank_debit")
    deaf_shop.sandbox.stripe_bank(payment_intent=purchase.key, outcome=outcome)

    assert purchase.back().status_code == 303

    deaf_shop.work()
    assert purchase.told() == ("completed" if outcome == "succeeded" else "pending")
    if outcome == "succeeded":
        purchase.is_sold_once()
    else:
        purchase.is_untouched()
