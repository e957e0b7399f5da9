"""The Payment Element takes money, or says why not."""

import pytest

from tests.sandbox.stripe_js.buyer import DECLINED, PAID, StripeBuyer

pytestmark = pytest.mark.browser


def test_the_payment_element_pays_and_comes_back(buyer: StripeBuyer) -> None:
    intent = buyer.intent()
    buyer.mount(intent)
    buyer.pick(PAID)
    buyer.confirm()
    buyer.wait_back("succeeded")
    secret = intent["client_secret"]
    back = f"/back?order=order-1&payment_intent={intent['id']}&payment_intent_client_secret={secret}"
    assert buyer.page.url == f"{buyer.shop.origin}{back}&redirect_status=succeeded"
    (row,) = buyer.sandbox.ledger()["payments"]
    assert (row["provider_ref"], row["status"], row["captured"]) == (intent["id"], "succeeded", 1000)
    assert not [call for call in buyer.sandbox.calls("confirm", "browse") if call["changing"]]


def test_a_declined_card_can_be_followed_by_another_on_the_same_intent(buyer: StripeBuyer) -> None:
    intent = buyer.intent()
    buyer.mount(intent)
    buyer.pick(DECLINED)
    buyer.confirm()
    error = buyer.error()
    assert (error["type"], error["code"], error["decline_code"]) == ("card_error", "card_declined", "generic_decline")
    assert error["message"] == "Your card was declined."
    assert error["payment_intent"]["status"] == "requires_payment_method"
    assert error["payment_method"]["card"]["last4"] == "0002"
    buyer.pick(PAID)
    buyer.confirm()
    buyer.wait_back("succeeded")
    assert buyer.status(intent) == "succeeded"


def test_if_required_answers_without_leaving(buyer: StripeBuyer) -> None:
    buyer.mount(buyer.intent())
    buyer.pick(PAID)
    buyer.confirm(redirect="if_required")
    paid = buyer.outcome()["paymentIntent"]
    assert paid["status"] == "succeeded"
    assert "metadata" not in paid
    assert buyer.page.url == f"{buyer.shop.origin}/"


def test_the_form_before_the_intent_needs_submit_first(buyer: StripeBuyer) -> None:
    buyer.mount(None, mode="payment", amount=1000, currency="usd")
    intent = buyer.intent()
    buyer.pick(PAID)
    buyer.confirm(clientSecret=intent["client_secret"])
    assert "elements.submit()" in buyer.outcome()["thrown"]
    assert buyer.page.evaluate("elements.submit()") == {"selectedPaymentMethod": "card"}
    buyer.confirm(clientSecret=intent["client_secret"])
    buyer.wait_back("succeeded")


def test_a_bank_debit_is_on_its_way(buyer: StripeBuyer) -> None:
    intent = buyer.intent()
    buyer.mount(intent)
    buyer.form.get_by_role("tab", name="Bank debit").click()
    buyer.wait_change("value.type === 'us_bank_account'")
    buyer.wait_change("complete === true")
    buyer.confirm()
    buyer.wait_back("pending")
    assert buyer.status(intent) == "processing"
