"""PaymentIntents, as the official package makes, reads, changes and ends them."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from tests.sandbox.stripe_client import ORDER, look_up, new_intent, paid_intent, raw, refused, stripe_api
from tests.sandbox_server import STRIPE_PUBLISHABLE, RunningSandbox


def test_a_new_intent_waits_for_a_payment_method(sandbox: RunningSandbox) -> None:
    intent = new_intent(sandbox, expand=["latest_charge"])
    assert (intent.status, intent.amount, intent.currency) == ("requires_payment_method", 1250, "usd")
    assert (intent.livemode, intent.amount_received, intent.latest_charge) == (False, 0, None)
    assert intent.client_secret is not None
    assert intent.client_secret.startswith(f"{intent.id}_secret_")
    assert intent.metadata["order_id"] == ORDER
    assert intent.automatic_payment_methods is not None
    assert intent.automatic_payment_methods.enabled


def test_a_paid_intent_shows_its_charge_with_receipt_and_card(sandbox: RunningSandbox) -> None:
    key = paid_intent(sandbox)
    intent = look_up(sandbox, key, "latest_charge.refunds", "payment_method")
    charge = intent.latest_charge
    assert (intent.status, intent.amount_received, charge.status, charge.paid) == ("succeeded", 1250, "succeeded", True)
    card = charge.payment_method_details.card
    assert (card.brand, card.last4, charge.refunds.data, charge.disputed) == ("visa", "4242", [], False)
    assert intent.payment_method.card.last4 == "4242"
    receipt = raw(sandbox, "GET", "/../.." + charge.receipt_url.partition(str(sandbox.port))[2])
    assert receipt.status_code == 200
    assert "12.50 USD" in receipt.text


def test_a_declined_intent_can_be_paid_with_another_card(sandbox: RunningSandbox) -> None:
    key = new_intent(sandbox).id
    declined = sandbox.stripe_pay(payment_intent=key, card="4000000000000002")
    assert (declined["status"], "redirect_status=failed" in declined["redirect"]) == ("requires_payment_method", True)
    error = look_up(sandbox, key).last_payment_error
    assert (error.code, error.decline_code, error.payment_method.card.last4) == (
        "card_declined",
        "generic_decline",
        "0002",
    )
    assert sandbox.stripe_pay(payment_intent=key)["status"] == "succeeded"
    intent = look_up(sandbox, key)
    assert (intent.status, intent.last_payment_error) == ("succeeded", None)
    charges = stripe_api(sandbox).v1.charges.list({"payment_intent": key}).data
    assert [charge.status for charge in charges] == ["succeeded", "failed"]


def test_an_intent_is_changed_until_it_is_paid(sandbox: RunningSandbox) -> None:
    key = new_intent(sandbox).id
    sandbox.stripe_pay(payment_intent=key, card="4000000000000002")
    intents = stripe_api(sandbox).v1.payment_intents
    changed = intents.update(key, {"amount": 2000, "metadata": {"order_id": "", "note": "x"}})
    assert (changed.amount, changed.metadata.to_dict(), changed.last_payment_error) == (2000, {"note": "x"}, None)
    sandbox.stripe_pay(payment_intent=key)
    error = refused(stripe.InvalidRequestError, lambda: intents.update(key, {"amount": 3000}))
    assert error.error.code == "payment_intent_unexpected_state"
    assert intents.update(key, {"description": "paid"}).description == "paid"


def test_cancel_ends_an_open_intent_and_no_other(sandbox: RunningSandbox) -> None:
    intents = stripe_api(sandbox).v1.payment_intents
    key = new_intent(sandbox).id
    ended = intents.cancel(key, {"cancellation_reason": "abandoned"})
    assert (ended.status, ended.cancellation_reason) == ("canceled", "abandoned")
    flight = new_intent(sandbox).id
    sandbox.stripe_pay(payment_intent=flight, method="bank_debit")
    for closed, status in ((key, "canceled"), (paid_intent(sandbox), "succeeded"), (flight, "processing")):
        error = refused(stripe.InvalidRequestError, lambda closed=closed: intents.cancel(closed))
        assert (error.http_status, error.error.code) == (400, "payment_intent_unexpected_state")
        assert (error.error.payment_intent.id, error.error.payment_intent.status) == (closed, status)


def test_a_server_confirms_with_a_token_and_an_address_to_come_back_to(sandbox: RunningSandbox) -> None:
    intents = stripe_api(sandbox).v1.payment_intents
    key = new_intent(sandbox).id
    error = refused(stripe.InvalidRequestError, lambda: intents.confirm(key, {"payment_method": "pm_card_visa"}))
    assert error.error.param == "return_url"
    address = "https://shop.example/done?x=1"
    intent: Any = intents.confirm(key, {"payment_method": "pm_card_threeDSecure2Required", "return_url": address})
    assert (intent.status, intent.next_action.type) == ("requires_action", "redirect_to_url")
    redirect = intent.next_action.redirect_to_url
    assert redirect.return_url == address
    assert redirect.url == f"{sandbox.origin}/stripe/3ds/{key}?client_secret={intent.client_secret}&redirect=1"
    assert sandbox.stripe_challenge(payment_intent=key)["status"] == "succeeded"


def test_two_confirms_at_once_take_the_money_once(sandbox: RunningSandbox) -> None:
    key = new_intent(sandbox).id
    form = {"payment_method": "pm_card_visa", "return_url": "https://shop.example/"}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: raw(sandbox, "POST", f"/payment_intents/{key}/confirm", data=form), range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]
    assert len(stripe_api(sandbox).v1.charges.list({"payment_intent": key}).data) == 1


def test_an_intent_made_and_confirmed_in_one_call_outlives_its_decline(sandbox: RunningSandbox) -> None:
    again: dict[str, Any] = {
        "confirm": True,
        "payment_method": "pm_card_chargeDeclined",
        "return_url": "https://shop.example/",
    }
    error = refused(stripe.CardError, lambda: new_intent(sandbox, **again))
    assert (error.http_status, error.code, error.error.decline_code) == (402, "card_declined", "generic_decline")
    assert look_up(sandbox, error.error.payment_intent.id).status == "requires_payment_method"
    assert stripe_api(sandbox).v1.charges.retrieve(error.error.charge).status == "failed"


@pytest.mark.parametrize(
    "currency, amount, code",
    [
        ("usd", 50, None), ("usd", 49, "amount_too_small"), ("jpy", 49, "amount_too_small"), ("krw", 50, None),
        ("usd", 99_999_999, None), ("usd", 100_000_000, "amount_too_large"), ("usd", 0, "parameter_invalid_integer"),
        ("kwd", 1000, None), ("jod", 1001, ""), ("isk", 100, None), ("isk", 101, ""), ("xxx", 100, ""),
        ("inr", 999_999_999, None),
    ],
)  # fmt: skip
def test_only_sums_that_can_be_charged_are_taken(
    sandbox: RunningSandbox, currency: str, amount: int, code: str | None
) -> None:
    if code is None:
        assert new_intent(sandbox, amount=amount, currency=currency.upper()).currency == currency
        return
    error = refused(stripe.InvalidRequestError, lambda: new_intent(sandbox, amount=amount, currency=currency))
    assert (error.http_status, error.error.code or "") == (400, code)
    assert sandbox.ledger()["payments"] == []


@pytest.mark.parametrize(
    "version, status",
    [("2026-10-28.endive", 400), ("2026-09-30.endive", 400), ("2026-08-26.dahlia", 200), ("2020-08-27", 200)],
)
def test_payment_method_types_are_refused_since_endive(sandbox: RunningSandbox, version: str, status: int) -> None:
    form = {"amount": "1250", "currency": "usd", "payment_method_types[]": "card"}
    answer = raw(sandbox, "POST", "/payment_intents", data=form, headers={"Stripe-Version": version})
    assert (answer.status_code, answer.headers["Stripe-Version"]) == (status, version)
    if status == 400:
        assert answer.json()["error"]["code"] == "payment_method_types_no_longer_supported"
    sandbox.stripe_account(api_version=version)
    assert raw(sandbox, "POST", "/payment_intents", data=form).status_code == status


def test_the_types_that_are_offered_can_be_chosen_in_one_way_only(sandbox: RunningSandbox) -> None:
    no_debit = new_intent(sandbox, excluded_payment_method_types=["us_bank_account"])
    assert no_debit.payment_method_types == ["card"]
    error = refused(stripe.InvalidRequestError, lambda: new_intent(sandbox, allowed_payment_method_types=["card"]))
    assert error.error.code == "parameters_exclusive"
    form = {"amount": "1250", "currency": "usd", "allowed_payment_method_types[0]": "us_bank_account"}
    allowed = raw(sandbox, "POST", "/payment_intents", data=form).json()
    assert (allowed["payment_method_types"], allowed["automatic_payment_methods"]) == (["us_bank_account"], None)


def test_a_browser_sees_no_metadata_and_only_with_the_client_secret(sandbox: RunningSandbox) -> None:
    intent = new_intent(sandbox)
    address = f"/payment_intents/{intent.id}"
    as_browser = {"headers": {"Authorization": f"Bearer {STRIPE_PUBLISHABLE}"}}
    seen = raw(sandbox, "GET", address, params={"client_secret": intent.client_secret}, **as_browser)
    assert (seen.status_code, seen.headers["Access-Control-Allow-Origin"]) == (200, "*")
    assert seen.json()["status"] == "requires_payment_method"
    assert not {"metadata", "latest_charge", "amount_received", "customer"} & set(seen.json())
    assert raw(sandbox, "GET", address, **as_browser).json()["error"]["code"] == "parameter_missing"
    wrong = raw(sandbox, "GET", address, params={"client_secret": "wrong"}, **as_browser)
    assert wrong.status_code == 400
    assert raw(sandbox, "GET", "/charges", **as_browser).json()["error"]["code"] == "secret_key_required"


def test_a_browser_confirms_with_a_form(sandbox: RunningSandbox) -> None:
    intent = new_intent(sandbox)
    form = {
        "key": STRIPE_PUBLISHABLE,
        "client_secret": intent.client_secret,
        "payment_method_data[type]": "card",
        "payment_method_data[card][number]": "4000 0025 0000 3155",
        "payment_method_data[card][exp_month]": "12",
        "payment_method_data[card][exp_year]": "39",
        "payment_method_data[card][cvc]": "123",
        "payment_method_data[billing_details][name]": "홍길동",
        "return_url": "https://shop.example/done",
        "use_stripe_sdk": "true",
    }
    no_key = {"headers": {"Authorization": ""}}
    answer = raw(sandbox, "POST", f"/payment_intents/{intent.id}/confirm", data=form, **no_key)
    action = answer.json()["next_action"]
    assert (answer.status_code, action["type"]) == (200, "use_stripe_sdk")
    step = f"{sandbox.origin}/stripe/3ds/{intent.id}?client_secret={intent.client_secret}"
    assert action["use_stripe_sdk"] == {"type": "three_d_secure_redirect", "stripe_js": step}
    assert "metadata" not in answer.json()
    assert [(call["call"], call["changing"]) for call in sandbox.calls()] == [("create", 1), ("confirm", 0)]
    form["payment_method_data[card][number]"] = "4000000000000002"
    error = raw(sandbox, "POST", f"/payment_intents/{intent.id}/confirm", data=form, **no_key).json()["error"]
    assert (error["code"], "metadata" in error["payment_intent"]) == ("card_declined", False)


def test_a_page_of_another_origin_may_ask_first(sandbox: RunningSandbox) -> None:
    answer = raw(sandbox, "OPTIONS", "/payment_intents/pi_x/confirm")
    assert answer.status_code == 204
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert sandbox.calls() == []
