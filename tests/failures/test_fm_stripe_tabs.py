"""One thing in two tabs: with both providers, or in two currencies. One charge is kept, whichever tab is paid.

Races run a few rounds on each database; RACE_ROUNDS raises that.
"""

import random
import re
import time
from functools import partial

import pytest
import requests

from tests.failures.conftest import BuyAbroad
from tests.failures.purchase import wait_until
from tests.failures.races import ROUNDS, at_once
from tests.failures.rest import come_to_rest
from tests.failures.stripe_purchase import StripePurchase, intent_on, order_on
from tests.sandbox_server import API_CLIENT, WIDGET_CLIENT
from tests.shop_server import NAME, PRICE, PRODUCT, RunningShop

ROUNDS_HERE = max(3, ROUNDS // 6)

_TOSS_ID = re.compile(r'data-order-id="([^"]+)"')


class Tabs(StripePurchase):
    """An order in won whose buyer has one tab with Toss's window and one with Stripe's form."""

    def open_toss(self) -> requests.Response:
        """The Toss tab's checkout page."""
        return self.owner().get(f"/checkout/{PRODUCT}", params={"currency": "KRW", "provider": "toss"})

    def open_stripe(self) -> requests.Response:
        """The Stripe tab's checkout page; its intent is the one that is paid from now on."""
        answer = self.owner().get(f"/checkout/{PRODUCT}", params={"currency": "KRW", "provider": "stripe"})
        if "data-client-secret" in answer.text:
            self.key = intent_on(answer.text)
        return answer

    def through_toss(self, page: requests.Response) -> str:
        """Go through Toss's window with what its tab shows; the way back."""
        sent = _TOSS_ID.search(page.text)
        assert sent, page.text
        (attempt,) = [p for p in self.payments() if p["sent_order_id"] == sent.group(1)]
        brought = self.shop.sandbox.authenticate(
            client_key=WIDGET_CLIENT if attempt["key_pair"] == "widget" else API_CLIENT,
            order_id=sent.group(1),
            order_name=NAME,
            amount=PRICE,
            success_url=f"{self.shop.origin}/payment/success",
        )
        return str(brought["redirect"])

    def come(self, address: str) -> requests.Response:
        return self.shop.browse(None).get(address)

    def is_paid_once(self) -> None:
        """Raise AssertionError unless exactly one charge is kept, and the order is completed by it."""
        self.shop.work()
        assert self.told() == "completed"
        self.is_sold_once()


@pytest.fixture
def tabs(deaf_shop: RunningShop, pages: list[dict[str, object]]) -> Tabs:
    """Opened with Stripe, not paid; the shop hears no news."""
    return Tabs(deaf_shop, pages, None, page=True, currency="KRW", price=PRICE)


def test_fm_10_the_tab_that_was_opened_last_is_the_one_that_can_be_paid_toss(tabs: Tabs) -> None:
    page = tabs.open_toss()

    assert not tabs.try_to_pay()
    assert tabs.come(tabs.through_toss(page)).headers["Location"] == f"/payments/{tabs.order_id}"

    assert [(p["provider"], p["status"]) for p in tabs.payments()] == [("stripe", "canceled"), ("toss", "completed")]
    tabs.is_paid_once()


def test_fm_10_the_tab_that_was_opened_last_is_the_one_that_can_be_paid_stripe(tabs: Tabs) -> None:
    back_from_toss = tabs.through_toss(tabs.open_toss())
    assert tabs.open_stripe().status_code == 200

    assert tabs.come(back_from_toss).status_code == 409
    assert tabs.shop.sandbox.calls("confirm") == []
    tabs.is_untouched()
    tabs.pay()
    tabs.back()

    assert [(p["provider"], p["status"]) for p in tabs.payments()] == [
        ("stripe", "canceled"),
        ("toss", "canceled"),
        ("stripe", "completed"),
    ]
    tabs.is_paid_once()


def test_fm_10_a_payment_that_nobody_saw_keeps_the_other_tab_from_opening(tabs: Tabs) -> None:
    tabs.pay()

    page = tabs.open_toss()

    assert (page.status_code, "data-order-id" in page.text) == (200, False)
    assert f"/payments/{tabs.order_id}" in page.text
    assert len(tabs.payments()) == 1
    tabs.is_paid_once()


def test_fm_10_no_other_form_opens_while_the_confirm_of_the_first_is_on_its_way(tabs: Tabs) -> None:
    address = tabs.through_toss(tabs.open_toss())
    tabs.shop.sandbox.fault(call="confirm", then="delay", delay_s=1)

    def look() -> requests.Response:
        wait_until(lambda: bool(tabs.shop.sandbox.calls("confirm")))
        return tabs.open_stripe()

    _, page = at_once(partial(tabs.come, address), look)

    assert "data-client-secret" not in page.text
    assert f"/payments/{tabs.order_id}" in page.text
    tabs.is_paid_once()


@pytest.mark.parametrize("lost", [False, True], ids=["answered", "answer_lost"])
def test_fm_10_paying_in_both_tabs_at_once_keeps_one_charge(
    deaf_shop: RunningShop, pages: list[dict[str, object]], lost: bool
) -> None:
    chance = random.Random(10)
    for _ in range(ROUNDS_HERE):
        order = Tabs(deaf_shop, pages, None, page=True, currency="KRW", price=PRICE)
        order.owner()
        if lost:
            deaf_shop.sandbox.fault(call="confirm", then="reset")

        def with_stripe(order: Tabs = order, late_s: float = chance.uniform(0, 0.1)) -> int:
            time.sleep(late_s)
            return order.back().status_code if order.try_to_pay() else 0

        def with_toss(order: Tabs = order) -> int:
            page = order.open_toss()
            return order.come(order.through_toss(page)).status_code if "data-order-id" in page.text else 0

        answers = at_once(with_stripe, with_toss)

        assert set(answers) <= {0, 303}
        deaf_shop.sandbox.clear_faults()
        for _ in range(3):
            deaf_shop.advance(70)
            deaf_shop.sweep()
            deaf_shop.work()
        order.is_paid_once()
        deaf_shop.advance(1801)  # bought just now no longer: the next round is another purchase


def in_euros(purchase: StripePurchase) -> requests.Response:
    return purchase.owner().get(f"/checkout/{PRODUCT}", params={"currency": "EUR", "provider": "stripe"})


def test_fm_58_choosing_another_currency_closes_the_first_order_and_its_intent(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    dollars = buy_abroad(deaf_shop, paid=False, page=True)

    page = in_euros(dollars)

    assert (dollars.order()["status"], dollars.payment()["status"]) == ("canceled", "canceled")
    assert not dollars.try_to_pay()
    euros = deaf_shop.order(order_on(deaf_shop, page.text))
    assert (euros["status"], euros["currency"], euros["amount_minor"]) == ("pending", "EUR", 950)
    deaf_shop.sandbox.stripe_pay(payment_intent=intent_on(page.text))
    come_to_rest(deaf_shop)
    assert deaf_shop.order(euros["public_id"])["status"] == "completed"
    assert [row["currency"] for row in deaf_shop.sandbox.ledger()["payments"] if row["captured"]] == ["EUR"]


def test_fm_58_paying_the_old_currency_while_another_is_chosen_buys_it_once(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    chance = random.Random(58)
    for _ in range(ROUNDS_HERE):
        dollars = buy_abroad(deaf_shop, paid=False, page=True)
        dollars.owner()

        def pay(dollars: StripePurchase = dollars, late_s: float = chance.uniform(0, 0.06)) -> bool:
            time.sleep(late_s)
            return dollars.try_to_pay()

        def choose(dollars: StripePurchase = dollars) -> bool:
            return "data-client-secret" in in_euros(dollars).text

        paid, has_form = at_once(pay, choose)

        assert paid is not has_form, "paid, and asked to pay once more; or neither"
        deaf_shop.work()
        if paid:
            assert dollars.told() == "completed"
            dollars.is_sold_once()
        else:
            assert (dollars.order()["status"], dollars.payment()["status"]) == ("canceled", "canceled")
        deaf_shop.advance(1801)
