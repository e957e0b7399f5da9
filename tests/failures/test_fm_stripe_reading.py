"""Readings and events in the wrong order: what the provider says now decides, not what came first."""

import itertools
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.failures.conftest import BuyAbroad
from tests.failures.news import post_signed, work_off, written
from tests.failures.purchase import wait_until
from tests.failures.races import ROUNDS, at_once
from tests.failures.rest import deliver
from tests.failures.stripe_purchase import ASKS, DECLINED, StripePurchase
from tests.shop_server import DOLLARS, RunningShop

_UNPAID: dict[str, Any] = {"amount_received": 0, "latest_charge": None}

#: Word → what the look-up answers instead of the truth, which is "succeeded".
WORDS: dict[str, dict[str, Any]] = {
    "404": {"then": "status", "status": 404, "code": "resource_missing"},
    "requires_action": {"patch": {"status": "requires_action", **_UNPAID}},
    "processing": {"patch": {"status": "processing", **_UNPAID}},
    "succeeded": {},
}


def script(shop: RunningShop, *words: str) -> None:
    """What the next look-ups say, one word each."""
    for word in words:
        shop.sandbox.fault(provider="stripe", call="lookup", **WORDS[word])


def test_fm_03_whatever_the_first_look_ups_say_the_paid_order_is_completed(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    for sequence in itertools.permutations(WORDS):
        purchase = buy_abroad(deaf_shop)
        script(deaf_shop, *sequence)

        assert purchase.back().headers["Location"] == f"/payments/{purchase.order_id}"
        for _ in range(len(WORDS) + 2):
            if purchase.payment()["status"] != "completed":
                purchase.check_when_due()

        deaf_shop.work()
        deaf_shop.sandbox.clear_faults()
        reached = {move.split(">")[1] for move in purchase.moves()}
        assert reached <= {"pending", "confirming", "processing", "completed"}, sequence
        purchase.is_sold_once()


@pytest.mark.parametrize("word", WORDS)
def test_fm_03_a_look_up_in_the_middle_of_the_return_concludes_nothing_wrong(
    hasty_shop: RunningShop, buy_abroad: BuyAbroad, word: str
) -> None:
    purchase = buy_abroad(hasty_shop)
    hasty_shop.sandbox.fault(provider="stripe", call="lookup", then="delay", delay_s=0.8)
    script(hasty_shop, word)

    def sweep() -> int:
        wait_until(lambda: bool(hasty_shop.sandbox.calls("lookup")))
        hasty_shop.advance(11)
        return hasty_shop.sweep()

    _, taken = at_once(lambda: purchase.back().status_code, sweep)

    assert taken == 1
    wait_until(lambda: purchase.order()["status"] == "completed")
    hasty_shop.work()
    purchase.is_sold_once()


@pytest.mark.parametrize("paid", [True, False])
def test_fm_03_an_early_not_found_concludes_nothing(deaf_shop: RunningShop, buy_abroad: BuyAbroad, paid: bool) -> None:
    """Neither the intent nor the search by order id is there yet, at the return and at the first look-ups."""
    purchase = buy_abroad(deaf_shop, card=ASKS, challenge="pass" if paid else "abandon")
    deaf_shop.sandbox.stripe_account(search_lag_s=3600)
    script(deaf_shop, *["404"] * 4)

    purchase.back()
    for _ in range(3):
        purchase.check_when_due()
    assert purchase.payment()["status"] == "confirming"
    assert purchase.payment()["last_failure"] is None

    deaf_shop.sandbox.clear_faults()
    purchase.check_when_due()
    deaf_shop.work()
    if paid:
        purchase.is_sold_once()
    else:
        assert purchase.told() == "pending"
        purchase.is_untouched()


def story(purchase: StripePurchase) -> list[str]:
    """Declined, asked, paid, and two parts given back; the six events that tell of it, none delivered."""
    shop = purchase.shop
    purchase.pay(card=DECLINED)
    purchase.pay(card=ASKS)
    for amount in (300, 200):
        shop.sandbox.stripe_refund(payment_intent=purchase.key, amount=amount)
    told = [event for event in written(shop, purchase.key) if event["event_type"] != "refund.created"]
    assert [event["event_type"] for event in told] == [
        "payment_intent.payment_failed",
        "payment_intent.requires_action",
        "payment_intent.succeeded",
        "charge.refunded",
        "charge.refunded",
    ]
    late = [event for event in written(shop, purchase.key) if event["event_type"] == "refund.created"][-1:]
    return [str(event["body"]) for event in (*told, *late)]


def permutations_of_six() -> list[Sequence[int]]:
    """As many as there is time for: the first one, its reverse, and others by chance; all with RACE_ROUNDS=720."""
    every = list(itertools.permutations(range(6)))
    chosen = random.Random(38).sample(every, min(len(every), ROUNDS)) if len(every) > ROUNDS else every
    return [every[0], every[-1], *chosen]


@pytest.mark.parametrize("half", [0, 1])
def test_fm_38_six_events_delivered_late_end_in_the_providers_truth_in_every_order(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad, half: int
) -> None:
    for sequence in permutations_of_six()[half::2]:
        purchase = buy_abroad(deaf_shop, paid=False)
        bodies = story(purchase)
        deaf_shop.advance(120)

        for place in sequence:
            assert post_signed(deaf_shop, bodies[place]) == 200
            deaf_shop.work()

        work_off(deaf_shop)
        paid = purchase.payment()
        assert (paid["captured_minor"], paid["refunded_minor"]) == (DOLLARS, 500), sequence
        assert paid["status"] == purchase.order()["status"] == "partially_refunded", sequence
        assert purchase.mails() == [("receipt", "sent")]
        assert len(deaf_shop.rows("SELECT id FROM refunds WHERE payment_id = :p", p=paid["id"])) == 2


def test_fm_38_events_that_come_while_things_go_on_never_lead_back(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    """Each event of the past is told once more after every step."""
    purchase = buy_abroad(deaf_shop, paid=False)
    steps: list[Callable[[], object]] = [
        lambda: purchase.pay(card=DECLINED),
        lambda: purchase.pay(card=ASKS),
        lambda: deaf_shop.sandbox.stripe_refund(payment_intent=purchase.key, amount=300),
        lambda: deaf_shop.sandbox.stripe_refund(payment_intent=purchase.key),
    ]
    seen = []
    for step in steps:
        step()
        for event in reversed(written(deaf_shop, purchase.key)):
            post_signed(deaf_shop, event["body"])
            deaf_shop.work()
            deaf_shop.advance(4)
        work_off(deaf_shop)
        seen.append(purchase.payment()["status"])
    deliver(deaf_shop)
    assert seen == ["pending", "completed", "partially_refunded", "refunded"]
    assert purchase.moves() == [
        "(none)>pending",
        "pending>pending",
        "pending>completed",
        "completed>partially_refunded",
        "partially_refunded>refunded",
    ]
