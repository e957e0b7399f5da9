"""Steering, ledger, panel and record of calls of the played Stripe."""

from typing import Any

import pytest
import requests

from tests.sandbox.stripe_client import ORDER, look_up, new_intent, paid_intent, stripe_api
from tests.sandbox_server import RunningSandbox


def steer(sandbox: RunningSandbox, name: str, **how: Any) -> requests.Response:
    address = f"http://127.0.0.1:{sandbox.port}/sandbox/stripe/{name}"
    return requests.post(address, timeout=5, allow_redirects=False, **how)


def test_the_buyer_is_sent_back_with_stripe_s_three_parameters(sandbox: RunningSandbox) -> None:
    intent = new_intent(sandbox)
    played = sandbox.stripe_pay(order_id=ORDER)
    words: dict[str, Any] = {"paymentIntent": intent.id, "clientSecret": intent.client_secret, "status": "succeeded"}
    words |= {"orderId": ORDER, "amount": 1250, "currency": "usd"}
    added = f"payment_intent={intent.id}&payment_intent_client_secret={intent.client_secret}&redirect_status=succeeded"
    assert played == {**words, "redirect": f"/payment/success?order={ORDER}&{added}"}
    other = new_intent(sandbox).id
    away = sandbox.stripe_pay(payment_intent=other, return_url="https://shop.example/done?a=1#end")
    assert away["redirect"].startswith(f"https://shop.example/done?a=1&payment_intent={other}&")
    assert away["redirect"].endswith("&redirect_status=succeeded#end")


def test_an_order_means_its_newest_intent(sandbox: RunningSandbox) -> None:
    new_intent(sandbox)
    newest = new_intent(sandbox).id
    assert sandbox.stripe_pay(order_id=ORDER)["paymentIntent"] == newest


@pytest.mark.parametrize(
    "outcome, status, captured", [("succeeded", "succeeded", 1250), ("failed", "requires_payment_method", 0)]
)
def test_the_bank_has_the_last_word_on_a_debit(
    sandbox: RunningSandbox, outcome: str, status: str, captured: int
) -> None:
    key = new_intent(sandbox).id
    played = sandbox.stripe_pay(payment_intent=key, method="bank_debit")
    assert (played["status"], played["redirect"][-24:]) == ("processing", "&redirect_status=pending")
    assert look_up(sandbox, key, "latest_charge").latest_charge.status == "pending"
    assert sandbox.stripe_bank(payment_intent=key, outcome=outcome)["status"] == status
    row = sandbox.ledger()["payments"][0]
    assert (row["status"], row["captured"]) == (status, captured)
    if outcome == "failed":
        intent = look_up(sandbox, key, "latest_charge")
        assert intent.last_payment_error.code == "payment_intent_payment_attempt_failed"
        assert intent.latest_charge.status == "failed"
        assert sandbox.stripe_pay(payment_intent=key)["status"] == "succeeded"
    with pytest.raises(requests.HTTPError):
        sandbox.stripe_bank(payment_intent=key)


def test_money_that_nobody_asked_for_can_come(sandbox: RunningSandbox) -> None:
    stray = sandbox.stripe_charge(order_id="ord_x", amount=5000, currency="KRW")
    assert stray["status"] == "succeeded"
    assert sandbox.ledger()["payments"] == [
        {
            "provider": "stripe",
            "provider_ref": stray["id"],
            "order_ref": "ord_x",
            "status": "succeeded",
            "amount": 5000,
            "captured": 5000,
            "refunded": 0,
            "currency": "KRW",
            "method": "card",
            "key_pair": "",
        }
    ]
    assert sandbox.calls() == []


def test_the_dashboard_cancels_what_is_open(sandbox: RunningSandbox) -> None:
    key = new_intent(sandbox).id
    assert sandbox.stripe_cancel(payment_intent=key)["status"] == "canceled"
    with pytest.raises(requests.HTTPError, match="payment_intent_unexpected_state"):
        sandbox.stripe_pay(payment_intent=key)


def test_a_3d_secure_step_ends_from_outside(sandbox: RunningSandbox) -> None:
    key = new_intent(sandbox).id
    sandbox.stripe_pay(payment_intent=key, card="4000000000003220", challenge="abandon")
    assert sandbox.stripe_challenge(order_id=ORDER, outcome="fail")["status"] == "requires_payment_method"
    with pytest.raises(requests.HTTPError, match="payment_intent_unexpected_state"):
        sandbox.stripe_challenge(payment_intent=key)


@pytest.mark.parametrize(
    "name, data, status",
    [
        ("pay", {}, 404),
        ("pay", {"order_id": ORDER, "challenge": "maybe"}, 400),
        ("pay", {"order_id": ORDER, "method": "cash"}, 400),
        ("bank", {"order_id": ORDER, "outcome": "maybe"}, 400),
        ("refund", {"order_id": ORDER}, 409),
        ("dispute", {"order_id": "none"}, 404),
        ("charge", {"order_id": ORDER}, 400),
        ("account", {"colour": "red"}, 400),
    ],
)
def test_steering_that_makes_no_sense_is_refused(
    sandbox: RunningSandbox, name: str, data: dict[str, str], status: int
) -> None:
    new_intent(sandbox)
    assert steer(sandbox, name, json=data).status_code == status


def test_only_calls_with_the_secret_key_that_may_change_something_are_marked(sandbox: RunningSandbox) -> None:
    key = paid_intent(sandbox)
    api = stripe_api(sandbox).v1
    api.payment_intents.retrieve(key)
    api.refunds.create({"payment_intent": key}, {"idempotency_key": "r"})
    api.charges.list()
    api.payment_intents.search({"query": "amount:1"})
    calls = [(call["call"], call["changing"], call["applied"]) for call in sandbox.calls()]
    assert calls == [("create", 1, 1), ("lookup", 0, 0), ("refund", 1, 1), ("list", 0, 0), ("search", 0, 0)]
    assert [call["provider"] for call in sandbox.calls()] == ["stripe"] * 5
    assert sandbox.calls("refund")[0]["idem_key"] == "r"


def test_the_panel_shows_cards_and_payments_in_both_languages(sandbox: RunningSandbox) -> None:
    paid_intent(sandbox)
    new_intent(sandbox, amount=50000, currency="krw")
    address = f"http://127.0.0.1:{sandbox.port}/sandbox"
    korean, english = (requests.get(address, params={"lang": lang}, timeout=5).text for lang in ("ko", "en"))
    for page in (korean, english):
        assert "4242 4242 4242 4242" in page
        assert "3782 822463 10005" in page
        assert "12.50 USD" in page
        assert "50,000 KRW" in page
    assert "대시보드에서 환불" in korean
    assert "Refund in the Dashboard" in english


def test_the_panel_s_buttons_work(sandbox: RunningSandbox) -> None:
    key = paid_intent(sandbox)
    answer = steer(sandbox, "refund", data={"payment_intent": key})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sandbox")
    assert sandbox.ledger()["payments"][0]["refunded"] == 1250
    foreign = steer(sandbox, "refund", data={"payment_intent": key}, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403


def test_everything_is_forgotten_on_reset(sandbox: RunningSandbox) -> None:
    paid_intent(sandbox)
    sandbox.stripe_account(api_version="2020-08-27")
    sandbox.reset()
    assert sandbox.ledger()["payments"] == []
    assert sandbox.stripe_account()["api_version"] == "2026-10-28.endive"
