"""Forged Toss webhooks by the dozen, and forged notices about deposits: nothing moves, and our quota is spared."""

from typing import Any

import pytest

from tests.failures.conftest import Buy
from tests.failures.news import changed, post, written
from tests.failures.purchase import Purchase, wait_until
from tests.shop_server import PRICE, RunningShop
from webapp.db.payments import Payment

#: A slice of what `make attack` sends.
FORGED = 150
CAP_PER_MINUTE = 30


def test_fm_40_invented_keys_move_nothing_and_cost_few_look_ups(deaf_shop: RunningShop, buy: Buy) -> None:
    purchase = buy(deaf_shop)
    purchase.back()
    deaf_shop.work()
    before, calls = purchase.books(), len(deaf_shop.sandbox.calls())

    for number in range(FORGED):
        key, order = f"tforged{number:04d}20261123140000", f"ord_forged{number:016d}"
        assert post(deaf_shop, changed(key, order, "DONE", PRICE)) == 200
    other = buy(deaf_shop)
    deaf_shop.sandbox.fault(call="confirm", then="reset")
    other.back()
    wait_until(lambda: [op["state"] for op in other.operations()] == ["unanswered"])
    assert post(deaf_shop, written(deaf_shop, other.order_id)[-1]["body"]) == 200
    deaf_shop.work()

    asked = [call for call in deaf_shop.sandbox.calls()[calls:] if call["call"] != "confirm"]
    assert 0 < len(asked) <= CAP_PER_MINUTE + 4, "look-ups for what nobody knows are rationed"
    assert purchase.books() == before
    assert other.told() == "completed", "genuine news is not kept waiting"
    assert deaf_shop.rows("SELECT count(*) AS n FROM orders") == [{"n": 2}]


def notice(purchase: Purchase, **secret: object) -> dict[str, Any]:
    return {
        "createdAt": "2026-11-23T10:00:00.000000",
        "status": "DONE",
        "orderId": purchase.brought["orderId"],
        "transactionKey": "9" * 32,
        **secret,
    }


def test_fm_42_a_deposit_is_believed_of_the_provider_alone(deaf_shop: RunningShop, buy: Buy) -> None:
    mine, theirs = buy(deaf_shop, method="VIRTUAL_ACCOUNT"), buy(deaf_shop, method="VIRTUAL_ACCOUNT")
    assert post(deaf_shop, notice(mine, secret="ps_too_early")) in (200, 400)
    for purchase in (mine, theirs):
        purchase.back()
    deaf_shop.work()
    secrets = {p.order_id: stored_secret(deaf_shop, p) for p in (mine, theirs)}
    assert len(set(secrets.values())) == 2
    assert all(secrets.values())
    before = mine.books()

    bad: list[dict[str, object]] = [{}, {"secret": None}, {"secret": ""}, {"secret": "ps_wrong"}]
    bad += [{"secret": secrets[theirs.order_id]}, {"secret": secrets[mine.order_id]}, {"secret": 7}]
    for secret in bad:
        assert post(deaf_shop, notice(mine, **secret)) in (200, 400)
        deaf_shop.work()
        deaf_shop.advance(4)
        deaf_shop.work()
        assert mine.books() == before, f"believed {secret}"

    outcomes = {row["outcome"] for row in deaf_shop.rows("SELECT outcome FROM webhook_events")}
    assert "forged" in outcomes
    assert "settled" not in outcomes
    # The right secret is a reason to look, and finds the deposit once it is there.
    deaf_shop.sandbox.deposit(order_id=mine.brought["orderId"])
    assert post(deaf_shop, notice(mine, secret=secrets[mine.order_id])) == 200
    deaf_shop.work()
    assert (mine.told(), theirs.told()) == ("completed", "awaiting_deposit")


def stored_secret(shop: RunningShop, purchase: Purchase) -> str:
    with shop.context.sessions.read() as session:
        return str(session.get_one(Payment, purchase.payment()["id"]).event_secret)


@pytest.mark.parametrize("status", ["DONE", "CANCELED"])
def test_fm_42_a_notice_about_a_card_payment_changes_nothing(deaf_shop: RunningShop, buy: Buy, status: str) -> None:
    purchase = buy(deaf_shop)

    assert post(deaf_shop, {**notice(purchase, secret="ps_guess"), "status": status}) in (200, 400)
    deaf_shop.work()

    assert purchase.payment()["status"] == "pending"
    purchase.is_untouched()
