"""Anybody can post to the webhook's address: nothing in a body but the identifiers is believed."""

from typing import Any

import pytest

from tests.conftest import MakeShop
from tests.failures.conftest import Buy
from tests.failures.news import changed, post
from tests.failures.purchase import Purchase, wait_until
from tests.failures.rest import deliver
from tests.shop_server import PRICE, RunningShop

STATUSES = (
    "READY", "IN_PROGRESS", "WAITING_FOR_DEPOSIT", "DONE", "CANCELED", "PARTIAL_CANCELED", "ABORTED", "EXPIRED",
    "SOMETHING_NEW",
)  # fmt: skip
WRONG_SUMS = (1, 0, 10 * PRICE, PRICE - 1)
APPROVED = "2026-11-23T10:00:00+09:00"
SECRETS = (None, "", "ps_wrong")
DECLINED = "4500990000001007"
#: Waits between pieces of news; the shop does not ask about one payment more often than every few seconds.
PAUSE_S = 4

#: Our state → how the provider's buyer gets there, and what the provider holds then: (captured, refunded).
STATES: dict[str, tuple[dict[str, str], tuple[int, int]]] = {
    "pending": ({}, (0, 0)),
    "confirming": ({}, (0, 0)),
    "awaiting_deposit": ({"method": "VIRTUAL_ACCOUNT"}, (0, 0)),
    "completed": ({}, (PRICE, 0)),
    "partially_refunded": ({}, (PRICE, 4000)),
    "refunded": ({}, (PRICE, PRICE)),
    "mismatch": ({"method": "VIRTUAL_ACCOUNT"}, (PRICE - 1000, 0)),
    "failed": ({"card": DECLINED}, (0, 0)),
    "expired": ({}, (0, 0)),
    "canceled": ({}, (0, 0)),
}


def bring_to(purchase: Purchase, state: str) -> None:
    """Let the purchase reach our state, with the provider's genuine news; afterwards there is no more of it."""
    shop, sandbox = purchase.shop, purchase.shop.sandbox
    page = f"/payments/{purchase.order_id}"
    if state == "confirming":
        sandbox.set_webhook(None)
        sandbox.fault(call="confirm", apply=False, then="reset")
    if state == "expired":
        shop.advance(601)
    if state == "canceled":
        purchase.owner().submit(page, f"{page}/cancel")
    elif state != "pending":
        purchase.back()
    shop.advance(PAUSE_S)
    if state == "partially_refunded":
        sandbox.dashboard_cancel(payment_key=purchase.key, amount=4000)
    if state == "refunded":
        sandbox.dashboard_cancel(payment_key=purchase.key)
    if state == "mismatch":
        sandbox.deposit(payment_key=purchase.key, kind="wrong_sum")
    deliver(shop)
    for _ in range(3):
        shop.work()
        shop.advance(PAUSE_S)
    sandbox.set_webhook(None)
    assert purchase.payment()["status"] == state


def forged(purchase: Purchase, status: str, amount: int) -> dict[str, Any]:
    """A status event that is right in itself, down to the money that it says went back."""
    back = {"CANCELED": amount, "PARTIAL_CANCELED": amount // 2}.get(status, 0)
    cancels = [{"transactionKey": "txsb_forged", "cancelAmount": back, "cancelStatus": "DONE"}] if back else None
    return changed(
        purchase.key,
        purchase.order_id,
        status,
        amount,
        balanceAmount=amount - back,
        cancels=cancels,
        approvedAt=APPROVED,
    )


@pytest.mark.parametrize("state", STATES)
def test_fm_41_a_forged_event_about_a_real_payment_only_makes_us_look(
    make_shop: MakeShop, database_url: str, buy: Buy, state: str
) -> None:
    shop = make_shop(database_url, ON_MISMATCH="person")
    payment, holds = STATES[state]
    purchase = buy(shop, **payment)
    bring_to(purchase, state)
    before = purchase.books()

    for number, status in enumerate(STATUSES):
        for amount in (PRICE, WRONG_SUMS[number % len(WRONG_SUMS)]):
            body = forged(purchase, status, amount)
            body["data"]["secret"] = SECRETS[number % len(SECRETS)]
            assert post(shop, body) == 200
        notice = {"createdAt": APPROVED, "status": status, "orderId": purchase.order_id, "secret": "ps_wrong"}
        assert post(shop, notice) == 200
        shop.work()
        shop.advance(PAUSE_S)
        shop.work()
        assert purchase.books() == before, f"believed a forged {status}"

    (charge,) = purchase.charges()
    assert (charge["captured"], charge["refunded"]) == holds
    assert [call for call in shop.sandbox.calls("cancel") if call["applied"]] == []


@pytest.mark.parametrize("status", ["CANCELED", "ABORTED", "EXPIRED", "DONE"])
def test_fm_41_whatever_is_forged_while_the_answer_is_owed_the_truth_is_found(
    hasty_shop: RunningShop, buy: Buy, status: str
) -> None:
    purchase = buy(hasty_shop)
    hasty_shop.sandbox.fault(call="confirm", then="reset")
    purchase.back()
    wait_until(lambda: [op["state"] for op in purchase.operations()] == ["unanswered"])

    post(hasty_shop, forged(purchase, status, 1))
    for _ in range(3):
        hasty_shop.work()
        hasty_shop.advance(PAUSE_S)
    hasty_shop.work()

    assert purchase.told() == "completed"
    assert purchase.moves()[2:] == ["confirming>completed"]
    purchase.is_sold_once()
