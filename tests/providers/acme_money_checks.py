"""Money by way of `acme`: taken once, found again, sent back. Run in a copy of the as `acme_checks.py` is."""

import hashlib
import hmac
import html
import re
from typing import Any

import pytest
import requests

from tests.providers.acme_buyer import PRICE, checkout, deaf, is_sold_once, opened, press, states, taken, value
from tests.shop_server import PRODUCT, RunningShop


@pytest.fixture
def shop(sqlite_shop: RunningShop) -> RunningShop:
    return sqlite_shop


def post_event(shop: RunningShop, body: bytes, signature: str) -> requests.Response:
    url = f"{shop.origin}/payment/acme/webhook"
    return requests.post(url, data=body, headers={"Acme-Signature": signature}, timeout=10)


def test_a_purchase_through_the_page(shop: RunningShop) -> None:
    buyer = shop.browse()
    order_id, pay_url = opened(shop, buyer)
    assert taken(shop) == []

    answer = buyer.get(press(pay_url))

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/payments/{order_id}")
    is_sold_once(shop, order_id)
    assert "acme" in buyer.get(f"/payments/{order_id}").text
    assert order_id in buyer.get("/payments").text
    assert states(shop, order_id) == [("acme", "completed")]
    assert [call["applied"] for call in shop.sandbox.calls("capture")] == [1]


def test_coming_back_twice_charges_once(shop: RunningShop) -> None:
    buyer = shop.browse()
    order_id, pay_url = opened(shop, buyer)
    back = press(pay_url)

    answers = [buyer.get(back) for _ in range(2)]

    assert [answer.headers["Location"] for answer in answers] == [f"/payments/{order_id}"] * 2
    is_sold_once(shop, order_id)


def test_leaving_its_page_keeps_the_order(shop: RunningShop) -> None:
    buyer = shop.browse()
    order_id, pay_url = opened(shop, buyer)
    page = requests.get(pay_url, timeout=10).text
    (left,) = re.findall(r'<a href="([^"]+)">Back to the shop', page)

    said = buyer.get(html.unescape(left), headers={"Accept-Language": "en"}).text

    assert "You left the payment" in said
    assert order_id in said
    assert shop.order(order_id)["status"] == "pending"


def test_the_json_calls_sell_too(shop: RunningShop) -> None:
    answer = shop.post("/payment/acme/create", {"product": PRODUCT}, token=shop.token())
    assert answer.status_code == 200, answer.text
    created: dict[str, Any] = answer.json()
    assert (created["amount"], created["currency"]) == (PRICE, "EUR")
    query = dict(re.findall(r"(acme_\w+)=([^&]+)", press(created["payUrl"])))

    confirmed = shop.post("/payment/acme/confirm", {"payment": query["acme_payment"], "order": query["acme_order"]})

    assert confirmed.status_code == 200, confirmed.text
    said = confirmed.json()
    assert (said["payment"]["status"], said["payment"]["payment_method"]) == ("completed", "acme")
    assert said["acmePayment"]["state"] == "captured"
    is_sold_once(shop, created["orderId"])
    assert shop.post("/payment/acme/create", {"amount": 1}, token=shop.token()).status_code == 422


def test_a_currency_that_it_does_not_take_is_refused_by_name(shop: RunningShop) -> None:
    answer = shop.post("/payment/acme/create", {"product": PRODUCT, "currency": "USD"}, token=shop.token())

    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["currency"])


def test_a_declined_capture_leaves_an_order_that_can_be_paid(shop: RunningShop) -> None:
    buyer = shop.browse()
    order_id, pay_url = opened(shop, buyer)
    shop.sandbox.fault(provider="acme", call="capture", then="status", status=402, code="declined")

    buyer.get(press(pay_url))

    assert states(shop, order_id) == [("acme", "failed")]
    assert (shop.order(order_id)["status"], shop.order(order_id)["last_failure"]) == ("pending", "declined")
    buyer.get(press(opened(shop, buyer)[1]))
    is_sold_once(shop, order_id)


def test_a_webhook_before_the_return_sells_nothing_and_breaks_nothing(shop: RunningShop) -> None:
    buyer = shop.browse()
    order_id, pay_url = opened(shop, buyer)
    back = press(pay_url)
    shop.sandbox.wait_deliveries(1)
    shop.work()
    assert (shop.order(order_id)["status"], taken(shop)) == ("pending", [])

    buyer.get(back)

    shop.sandbox.wait_deliveries(2)
    assert {row["response_status"] for row in shop.sandbox.ledger()["deliveries"]} == {200}
    shop.advance(60)
    is_sold_once(shop, order_id)
    outcomes = shop.rows("SELECT provider, kind, outcome FROM webhook_events ORDER BY id")
    assert [row["kind"] for row in outcomes] == ["payment.authorised", "payment.captured"]
    assert {row["outcome"] for row in outcomes} <= {"nothing_new", "ignored"}


def test_an_unsigned_webhook_is_refused_and_a_repeated_one_is_stored_once(shop: RunningShop) -> None:
    body = b'{"id": "ace_12345678", "type": "payment.captured", "payment": "acp_12345678", "order": "ord_12345678"}'
    signature = hmac.new(b"hook_sandboxshop", body, hashlib.sha256).hexdigest()

    assert post_event(shop, body, "").status_code == 400
    assert post_event(shop, body + b" ", signature).status_code == 400
    assert shop.rows("SELECT * FROM webhook_events") == []
    assert [post_event(shop, body, signature).json() for _ in range(2)] == [{"success": True}] * 2
    assert len(shop.rows("SELECT * FROM webhook_events")) == 1


@pytest.mark.parametrize("word", ["refunded", "settled_tomorrow"])
def test_a_word_that_is_not_listed_or_contradicts_the_sums_concludes_nothing(shop: RunningShop, word: str) -> None:
    deaf(shop)
    buyer = shop.browse()
    order_id, pay_url = opened(shop, buyer)
    shop.sandbox.fault(provider="acme", call="capture", then="answer", patch={"state": word})

    buyer.get(press(pay_url))

    assert states(shop, order_id) == [("acme", "confirming")]
    assert [row["kind"] for row in shop.rows("SELECT kind FROM alerts")] == ["unknown_word"]


@pytest.mark.parametrize("applied", [True, False])
def test_an_answer_that_got_lost_is_found_by_the_sweeper(shop: RunningShop, applied: bool) -> None:
    deaf(shop)
    buyer = shop.browse()
    order_id, pay_url = opened(shop, buyer)
    shop.sandbox.fault(provider="acme", call="capture", then="reset", apply=applied)

    buyer.get(press(pay_url))

    assert (shop.order(order_id)["status"], len(taken(shop))) == ("confirming", int(applied))
    shop.settle_down(hours=0.5)
    is_sold_once(shop, order_id)
    assert len({call["idem_key"] for call in shop.sandbox.calls("capture")}) == 1


def test_a_second_charge_goes_back(shop: RunningShop) -> None:
    buyer = shop.browse()
    order_id, pay_url = opened(shop, buyer)
    buyer.get(press(pay_url))
    shop.sandbox.wait_deliveries(2)
    again = {"order_id": shop.payments(order_id)[0]["sent_order_id"], "amount": PRICE, "currency": "EUR"}
    assert requests.post(f"{shop.sandbox.origin}/sandbox/acme/charge", json=again, timeout=10).status_code == 200
    shop.sandbox.wait_deliveries(4)

    shop.settle_down(hours=1)

    assert sorted(taken(shop)) == [(PRICE, 0), (PRICE, PRICE)]
    assert states(shop, order_id) == [("acme", "completed"), ("acme", "refunded")]
    assert shop.order(order_id)["status"] == "completed"
    assert sorted((mail["template"], mail["state"]) for mail in shop.mails()) == [
        ("receipt", "sent"),
        ("sent_back", "sent"),
    ]
    assert [row["kind"] for row in shop.rows("SELECT kind FROM alerts")] == ["second_charge"]


def test_another_sum_in_the_address_is_not_captured(shop: RunningShop) -> None:
    buyer = shop.browse()
    order_id, pay_url = opened(shop, buyer)

    buyer.get(press(pay_url.replace(f"amount={PRICE}", "amount=1")))
    shop.settle_down(hours=0.5)

    assert taken(shop) == []
    assert shop.order(order_id)["status"] == "pending"
    buyer.get(press(pay_url))
    is_sold_once(shop, order_id)


def test_switching_to_stripe_and_back_charges_once(shop: RunningShop) -> None:
    buyer = shop.browse()
    order_id, abandoned = opened(shop, buyer)
    intent = value(checkout(buyer, "stripe"), "client-secret").partition("_secret_")[0]

    same_order, pay_url = opened(shop, buyer)
    refused = buyer.get(press(abandoned))
    buyer.get(press(pay_url))

    assert (same_order, refused.status_code) == (order_id, 409)
    assert f"/payments/{order_id}" in refused.text
    assert states(shop, order_id) == [("acme", "canceled"), ("stripe", "canceled"), ("acme", "completed")]
    is_sold_once(shop, order_id)
    assert taken(shop, "stripe") == []
    rows = shop.sandbox.ledger()["payments"]
    assert [row["status"] for row in rows if row["provider_ref"] == intent] == ["canceled"]
