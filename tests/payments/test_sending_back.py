"""Money that was not ordered goes back: once, whatever else happens to it meanwhile."""

from tests.shop_server import PRICE, RunningShop


def second_charge(shop: RunningShop) -> tuple[str, str]:
    """A paid order, and a second charge on it that nobody asked for: the order's id and the second key."""
    buyer = shop.browse()
    order_id, sent_id = buyer.checkout()
    buyer.back(shop.sandbox.authenticate(order_id=sent_id, amount=PRICE, order_name="x"))
    shop.sandbox.wait_deliveries(1)
    key = shop.sandbox.charge(order_id=sent_id, amount=PRICE)["paymentKey"]
    shop.sandbox.wait_deliveries(2)
    return order_id, key


def kept(shop: RunningShop) -> int:
    return sum(p["captured"] - p["refunded"] for p in shop.sandbox.ledger()["payments"])


def test_a_second_charge_goes_back_and_the_buyer_is_told(shop: RunningShop) -> None:
    order_id, _ = second_charge(shop)

    shop.settle_down(hours=1)

    assert [p["status"] for p in shop.payments(order_id)] == ["completed", "refunded"]
    assert shop.order(order_id)["status"] == "completed"
    assert kept(shop) == PRICE
    assert sorted((m["template"], m["state"]) for m in shop.mails()) == [("receipt", "sent"), ("sent_back", "sent")]
    assert [a["kind"] for a in shop.rows("SELECT kind FROM alerts")] == ["second_charge"]


def test_part_of_it_given_back_elsewhere_leaves_a_refund_of_the_rest(shop: RunningShop) -> None:
    order_id, key = second_charge(shop)
    shop.sandbox.fault(call="cancel", then="reset", apply=False)
    shop.work()
    shop.sandbox.dashboard_cancel(payment_key=key, amount=5000)

    shop.settle_down(hours=1)

    assert kept(shop) == PRICE
    assert shop.payments(order_id)[1]["status"] == "refunded"
    refunds = shop.rows("SELECT amount_minor, status, cause FROM refunds ORDER BY amount_minor")
    assert [(r["amount_minor"], r["status"]) for r in refunds] == [(5000, "succeeded"), (PRICE - 5000, "succeeded")]


def test_an_answer_that_does_not_say_refunded_keeps_the_job_going(shop: RunningShop) -> None:
    order_id, _ = second_charge(shop)
    shop.sandbox.fault(call="cancel", then="answer", apply=False, patch={"status": "IN_PROGRESS"})

    shop.settle_down(hours=1)

    assert kept(shop) == PRICE
    assert shop.payments(order_id)[1]["status"] == "refunded"
    keys = {c["idem_key"] for c in shop.sandbox.calls("cancel")}
    bodies = {c["body_hash"] for c in shop.sandbox.calls("cancel")}
    assert len(keys) == len(bodies) == 1, "one key, one body"
