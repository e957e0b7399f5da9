"""An attempt is given up at the moment in which the buyer's bank approves it.

It is given up in three ways: the buyer cancels the order, she switches to another provider, or its lifetime is over.
Races run a few rounds on each database; RACE_ROUNDS raises that.
"""

import random
import time
from collections.abc import Callable

import pytest

from tests.failures.conftest import BuyAbroad
from tests.failures.purchase import wait_until
from tests.failures.races import ROUNDS, at_once
from tests.failures.rest import come_to_rest
from tests.failures.stripe_purchase import StripePurchase, order_on
from tests.shop_server import PRICE, RunningShop

LIFETIME_S = 86_400
ROUNDS_HERE = max(3, ROUNDS // 8)

GivesUp = Callable[[StripePurchase], int]


def lifetime_over(purchase: StripePurchase) -> int:
    purchase.shop.advance(LIFETIME_S + 1)
    purchase.shop.sweep()
    return 0


#: Way of giving up → what it does, and its answer's status.
WAYS: dict[str, GivesUp] = {
    "buyer": lambda purchase: purchase.cancel().status_code,
    "switch": lambda purchase: purchase.form(provider="toss").status_code,
    "lifetime": lifetime_over,
}
#: What each answers when the order turned out to be paid, and when it was closed unpaid.
PAID = {"buyer": 409, "switch": 303, "lifetime": 0}
CLOSED = {"buyer": 303, "switch": 200, "lifetime": 0}


@pytest.fixture
def open_order(deaf_shop: RunningShop, buy_abroad: BuyAbroad) -> Callable[[], StripePurchase]:
    """An order in won, open at Stripe and not paid; the shop hears no news."""

    def opened() -> StripePurchase:
        purchase = buy_abroad(deaf_shop, paid=False, currency="KRW", price=PRICE)
        purchase.owner()
        return purchase

    return opened


OpenOrder = Callable[[], StripePurchase]


def is_kept(purchase: StripePurchase) -> None:
    """Raise AssertionError unless the order is completed by its one charge."""
    purchase.shop.work()
    assert purchase.told() == "completed"
    purchase.is_sold_once()


def is_closed(purchase: StripePurchase, way: str) -> None:
    """Raise AssertionError unless nothing was taken and the closed intent takes nothing any more."""
    assert not purchase.try_to_pay()
    assert [row["status"] for row in purchase.intents()] == ["canceled"]
    assert purchase.payments()[0]["status"] == "canceled"
    assert purchase.order()["status"] == {"buyer": "canceled", "switch": "pending", "lifetime": "expired"}[way]
    assert purchase.mails() == []


@pytest.mark.parametrize("way", WAYS)
def test_fm_90_a_success_just_before_the_cancel_completes_the_order(open_order: OpenOrder, way: str) -> None:
    purchase = open_order()
    sandbox = purchase.shop.sandbox
    # The sweeper reads first: its reading is old by the time it arrives.
    sandbox.fault(call="lookup", provider="stripe", then="delay", delay_s=0.6 if way == "lifetime" else 0)

    def pay() -> int:
        if way == "lifetime":
            wait_until(lambda: bool(sandbox.calls("lookup")))
            time.sleep(0.2)
        purchase.pay()
        return -1

    if way == "lifetime":
        at_once(lambda: WAYS[way](purchase), pay)
    else:
        pay()
        assert WAYS[way](purchase) == PAID[way]

    assert [(call["call"], call["status"]) for call in purchase.calls("cancel")] == [("cancel", 400)]
    is_kept(purchase)


@pytest.mark.parametrize("way", WAYS)
def test_fm_90_a_success_while_the_cancel_is_under_way_completes_the_order(open_order: OpenOrder, way: str) -> None:
    purchase = open_order()
    sandbox = purchase.shop.sandbox
    sandbox.fault(call="cancel", provider="stripe", before_s=0.6)

    def pay() -> int:
        wait_until(lambda: bool(sandbox.calls("cancel")))
        return -1 if purchase.try_to_pay() else 0

    assert at_once(lambda: WAYS[way](purchase), pay) == [PAID[way], -1]
    is_kept(purchase)


@pytest.mark.parametrize("way", WAYS)
def test_fm_90_a_try_just_after_the_cancel_takes_nothing(open_order: OpenOrder, way: str) -> None:
    purchase = open_order()
    sandbox = purchase.shop.sandbox
    sandbox.fault(call="cancel", provider="stripe", then="delay", delay_s=0.6)

    def pay() -> int:
        wait_until(lambda: purchase.intents()[0]["status"] == "canceled")
        return -1 if purchase.try_to_pay() else 0

    assert at_once(lambda: WAYS[way](purchase), pay) == [CLOSED[way], 0]
    is_closed(purchase, way)


@pytest.mark.parametrize("lost", [False, True], ids=["answered", "answer_lost"])
@pytest.mark.parametrize("way", WAYS)
def test_fm_90_whoever_comes_first_one_charge_is_kept_or_none_taken(
    open_order: OpenOrder, way: str, lost: bool
) -> None:
    chance = random.Random(f"90 {way} {lost}")
    for _ in range(ROUNDS_HERE):
        purchase = open_order()
        if lost:
            purchase.shop.sandbox.fault(call="cancel", provider="stripe", then="reset")

        def pay(purchase: StripePurchase = purchase, late_s: float = chance.uniform(0, 0.06)) -> int:
            time.sleep(late_s)
            return -1 if purchase.try_to_pay() else 0

        def give_up(purchase: StripePurchase = purchase) -> int:
            return WAYS[way](purchase)

        answer, taken = at_once(give_up, pay)

        purchase.shop.sandbox.clear_faults()
        assert answer in {PAID[way], CLOSED[way], *([503] if lost else [])}
        for step_s in (700, 3601):
            purchase.shop.advance(step_s)
            purchase.shop.sweep()
            purchase.shop.work()
        if taken:
            is_kept(purchase)
            continue
        assert [row["captured"] for row in purchase.charges() if row["captured"]] == []
        assert not purchase.try_to_pay()
        assert purchase.order()["status"] in ("pending", "canceled", "expired")


@pytest.mark.parametrize("arrived", [True, False])
def test_fm_90_a_cancel_without_an_answer_asks_the_buyer_to_wait_and_goes_on_by_itself(
    open_order: OpenOrder, arrived: bool
) -> None:
    purchase = open_order()
    purchase.shop.sandbox.fault(call="cancel", provider="stripe", apply=arrived, then="reset")

    assert purchase.cancel().status_code == 503
    assert purchase.order()["status"] == purchase.payment()["status"] == "pending"

    purchase.check_when_due()
    assert purchase.payment()["status"] == "canceled"
    assert purchase.cancel().status_code == 303
    assert purchase.order()["status"] == "canceled"
    calls = purchase.calls("cancel")
    assert len(calls) == (1 if arrived else 2)
    assert {call["idem_key"] for call in calls} == {purchase.operations()[-1]["idempotency_key"]}


def test_fm_90_after_a_cancel_that_never_arrived_the_buyer_may_still_have_paid(open_order: OpenOrder) -> None:
    purchase = open_order()
    purchase.shop.sandbox.fault(call="cancel", provider="stripe", apply=False, then="reset")
    assert purchase.form(provider="toss").status_code == 503

    purchase.pay()
    assert purchase.form(provider="toss").headers["Location"] == f"/payments/{purchase.order_id}"
    is_kept(purchase)


def test_fm_90_money_for_an_attempt_that_another_order_replaced_goes_back(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    """The debit failed while its buyer had begun another order; she pays the old form before it is closed at Stripe."""
    old = buy_abroad(deaf_shop, page=True, method="bank_debit")
    old.back()
    assert old.told() == "processing"
    new_id = order_on(deaf_shop, old.checkout_page(old.owner(), again="1"))
    deaf_shop.sandbox.stripe_bank(payment_intent=old.key, outcome="failed")
    old.check_when_due()
    assert (old.order()["status"], old.payment()["status"]) == ("canceled", "canceled")

    assert old.try_to_pay()
    come_to_rest(deaf_shop)

    assert [(row["captured"], row["refunded"]) for row in old.charges()] == [(1000, 1000)]
    assert old.payment()["status"] == "refunded"
    assert old.alerts() == ["second_charge"]
    assert old.mails() == [("not_arrived", "sent"), ("sent_back", "sent")]
    assert new_id != old.order_id
    assert deaf_shop.order(new_id)["status"] == "expired", "nobody has paid that one for a day"
