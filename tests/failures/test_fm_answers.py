"""What the provider says to a confirm besides "paid": already processed, too late, or a status of another kind."""

from typing import Any

import pytest

from tests.failures.conftest import Buy
from tests.failures.rest import come_to_rest
from tests.shop_server import PRICE, RunningShop

DECLINED = "4500990000001007"


@pytest.mark.parametrize(
    "truth, ends, moves",
    [
        ("DONE", "completed", ["confirming>completed"]),
        ("ABORTED", "pending", ["confirming>failed"]),
        ("CANCELED", "refunded", ["confirming>completed", "completed>refunded"]),
    ],
)
def test_fm_04_already_processed_is_looked_up_and_what_the_provider_says_is_applied(
    hasty_shop: RunningShop, buy: Buy, truth: str, ends: str, moves: list[str]
) -> None:
    purchase = buy(hasty_shop, **({"card": DECLINED} if truth == "ABORTED" else {}))
    sandbox = hasty_shop.sandbox
    sandbox.fault(call="confirm", apply=True, then="status", status=400, code="ALREADY_PROCESSED_PAYMENT")
    if truth == "CANCELED":
        # It is cancelled in the provider's console before the first look-up gets an answer.
        sandbox.fault(call="lookup", then="reset")
    purchase.back()
    if truth == "CANCELED":
        assert purchase.told() == "confirming"
        sandbox.dashboard_cancel(payment_key=purchase.key)
        hasty_shop.advance(10)
        hasty_shop.sweep()

    assert purchase.charges()[0]["status"] == truth
    assert purchase.told() == ends
    assert purchase.moves()[2:] == moves
    assert len(purchase.confirms()) == 1
    if truth == "ABORTED":
        assert purchase.order()["last_failure"] == "declined"
        purchase.is_untouched()
    if truth == "DONE":
        hasty_shop.work()
        purchase.is_sold_once()


def test_fm_04_an_earlier_request_still_running_is_asked_again_with_the_same_key(
    hasty_shop: RunningShop, buy: Buy
) -> None:
    purchase = buy(hasty_shop)
    busy = {"then": "status", "status": 409, "code": "IDEMPOTENT_REQUEST_PROCESSING"}
    hasty_shop.sandbox.fault(call="confirm", times=3, apply=False, **busy)

    purchase.back()
    waits = []
    while purchase.told() == "confirming":
        waits.append(purchase.check_when_due())
    hasty_shop.work()

    assert sum(waits) < 600, "the provider's window closed meanwhile"
    assert [call["status"] for call in purchase.confirms()] == [409, 409, 409, 200]
    assert len({call["idem_key"] for call in purchase.confirms()}) == 1
    purchase.is_sold_once()


@pytest.mark.parametrize("seconds", [599, 600, 601])
def test_fm_06_the_provider_decides_when_its_window_is_over(shop: RunningShop, buy: Buy, seconds: float) -> None:
    purchase = buy(shop)
    shop.advance(seconds)

    assert purchase.back().status_code == 303
    shop.work()

    if purchase.charges()[0]["captured"]:
        assert seconds < 601
        purchase.is_sold_once()
        return
    assert seconds > 599
    assert purchase.moves()[2:] == ["confirming>expired"]
    assert [call["call"] for call in shop.sandbox.calls()][:2] == ["confirm", "lookup"]
    assert purchase.order()["last_failure"] == "expired"
    assert "결제된 금액은 없어요" in purchase.page()
    purchase.is_untouched()


def test_fm_06_an_expired_order_is_paid_by_a_new_attempt_with_an_id_of_its_own(shop: RunningShop, buy: Buy) -> None:
    late = buy(shop)
    shop.advance(601)
    late.back()
    assert late.told() == "pending"

    answer = late.owner().get(f"/checkout/saju-premium?order={late.order_id}")
    assert answer.status_code == 200
    first, second = late.payments()
    assert (first["status"], second["status"]) == ("expired", "pending")
    assert second["sent_order_id"] == f"{late.order_id}-2"
    client_key = "test_gck_sandbox_widget" if second["key_pair"] == "widget" else "test_ck_sandbox_api"
    brought = shop.sandbox.authenticate(
        client_key=client_key,
        order_id=second["sent_order_id"],
        amount=PRICE,
        success_url=f"{shop.origin}/payment/success",
    )
    late.owner().back(brought)

    assert late.told() == "completed"
    assert [row["captured"] for row in late.charges()] == [0, PRICE]


@pytest.mark.parametrize("seconds", [599, 600, 601])
def test_fm_06_a_confirm_that_worked_before_the_window_closed_is_found(
    shop: RunningShop, buy: Buy, seconds: float
) -> None:
    purchase = buy(shop)
    sandbox = shop.sandbox
    sandbox.fault(call="confirm", then="reset")
    # The first reading is old, so the confirm goes out again, and is told that the session is gone.
    sandbox.fault(call="lookup", patch={"status": "IN_PROGRESS", "approvedAt": None})
    sandbox.fault(call="confirm", apply=False, then="status", status=404, code="NOT_FOUND_PAYMENT_SESSION")
    purchase.back()
    shop.advance(5)
    sandbox.advance(seconds - 5)
    shop.sweep()
    shop.work()

    assert [call["call"] for call in sandbox.calls()] == ["confirm", "lookup", "confirm", "lookup"]
    purchase.is_sold_once()


#: A 200 that isn't "paid", while the provider has taken nothing; what our attempt and order become.
NOT_PAID: dict[str, tuple[dict[str, Any], str, str]] = {
    "IN_PROGRESS": ({"status": "IN_PROGRESS", "approvedAt": None}, "confirming", "confirming"),
    "READY": ({"status": "READY", "approvedAt": None}, "confirming", "confirming"),
    "ABORTED": ({"status": "ABORTED", "approvedAt": None}, "failed", "pending"),
    "EXPIRED": ({"status": "EXPIRED", "approvedAt": None}, "expired", "pending"),
    "CANCELED": ({"status": "CANCELED", "approvedAt": None}, "canceled", "pending"),
}


@pytest.mark.parametrize("word", NOT_PAID)
def test_fm_07_only_paid_completes_an_order(hasty_shop: RunningShop, buy: Buy, word: str) -> None:
    patch, attempt, order = NOT_PAID[word]
    purchase = buy(hasty_shop)
    hasty_shop.sandbox.fault(call="confirm", apply=False, patch=patch)

    purchase.back()
    hasty_shop.work()

    assert purchase.payment()["status"] == attempt
    assert purchase.told() == purchase.order()["status"] == order
    assert purchase.payment()["captured_minor"] == 0
    assert purchase.mails() == []
    if attempt == "confirming":
        come_to_rest(hasty_shop)
        purchase.is_sold_once()


def test_fm_07_a_virtual_account_waits_for_its_deposit(hasty_shop: RunningShop, buy: Buy) -> None:
    purchase = buy(hasty_shop, method="VIRTUAL_ACCOUNT")

    purchase.back()
    hasty_shop.work()

    assert purchase.payment()["status"] == purchase.order()["status"] == "awaiting_deposit"
    assert purchase.told() == "awaiting_deposit"
    assert purchase.mails() == [("deposit", "sent")]
    assert purchase.payment()["next_check_at"] is not None
    hasty_shop.sandbox.deposit(payment_key=purchase.key)
    come_to_rest(hasty_shop)
    assert purchase.order()["status"] == "completed"
    assert purchase.mails() == [("deposit", "sent"), ("receipt", "sent")]


def unreadable(purchase_key: str, order_id: str, word: str) -> dict[str, Any]:
    """A confirm answer whose status is a new word, null, or missing."""
    if word == "null":
        amounts = {"totalAmount": PRICE, "balanceAmount": PRICE, "currency": "KRW"}
        return {"body": {"paymentKey": purchase_key, "orderId": order_id, "status": None, **amounts}}
    return {"patch": {"status": word if word != "missing" else None}}


@pytest.mark.parametrize("word", ["SOMETHING_NEW", "null", "missing"])
@pytest.mark.parametrize("charged", [True, False], ids=["charged", "not_charged"])
def test_fm_07_a_status_that_nobody_listed_is_unknown_and_a_person_is_told(
    hasty_shop: RunningShop, buy: Buy, word: str, charged: bool
) -> None:
    purchase = buy(hasty_shop)
    answer = unreadable(purchase.key, purchase.brought["orderId"], word)
    hasty_shop.sandbox.fault(call="confirm", apply=charged, **answer)

    purchase.back()

    assert purchase.told() == purchase.payment()["status"] == "confirming"
    (alert,) = hasty_shop.rows("SELECT kind, object_id FROM alerts")
    assert alert == {"kind": "unknown_word", "object_id": purchase.payment()["id"]}
    assert purchase.charges()[0]["captured"] == (PRICE if charged else 0)
    come_to_rest(hasty_shop)
    purchase.is_sold_once()
