"""The 3-D Secure step, over the page and as a page of its own."""

import pytest
import requests

from tests.sandbox.stripe_js.buyer import PAID, THREE_D, THREE_D_THEN_NO_FUNDS, StripeBuyer

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("choice, status", [("Pass", "succeeded"), ("Fail", "requires_payment_method")])
def test_the_3d_step_passes_or_fails_over_the_page(buyer: StripeBuyer, choice: str, status: str) -> None:
    intent = buyer.intent()
    buyer.mount(intent)
    buyer.pick(THREE_D)
    buyer.confirm()
    buyer.bank.get_by_role("button", name=choice).click()
    if choice == "Pass":
        buyer.wait_back("succeeded")
    else:
        error = buyer.error()
        assert error["code"] == "payment_intent_authentication_failure"
        assert error["payment_intent"]["status"] == status
        assert buyer.page.locator("dialog").count() == 0
    assert buyer.status(intent) == status


def test_a_passed_3d_step_can_still_end_in_a_decline(buyer: StripeBuyer) -> None:
    buyer.mount(buyer.intent())
    buyer.pick(THREE_D_THEN_NO_FUNDS)
    buyer.confirm()
    buyer.bank.get_by_role("button", name="Pass").click()
    assert (buyer.error()["type"], buyer.error()["decline_code"]) == ("card_error", "insufficient_funds")
    assert buyer.error()["message"] == "Your card has insufficient funds."


@pytest.mark.parametrize("way", ["button", "close", "escape"])
def test_an_abandoned_3d_step_leaves_the_intent_and_can_be_resumed_after_a_reload(buyer: StripeBuyer, way: str) -> None:
    intent = buyer.intent()
    buyer.mount(intent)
    buyer.pick(THREE_D)
    buyer.confirm()
    buyer.bank.get_by_role("button", name="Pass").wait_for()
    if way == "escape":
        buyer.press_escape()
    else:
        buyer.bank.get_by_role("button", name={"button": "Abandon", "close": "Close"}[way]).click()
    error = buyer.error()
    assert (error["type"], error["payment_intent"]["status"]) == ("invalid_request_error", "requires_action")
    assert buyer.page.locator("dialog").count() == 0
    buyer.open()
    buyer.start(f"stripe.handleNextAction({{clientSecret: '{intent['client_secret']}'}})")
    buyer.bank.get_by_role("button", name="Pass").click()
    assert buyer.outcome()["paymentIntent"]["status"] == "succeeded"


def test_after_an_abandoned_step_another_card_pays_on_the_same_form(buyer: StripeBuyer) -> None:
    intent = buyer.intent()
    buyer.mount(intent)
    buyer.pick(THREE_D)
    buyer.confirm()
    buyer.bank.get_by_role("button", name="Abandon").click()
    assert buyer.error()["payment_intent"]["status"] == "requires_action"
    buyer.pick(PAID)
    buyer.confirm()
    buyer.wait_back("succeeded")
    assert buyer.status(intent) == "succeeded"


def test_a_step_that_ends_elsewhere_closes_its_dialog(buyer: StripeBuyer) -> None:
    intent = buyer.intent()
    buyer.mount(intent)
    buyer.pick(THREE_D)
    buyer.confirm(redirect="if_required")
    buyer.bank.get_by_role("button", name="Pass").wait_for()
    address = f"{buyer.sandbox.origin}/sandbox/stripe/challenge"
    requests.post(address, json={"payment_intent": intent["id"], "outcome": "pass"}, timeout=5).raise_for_status()
    assert buyer.outcome()["paymentIntent"]["status"] == "succeeded"


@pytest.mark.parametrize("choice, said", [("Pass", "succeeded"), ("Fail", "failed")])
def test_a_step_asked_for_by_the_server_is_a_page_of_its_own(buyer: StripeBuyer, choice: str, said: str) -> None:
    intent = buyer.intent()
    params = {
        "payment_method": "pm_card_threeDSecure2Required",
        "return_url": f"{buyer.shop.origin}/back?order=order-1",
    }
    action = buyer.call(f"payment_intents/{intent['id']}/confirm", params)["next_action"]
    assert action["type"] == "redirect_to_url"
    buyer.page.goto(action["redirect_to_url"]["url"])
    assert buyer.page.get_by_role("button").all_inner_texts() == ["Pass", "Fail"]
    buyer.page.get_by_role("button", name=choice).click()
    buyer.wait_back(said)


def test_a_server_s_step_is_left_for_by_handle_next_action(buyer: StripeBuyer) -> None:
    intent = buyer.intent()
    params = {
        "payment_method": "pm_card_threeDSecure2Required",
        "return_url": f"{buyer.shop.origin}/back?order=order-1",
    }
    buyer.call(f"payment_intents/{intent['id']}/confirm", params)
    buyer.start(f"stripe.handleNextAction({{clientSecret: '{intent['client_secret']}'}})")
    buyer.page.wait_for_url("**/stripe/3ds/**")
    buyer.page.get_by_role("button", name="Pass").click()
    buyer.wait_back("succeeded")


def test_a_step_with_another_secret_does_not_exist(buyer: StripeBuyer) -> None:
    intent = buyer.intent()
    buyer.call(
        f"payment_intents/{intent['id']}/confirm",
        {"payment_method": "pm_card_threeDSecure2Required", "return_url": f"{buyer.shop.origin}/back"},
    )
    address = f"{buyer.sandbox.origin}/stripe/3ds/{intent['id']}?client_secret=guessed"
    assert requests.get(address, timeout=5).status_code == 404
    assert requests.post(address, data={"outcome": "pass"}, timeout=5).status_code == 404
    assert buyer.status(intent) == "requires_action"
