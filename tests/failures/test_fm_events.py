"""News that comes first, at the same moment, many times, or about something that we do not know.

Races run 25 rounds on each database; RACE_ROUNDS raises that.
"""

import random
import time
from functools import partial

import pytest

from tests.failures.conftest import Buy
from tests.failures.news import Event, changed, post, written
from tests.failures.purchase import Purchase, wait_until
from tests.failures.races import ROUNDS, at_once
from tests.failures.rest import come_to_rest, deliver
from tests.sandbox_server import API_CLIENT
from tests.shop_server import NAME, PRICE, RunningShop


def charged_elsewhere(purchase: Purchase) -> str:
    """The order's money is taken before the buyer comes back; the payment's key."""
    sandbox = purchase.shop.sandbox
    taken = sandbox.charge(order_id=purchase.order_id, order_name=NAME, amount=PRICE, client_key=API_CLIENT)
    return str(taken["paymentKey"])


def work_off(shop: RunningShop, *, pause_s: float) -> None:
    """Work until no news waits: the shop does not ask about one payment, or for strangers, as often as it is told."""
    for _ in range(4):
        shop.work()
        shop.advance(pause_s)
    shop.work()


def test_fm_35_news_between_the_charge_and_its_answer_completes_the_order(hasty_shop: RunningShop, buy: Buy) -> None:
    purchase = buy(hasty_shop)
    hasty_shop.sandbox.set_webhook(f"{hasty_shop.origin}/payment/toss/webhook")
    hasty_shop.sandbox.fault(call="confirm", then="delay", delay_s=3)
    purchase.back()
    hasty_shop.sandbox.wait_deliveries(1)

    hasty_shop.work()

    assert purchase.told() == "completed"
    assert purchase.confirms()[0]["status"] is None, "the answer is there already"
    wait_until(lambda: purchase.confirms()[0]["status"] == 200)
    wait_until(lambda: len(purchase.proofs()) == 2)
    assert len(purchase.confirms()) == 1
    assert purchase.moves() == ["(none)>pending", "pending>confirming", "confirming>completed"]
    purchase.is_sold_once()


def test_fm_35_news_before_the_buyer_returns_completes_the_order_and_nothing_is_confirmed(
    shop: RunningShop, buy: Buy
) -> None:
    purchase = buy(shop)
    key = charged_elsewhere(purchase)
    deliver(shop)
    shop.work()
    assert purchase.told() == "completed"

    answer = purchase.back(key=key)

    assert answer.headers["Location"] == f"/payments/{purchase.order_id}"
    assert shop.sandbox.calls("confirm") == []
    assert purchase.moves() == ["(none)>pending", "pending>completed"]
    assert purchase.payment()["provider_ref"] == key
    purchase.is_sold_once()


def test_fm_36_news_and_return_at_the_same_moment_have_one_effect_each(shop: RunningShop, buy: Buy) -> None:
    shop.sandbox.set_webhook(None)
    chance = random.Random(36)
    for number in range(ROUNDS):
        purchase = buy(shop)
        key = charged_elsewhere(purchase)
        (event,) = written(shop, purchase.order_id)

        def news(event: Event = event) -> int:
            status = post(shop, event["body"], event_id=event["event_id"])
            shop.work()
            return status

        def back(purchase: Purchase = purchase, key: str = key, late_s: float = chance.uniform(0, 0.08)) -> int:
            time.sleep(late_s)  # the news takes longer than a claim: without it the return would win every time
            return purchase.back(key=key).status_code

        assert set(at_once(back, *[news] * (1 + number % 2))) == {200, 303}
        assert purchase.order()["status"] in ("completed", "confirming")
        shop.advance(10)
        shop.sweep()
        shop.work()
        assert sum(move.endswith(">completed") for move in purchase.moves()) == 1
        purchase.is_sold_once()


def test_fm_36_news_and_the_answer_to_the_confirm_race_for_one_settlement(shop: RunningShop, buy: Buy) -> None:
    chance = random.Random(36)
    for _ in range(ROUNDS):
        purchase = buy(shop)
        shop.sandbox.fault(call="confirm", then="delay", delay_s=chance.uniform(0.02, 0.12))

        def news(purchase: Purchase = purchase) -> None:
            wait_until(lambda: any(row["captured"] for row in purchase.charges()))
            post(shop, changed(purchase.key, purchase.order_id, "DONE", PRICE))
            shop.work()

        at_once(purchase.back, news)
        shop.work()

        assert purchase.moves() == ["(none)>pending", "pending>confirming", "confirming>completed"]
        assert len(purchase.confirms()) == 1
        purchase.is_sold_once()


def deposit_story(shop: RunningShop, buy: Buy, copies: int, chance: random.Random) -> dict[str, object]:
    """A virtual account, its deposit, a dashboard refund; each event `copies` times as it comes, all again at the end.

    Half of the copies are repeats of the delivery, half come under an id of their own; some in parallel.
    """
    purchase = buy(shop, method="VIRTUAL_ACCOUNT")
    told: list[Event] = []

    def tell() -> None:
        fresh = written(shop, purchase.order_id)[len(told) :]
        told.extend(fresh)
        _deliver(shop, fresh, copies, chance)

    purchase.back()
    tell()
    shop.sandbox.deposit(payment_key=purchase.key)
    tell()
    shop.sandbox.dashboard_cancel(payment_key=purchase.key, amount=3000)
    tell()
    assert {event["event_type"] for event in told} == {"PAYMENT_STATUS_CHANGED", "DEPOSIT_CALLBACK"}
    _deliver(shop, told, copies, chance)
    return purchase.books()


def _deliver(shop: RunningShop, events: list[Event], copies: int, chance: random.Random) -> None:
    posts = [
        partial(post, shop, event["body"], event_id=event["event_id"] if copy % 2 == 0 else None)
        for event in events
        for copy in range(copies)
    ]
    chance.shuffle(posts)
    half = posts[: len(posts) // 2] or posts
    answers = [single() for single in posts if single not in half] + at_once(*half[:16])
    answers += [single() for single in half[16:]]
    assert set(answers) <= {200}
    at_once(shop.work, shop.work)
    work_off(shop, pause_s=5)


def test_fm_37_the_same_news_up_to_twenty_times_ends_where_it_ends_once(shop: RunningShop, buy: Buy) -> None:
    shop.sandbox.set_webhook(None)
    chance = random.Random(37)
    once = deposit_story(shop, buy, 1, chance)
    assert once["order"] == ("partially_refunded", None)
    assert once["mails"] == [("deposit", "sent"), ("receipt", "sent")]

    for copies in (2, 3, 5, 8, 13, 20):
        assert deposit_story(shop, buy, copies, chance) == once
    assert shop.rows("SELECT event_id FROM webhook_events GROUP BY provider, event_id HAVING COUNT(*) > 1") == []


def test_fm_39_a_charge_without_an_order_is_entered_and_a_person_is_told(shop: RunningShop) -> None:
    taken = shop.sandbox.charge(order_id="someone-elses-order", amount=PRICE, client_key=API_CLIENT)
    come_to_rest(shop)

    (orphan,) = shop.rows("SELECT id, order_id, status, captured_minor, provider_ref FROM payments")
    assert (orphan["order_id"], orphan["status"], orphan["captured_minor"]) == (None, "mismatch", PRICE)
    assert orphan["provider_ref"] == taken["paymentKey"]
    alerts = shop.rows("SELECT kind, object_id FROM alerts")
    assert {"kind": "orphan", "object_id": orphan["id"]} in alerts
    assert shop.sandbox.calls("confirm", "cancel") == []
    assert [delivery["response_status"] for delivery in shop.sandbox.ledger()["deliveries"]] == [200]
    assert shop.rows("SELECT outcome FROM webhook_events") == [{"outcome": "orphan"}]

    post(shop, changed(taken["paymentKey"], "someone-elses-order", "DONE", PRICE))
    come_to_rest(shop)
    assert len(shop.rows("SELECT id FROM payments")) == 1


@pytest.mark.parametrize("status", ["DONE", "CANCELED", "WAITING_FOR_DEPOSIT"])
def test_fm_39_invented_ids_are_stored_answered_alike_and_ignored(shop: RunningShop, buy: Buy, status: str) -> None:
    purchase = buy(shop)
    before = purchase.books()
    bodies = [
        changed("tsbx_invented_key", "ord_invented_order", status, PRICE),
        changed("tsbx_invented_key", purchase.order_id, status, PRICE),
        {
            "createdAt": "2026-11-23T10:00:00.000000",
            "secret": "ps_x",
            "status": status,
            "orderId": "ord_invented_order",
        },
    ]

    assert [post(shop, body) for body in bodies] == [200, 200, 200]
    work_off(shop, pause_s=65)

    assert purchase.books() == before
    assert len(purchase.payments()) == 1
    assert shop.rows("SELECT id FROM payments WHERE order_id IS NULL") == []
    outcomes = [row["outcome"] for row in shop.rows("SELECT outcome FROM webhook_events ORDER BY id")]
    assert outcomes == ["ignored", "nothing_new", "ignored"]
    assert shop.rows("SELECT id FROM alerts") == []


def test_fm_39_news_of_an_attempt_that_is_made_a_moment_later_is_not_lost(shop: RunningShop, buy: Buy) -> None:
    """An attempt's id can be foreseen: `<order>-2`. Its news is stored before, and worked on after, the attempt."""
    purchase = buy(shop)
    purchase.owner().submit(f"/payments/{purchase.order_id}", f"/payments/{purchase.order_id}/tries")
    sent_id = f"{purchase.order_id}-2"
    taken = shop.sandbox.charge(order_id=sent_id, order_name=NAME, amount=PRICE)
    deliver(shop)
    assert len(shop.rows("SELECT id FROM webhook_events")) == 1

    assert purchase.owner().get(f"/checkout/saju-premium?order={purchase.order_id}").status_code == 200
    shop.work()

    assert [(p["sent_order_id"], p["status"]) for p in purchase.payments()] == [
        (purchase.order_id, "canceled"),
        (sent_id, "completed"),
    ]
    assert purchase.payments()[1]["provider_ref"] == taken["paymentKey"]
    assert purchase.told() == "completed"
