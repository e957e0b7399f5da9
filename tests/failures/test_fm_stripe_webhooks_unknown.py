"""News of kinds, versions and members that nobody knew when this was written (FM-54): taken, and no reason to stop."""

import json

import pytest

from tests.failures.deliveries import PROVIDERS, genuine, raw, recorded, send, stored
from tests.failures.news import written
from tests.providers.stripe_events import VERSION
from tests.shop_server import RunningShop


@pytest.mark.parametrize(
    "kind", ["customer.updated", "invoice.paid", "charge.something_new", "v1.billing.meter.error_report_triggered"]
)
def test_fm_54_unknown_kinds_of_stripes_are_kept_and_ignored(shop: RunningShop, kind: str) -> None:
    body = raw(genuine("stripe", type=kind, data={"object": {"object": "something_new", "id": "x_1"}}))
    assert send(shop, "stripe", body).status_code == 200
    shop.work()
    assert [(row["kind"], row["outcome"]) for row in stored(shop)] == [(kind, "ignored")]
    assert shop.rows("SELECT id FROM alerts") == []
    assert shop.sandbox.ledger()["calls"] == []


@pytest.mark.parametrize("kind", ["BILLING_DELETED", "METHOD_UPDATED", "SOMETHING_NEW", "seller.changed.v2"])
def test_fm_54_unknown_kinds_of_tosss_are_kept_and_ignored(shop: RunningShop, kind: str) -> None:
    assert (
        send(shop, "toss", raw({"eventType": kind, "createdAt": "x", "data": {"billingKey": "b"}})).status_code == 200
    )
    shop.work()
    assert [(row["kind"], row["outcome"]) for row in stored(shop)] == [(kind, "ignored")]
    assert shop.rows("SELECT id FROM alerts") == []
    assert shop.sandbox.ledger()["calls"] == []


@pytest.mark.parametrize("version", ["2025-03-31.basil", "2027-09-29.fenugreek", None])
def test_fm_54_news_in_another_version_is_told_and_completes_the_order_all_the_same(
    shop: RunningShop, version: str | None
) -> None:
    shop.sandbox.set_webhook(None, provider="stripe")
    order_id = shop.create_abroad()["orderId"]
    shop.sandbox.stripe_pay(order_id=order_id)
    (event,) = (json.loads(row["body"]) for row in written(shop, order_id))
    assert event["api_version"] == VERSION
    answer = send(shop, "stripe", raw(event | {"api_version": version, "context": "new", "reason": {"type": "new"}}))
    assert answer.status_code == 200
    shop.work()
    assert shop.order(order_id)["status"] == "completed"
    assert [row["outcome"] for row in stored(shop)] == ["settled"]
    (alert,) = shop.rows("SELECT kind, detail FROM alerts")
    assert alert["kind"] == "odd_event"
    assert "version" in alert["detail"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_fm_54_members_that_nobody_knows_are_no_reason_to_refuse(shop: RunningShop, provider: str) -> None:
    order_id, event = recorded(shop, provider)
    wider = event | {"added_later": {"deep": [1, 2.5, None]}, "data": event["data"] | {"added_later": "x"}}
    if provider == "stripe":
        wider |= {"id": "evt_wider"}
        wider["data"]["object"] |= {"added_later": True, "amount_details": {"tip": {}}}
    assert send(shop, provider, raw(wider)).status_code == 200
    for _ in range(3):
        shop.work()
        shop.advance(5)
    assert {row["outcome"] for row in stored(shop)} <= {"settled", "nothing_new"}
    assert shop.order(order_id)["status"] == "completed"
    assert shop.rows("SELECT id FROM alerts") == []
