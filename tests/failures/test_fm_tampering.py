"""Success addresses that somebody typed, edited, or filled with another order's payment key.

Races run 25 rounds on each database; RACE_ROUNDS raises that.
"""

import json
import random
from collections.abc import Callable
from functools import partial

import pytest
import requests

from tests.failures.conftest import Buy
from tests.failures.purchase import Purchase, wait_until
from tests.failures.races import ROUNDS, at_once
from tests.failures.rest import come_to_rest
from tests.shop_server import PRICE, RunningShop

INVENTED = "tsbx20261123000000InventedInventedInve"


def security_events(shop: RunningShop) -> list[tuple[str, str]]:
    """(kind, what it is about), oldest first."""
    rows = shop.rows("SELECT kind, object_id FROM security_events ORDER BY id")
    return [(row["kind"], row["object_id"]) for row in rows]


def test_fm_09_an_order_that_does_not_exist_gets_a_neutral_page_and_no_call(shop: RunningShop) -> None:
    query = {"paymentKey": INVENTED, "orderId": "ord_does_not_exist_0000000", "amount": PRICE}

    for visitor in (shop.browse(None), shop.browse()):
        answer = visitor.get("/payment/success", params=query)
        assert answer.status_code == 404
        assert "data-status" not in answer.text
    assert shop.sandbox.calls() == []
    assert shop.rows("SELECT id FROM payments") == []


@pytest.mark.parametrize("state", ["completed", "canceled", "expired"])
def test_fm_09_an_order_that_cannot_be_paid_shows_its_state_and_sends_nothing(
    shop: RunningShop, buy: Buy, state: str
) -> None:
    purchase = buy(shop)
    if state == "canceled":
        page = f"/payments/{purchase.order_id}"
        purchase.owner().submit(page, f"{page}/cancel")
    else:
        shop.advance(601 if state == "expired" else 0)
        purchase.back()
    shop.work()
    assert purchase.payment()["status"] == state
    before, calls = purchase.books(), len(shop.sandbox.calls())

    for key in (INVENTED, purchase.key):
        for visitor in (None, purchase.owner()):
            answer = (visitor or shop.browse(None)).get(
                "/payment/success", params={"paymentKey": key, "orderId": purchase.order_id, "amount": PRICE}
            )
            assert answer.status_code in (303, 409)
            if visitor is None:
                assert "사주팔자" not in answer.text, "a stranger learns what was bought"

    assert len(shop.sandbox.calls()) == calls
    assert purchase.books() == before
    assert {kind for kind, _ in security_events(shop)} <= {"second_key"}


def test_fm_09_a_stranger_sees_neither_state_nor_order(shop: RunningShop, buy: Buy) -> None:
    purchase = buy(shop)
    purchase.back()
    page = f"/payments/{purchase.order_id}"

    assert "data-status" not in shop.browse(None).get(page).text
    assert shop.browse("other@example.com").get(page).status_code == 404


def test_fm_09_an_invented_key_is_refused_and_the_order_stays_payable(shop: RunningShop, buy: Buy) -> None:
    purchase = buy(shop)

    assert purchase.back(key=INVENTED).status_code == 303

    (call,) = purchase.confirms()
    assert call["status"] == 404
    assert purchase.moves() == ["(none)>pending", "pending>confirming", "confirming>pending"]
    assert purchase.payment()["provider_ref"] is None
    assert security_events(shop) == [("foreign_key", purchase.order_id)]
    purchase.is_untouched()

    purchase.back()
    shop.work()
    assert purchase.told() == "completed"
    assert [op["state"] for op in purchase.operations()] == ["settled", "settled"]
    assert purchase.order()["status"] == "completed"
    assert [row["captured"] for row in purchase.charges()] == [PRICE]


#: Off by one, ten times as much and as little, what the widget would take at least, nothing, another product's price.
CHANGED = (PRICE - 1, PRICE + 1, PRICE * 10, PRICE // 10, 100, 0, 29000)


def test_fm_55_an_amount_changed_in_the_widget_is_refused_recorded_and_told(shop: RunningShop, buy: Buy) -> None:
    for amount in CHANGED:
        purchase = buy(shop, amount=max(amount, 100))

        answer = purchase.back(amount=amount)

        assert answer.status_code == 409, amount
        assert "금액" in answer.text
        assert purchase.moves() == ["(none)>pending", "pending>pending"]
        about = {"id": purchase.payment()["id"]}
        (row,) = shop.rows("SELECT cause, note FROM audit_log WHERE object_id = :id AND from_state = to_state", **about)
        assert row["cause"] == "tampered"
        assert str(amount) in row["note"]
        assert security_events(shop)[-1] == ("amount_tampered", purchase.order_id)
        alerts = shop.rows("SELECT kind FROM alerts WHERE object_id = :id", **about)
        assert alerts == [{"kind": "amount_tampered"}]
        purchase.is_untouched()
    assert shop.sandbox.calls() == []


def test_fm_55_what_is_no_amount_is_malformed_and_changes_nothing(shop: RunningShop, buy: Buy) -> None:
    purchase = buy(shop)
    before = purchase.books()

    for amount in ("-13000", "-1", "1e4", "13000.0", "１３０００", "", "0x32C8", "9" * 16):
        query = {"paymentKey": purchase.key, "orderId": purchase.order_id, "amount": amount}
        assert shop.browse(None).get("/payment/success", params=query).status_code == 400, amount

    assert shop.sandbox.calls() == []
    assert purchase.books() == before


def test_fm_55_paying_less_and_repairing_the_address_gets_nothing(shop: RunningShop, buy: Buy) -> None:
    """The widget authorised 100 won, the address says 13,000: the provider's record has the last word."""
    purchase = buy(shop, amount=100)

    purchase.back(amount=PRICE)
    shop.work()

    assert [json.loads(call["body"])["amount"] for call in purchase.confirms()] == [PRICE]
    assert purchase.payment()["provider_ref"] is None
    assert ("foreign_key", purchase.order_id) in security_events(shop)
    purchase.is_untouched()
    come_to_rest(shop)
    purchase.is_untouched("expired")  # a day has passed, and nobody has paid it


def test_fm_56_what_is_sent_to_the_provider_comes_from_the_database(shop: RunningShop, buy: Buy) -> None:
    chance = random.Random(56)
    purchase, other = buy(shop), buy(shop)
    wrong = [PRICE - 1, PRICE + 1, 1, 100, 29000, "013000", "130000", 10**14]
    visitor = shop.browse(None)
    for _ in range(ROUNDS * 12):
        query = {
            "amount": chance.choice([*wrong, PRICE + chance.randrange(1, 10**6)]),
            "orderId": chance.choice([purchase.order_id, other.order_id]),
            "paymentKey": chance.choice([purchase.key, other.key, INVENTED]),
        }
        extra = {chance.choice(["price", "currency", "total", "Amount"]): chance.randrange(10**6)}
        if query["amount"] != "013000":
            assert visitor.get("/payment/success", params={**query, **extra}).status_code == 409
    assert shop.sandbox.calls("confirm") == []
    purchase.is_untouched()

    visitor.get(
        "/payment/success", params={"amount": "013000", "orderId": purchase.order_id, "paymentKey": purchase.key}
    )
    other.back()
    for call in shop.sandbox.calls("confirm"):
        assert json.loads(call["body"])["amount"] == PRICE
    shop.work()
    purchase.is_sold_once()
    other.is_sold_once()


def pair(shop: RunningShop, buy: Buy) -> tuple[Purchase, Purchase]:
    """Mine and a stranger's order of the same sum, both authenticated."""
    return buy(shop), buy(shop, email="other@example.com")


def both_sold(*purchases: Purchase) -> None:
    """Raise AssertionError unless each was paid by its own key, once."""
    for purchase in purchases:
        (charge,) = purchase.charges()
        assert (charge["captured"], charge["refunded"]) == (PRICE, 0)
        assert purchase.payment()["provider_ref"] == charge["provider_ref"] == purchase.key
        assert (purchase.order()["status"], purchase.mails()) == ("completed", [("receipt", "sent")])


def test_fm_60_a_foreign_key_presented_first_is_refused_and_both_orders_stay_payable(
    shop: RunningShop, buy: Buy
) -> None:
    mine, theirs = pair(shop, buy)

    mine.back(key=theirs.key)

    assert mine.payment()["provider_ref"] is None
    assert mine.moves()[-1] == "confirming>pending"
    assert ("foreign_key", mine.order_id) in security_events(shop)
    for purchase in (mine, theirs):
        purchase.is_untouched()
        purchase.back()
    shop.work()
    both_sold(mine, theirs)


def test_fm_60_a_foreign_key_presented_during_its_own_confirm_gets_nothing(hasty_shop: RunningShop, buy: Buy) -> None:
    mine, theirs = pair(hasty_shop, buy)
    hasty_shop.sandbox.fault(call="confirm", then="delay", delay_s=2, match=theirs.order_id)
    theirs.back()

    assert mine.back(key=theirs.key).status_code == 303

    assert mine.confirms() == []
    mine.is_untouched()
    wait_until(lambda: theirs.order()["status"] == "completed")
    hasty_shop.advance(10)
    hasty_shop.work()
    assert mine.payment()["provider_ref"] is None
    assert ("foreign_key", mine.order_id) in security_events(hasty_shop)
    mine.back()
    hasty_shop.work()
    both_sold(mine, theirs)


def test_fm_60_the_rightful_owner_is_served_after_a_thief_held_her_key(hasty_shop: RunningShop, buy: Buy) -> None:
    """The thief's return binds the key first, and the answer about it takes a while."""
    mine, theirs = pair(hasty_shop, buy)
    hasty_shop.sandbox.fault(call="confirm", apply=False, then="reset", delay_s=1, match=mine.order_id)
    mine.back(key=theirs.key)

    assert theirs.back().status_code == 303
    theirs.is_untouched()

    come_to_rest(hasty_shop)
    assert mine.payment()["provider_ref"] is None
    mine.is_untouched("expired")  # a day has passed, and nobody has paid it
    (charge,) = [row for row in theirs.charges() if row["provider_ref"] == theirs.key]
    assert (charge["captured"], theirs.order()["status"]) == (PRICE, "completed")


@pytest.mark.parametrize("to_page", [True, False], ids=["page", "api"])
def test_fm_60_a_key_that_has_paid_one_order_pays_no_other(shop: RunningShop, buy: Buy, to_page: bool) -> None:
    mine, theirs = pair(shop, buy)
    theirs.back()
    shop.work()

    if to_page:
        assert mine.back(key=theirs.key).status_code == 409
    else:
        body = {"paymentKey": theirs.key, "orderId": mine.order_id, "amount": PRICE}
        answer = shop.post("/payment/toss/confirm", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "PAYMENT_KEY_IN_USE")

    assert mine.confirms() == []
    assert security_events(shop) == [("foreign_key", mine.order_id)]
    mine.is_untouched()
    theirs.is_sold_once()
    mine.back()
    shop.work()
    both_sold(mine, theirs)


def test_fm_60_swapped_keys_in_parallel_pay_nobodys_order_but_their_own(shop: RunningShop, buy: Buy) -> None:
    for number in range(ROUNDS):
        mine, theirs = pair(shop, buy)
        returns: list[Callable[[], requests.Response]] = [
            partial(mine.back, key=theirs.key),
            partial(theirs.back, key=mine.key),
            *([mine.back, theirs.back] if number % 2 else []),
        ]

        assert all(answer.status_code in (303, 409) for answer in at_once(*returns))

        for row in shop.sandbox.ledger()["payments"]:
            if row["captured"]:
                (owner,) = shop.rows(
                    "SELECT sent_order_id FROM payments WHERE provider_ref = :k", k=row["provider_ref"]
                )
                assert owner["sent_order_id"] == row["order_ref"]
        for _ in range(3):
            shop.advance(8)
            shop.work()
            shop.sweep()
        for purchase in (mine, theirs):
            purchase.back()
        for _ in range(3):
            shop.advance(8)
            shop.sweep()
            shop.work()
        both_sold(mine, theirs)
