"""The success page refreshed, opened twice at once, or reached by two tabs with a payment each.

Races run 25 rounds on each database; RACE_ROUNDS raises that.
"""

import json
from collections.abc import Callable
from functools import partial

import pytest
import requests

from tests.failures.conftest import Buy
from tests.failures.purchase import Purchase
from tests.failures.races import ROUNDS, at_once
from tests.failures.rest import come_to_rest, deliver
from tests.sandbox_server import API_CLIENT
from tests.shop_server import NAME, PRICE, RunningShop


def is_clean_redirect(answer: requests.Response, purchase: Purchase) -> bool:
    """303 to an address that says nothing but the order."""
    return (answer.status_code, answer.headers.get("Location")) == (303, f"/payments/{purchase.order_id}")


def second_tab(purchase: Purchase) -> Callable[[], requests.Response]:
    """The same order, taken through the provider's window once more; returns the second tab's way back."""
    brought = purchase.shop.authenticated(purchase.created)
    return partial(purchase.back, key=brought["paymentKey"])


def test_fm_22_a_success_page_refreshed_twenty_times_confirms_once(shop: RunningShop, buy: Buy) -> None:
    purchase = buy(shop)

    answers = [purchase.back() for _ in range(20)]
    shop.work()

    assert all(is_clean_redirect(answer, purchase) for answer in answers)
    assert all(purchase.key not in answer.text for answer in answers)
    assert len(purchase.confirms()) == 1
    assert purchase.told() == "completed"
    purchase.is_sold_once()


def test_fm_22_twenty_refreshes_at_once_confirm_once(shop: RunningShop, buy: Buy) -> None:
    purchase = buy(shop)
    shop.sandbox.fault(call="confirm", then="delay", delay_s=0.5)

    answers = at_once(*[purchase.back] * 20)
    shop.work()

    assert all(is_clean_redirect(answer, purchase) for answer in answers)
    assert len(purchase.confirms()) == 1
    purchase.is_sold_once()


def test_fm_22_a_refresh_while_the_first_request_runs_shows_checking(hasty_shop: RunningShop, buy: Buy) -> None:
    purchase = buy(hasty_shop)
    hasty_shop.sandbox.fault(call="confirm", then="delay", delay_s=2)

    for _ in range(3):
        assert is_clean_redirect(purchase.back(), purchase)
        assert purchase.told() == "confirming"

    come_to_rest(hasty_shop)
    assert is_clean_redirect(purchase.back(), purchase)
    assert purchase.told() == "completed"
    assert len(purchase.confirms()) == 1
    purchase.is_sold_once()


def test_fm_23_of_many_tabs_at_the_same_moment_one_confirms(shop: RunningShop, buy: Buy) -> None:
    shop.sandbox.fault(call="confirm", then="delay", delay_s=0.05, times=ROUNDS)
    purchases = []
    for number in range(ROUNDS):
        purchase = buy(shop)
        tabs = 2 + number % 15

        answers = at_once(*[purchase.back] * tabs)

        assert all(is_clean_redirect(answer, purchase) for answer in answers)
        assert len(purchase.confirms()) == 1
        purchases.append(purchase)
    shop.work()
    for purchase in purchases:
        assert purchase.moves() == ["(none)>pending", "pending>confirming", "confirming>completed"]
        purchase.is_sold_once()


def test_fm_23_the_confirm_call_of_the_api_and_the_page_race_for_one_claim(shop: RunningShop, buy: Buy) -> None:
    for _ in range(ROUNDS):
        purchase = buy(shop)
        body = {"paymentKey": purchase.key, "orderId": purchase.order_id, "amount": str(PRICE)}

        answers = at_once(purchase.back, partial(shop.post, "/payment/toss/confirm", body))

        assert answers[1].status_code in (200, 202), answers[1].text
        assert len(purchase.confirms()) == 1
        shop.work()
        purchase.is_sold_once()


def test_fm_10_of_two_tabs_with_a_payment_each_one_is_charged(shop: RunningShop, buy: Buy) -> None:
    for _ in range(ROUNDS):
        purchase = buy(shop)
        other = second_tab(purchase)

        answers = at_once(purchase.back, other)

        assert all(is_clean_redirect(answer, purchase) for answer in answers)
        assert sorted(row["status"] for row in purchase.charges()) == ["DONE", "IN_PROGRESS"]
        assert len(purchase.confirms()) == 1
        deliver(shop)
        shop.work()
        purchase.is_sold_once()


def test_fm_10_the_second_payment_is_not_confirmed_while_the_firsts_answer_is_lost(
    hasty_shop: RunningShop, buy: Buy
) -> None:
    for _ in range(max(3, ROUNDS // 5)):
        purchase = buy(hasty_shop)
        other = second_tab(purchase)
        hasty_shop.sandbox.fault(call="confirm", then="reset")

        at_once(purchase.back, other)
        other()

        assert len(purchase.confirms()) == 1
        assert purchase.told() == "confirming"
    come_to_rest(hasty_shop)
    purchase.is_sold_once()


def test_fm_10_a_key_that_is_not_known_yet_does_not_make_room_for_the_other_tab(
    hasty_shop: RunningShop, buy: Buy
) -> None:
    """The first key's look-up says "not found", and the order's own look-up shows the other tab's payment."""
    purchase = buy(hasty_shop)
    other = second_tab(purchase)
    hasty_shop.sandbox.fault(call="confirm", then="reset")
    hasty_shop.sandbox.fault(call="lookup", then="status", status=404, code="NOT_FOUND_PAYMENT")
    hasty_shop.sandbox.fault(call="lookup_order", patch={"paymentKey": "tsbx_of_the_other_tab"})
    hasty_shop.sandbox.fault(call="confirm", apply=False, then="reset")
    purchase.back()

    purchase.check_when_due()
    assert other().status_code == 303
    assert purchase.payment()["provider_ref"] == purchase.key
    assert purchase.told() == "confirming"

    come_to_rest(hasty_shop)
    assert {json.loads(call["body"])["paymentKey"] for call in purchase.confirms()} == {purchase.key}
    assert [row["captured"] for row in purchase.charges()] == [PRICE, 0]
    assert purchase.order()["status"] == "completed"


@pytest.mark.parametrize("first", ["completed", "confirming"])
def test_fm_10_a_second_charge_is_sent_back_in_full_and_the_buyer_is_told(
    shop: RunningShop, buy: Buy, first: str
) -> None:
    purchase = buy(shop)
    if first == "confirming":
        shop.sandbox.fault(call="confirm", then="reset")
    purchase.back()
    assert purchase.payment()["status"] == first

    stray = shop.sandbox.charge(order_id=purchase.order_id, order_name=NAME, amount=PRICE, client_key=API_CLIENT)
    come_to_rest(shop)

    assert [(row["captured"], row["refunded"]) for row in purchase.charges()] == [(PRICE, 0), (PRICE, PRICE)]
    kept, sent_back = purchase.payments()
    assert (kept["status"], kept["provider_ref"]) == ("completed", purchase.key)
    assert (sent_back["status"], sent_back["provider_ref"]) == ("refunded", stray["paymentKey"])
    assert purchase.moves()[-1] == "mismatch>refunded"
    assert purchase.told() == "completed"
    assert purchase.mails() == [("receipt", "sent"), ("sent_back", "sent")]
    assert shop.rows("SELECT kind, object_id FROM alerts") == [{"kind": "second_charge", "object_id": sent_back["id"]}]
    (cancel,) = shop.sandbox.calls("cancel")
    assert cancel["applied"] == 1
