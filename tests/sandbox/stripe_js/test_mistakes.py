"""What Stripe.js refuses, and what it makes of trouble."""

import pytest

from tests.sandbox.stripe_js.buyer import PAID, SECRET, StripeBuyer

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("end", ["succeeded", "canceled", "processing"])
def test_an_intent_that_is_over_gets_no_form(buyer: StripeBuyer, end: str) -> None:
    intent = buyer.intent()
    if end == "canceled":
        buyer.call(f"payment_intents/{intent['id']}/cancel", {})
    else:
        method = (
            {"payment_method": "pm_card_visa"}
            if end == "succeeded"
            else {"payment_method_data[type]": "us_bank_account"}
        )
        buyer.call(f"payment_intents/{intent['id']}/confirm", {**method, "return_url": "https://shop.example/"})
    assert buyer.status(intent) == end
    buyer.mount(intent)
    name, event = buyer.page.evaluate("told.at(-1)")
    assert (name, event["elementType"]) == ("loaderror", "payment")
    assert (event["error"]["type"], event["error"]["code"]) == (
        "invalid_request_error",
        "payment_intent_unexpected_state",
    )
    assert not buyer.page.locator("#place iframe").is_visible()
    buyer.confirm()
    assert buyer.error()["payment_intent"]["status"] == end


@pytest.mark.parametrize(
    "script, words",
    [
        (f"Stripe('{SECRET}')", "secret key"),
        ("Stripe('nonsense')", "publishable key"),
        ("Stripe('')", "publishable key"),
        ("stripe.elements({clientSecret: 'pi_1_secret_2', mode: 'payment', amount: 1, currency: 'usd'})", "never both"),
        ("stripe.elements({mode: 'payment', amount: 9.99, currency: 'usd'})", "integer"),
        ("stripe.elements({mode: 'payment', amount: 999, currency: 'USD', paymentMethodTypes: ['card']})", "no longer"),
        ("stripe.elements({clientSecret: 'pi_1'})", "client secret"),
        ("stripe.elements({clientSecret: 'pi_1_secret_2'}).create('paymentRequestButton')", "removed"),
        ("stripe.elements().create('payment')", "needs"),
        ("stripe.elements().create('card').mount('#nowhere')", "#nowhere"),
        ("stripe.retrievePaymentIntent('pi_1')", "client secret"),
        ("stripe.confirmPayment({confirmParams: {return_url: 'https://shop.example'}})", "elements"),
        ("stripe.confirmCardPayment('pi_1_secret_2', {payment_method: {card: {}}})", "Card Element"),
    ],
)
def test_mistakes_of_the_page_are_thrown(buyer: StripeBuyer, script: str, words: str) -> None:
    caught = "catch (e) { return [e.name, e.message]; }"
    name, message = buyer.page.evaluate(f"async () => {{ try {{ await {script}; return ['', '']; }} {caught} }}")
    assert (name, words in message) == ("IntegrationError", True), message


def test_the_return_address_is_needed_unless_nothing_redirects(buyer: StripeBuyer) -> None:
    buyer.mount(buyer.intent())
    buyer.start("stripe.confirmPayment({elements, confirmParams: {}})")
    assert "return_url" in buyer.outcome()["thrown"]
    buyer.start("stripe.confirmPayment({elements, confirmParams: {return_url: '/back'}})")
    assert buyer.error()["code"] == "url_invalid"


def test_a_message_from_elsewhere_is_not_believed(buyer: StripeBuyer) -> None:
    buyer.mount(buyer.intent())
    buyer.page.evaluate("""() => {
        const nonce = new URL(document.querySelector('#place iframe').src).searchParams.get('frame');
        const event = {complete: true, empty: false, value: {type: 'card'}};
        postMessage({stripe: nonce, type: 'change', event}, '*');
        frames[0].postMessage({stripe: 'guessed', type: 'clear'}, '*');
    }""")
    buyer.page.wait_for_timeout(100)
    assert [name for name, _ in buyer.page.evaluate("told")] == ["loaderstart", "ready"]


def test_an_unreachable_sandbox_is_a_connection_error(buyer: StripeBuyer) -> None:
    buyer.mount(buyer.intent())
    buyer.pick(PAID)
    buyer.sandbox.fault(provider="stripe", call="confirm", then="reset", apply=False)
    buyer.confirm()
    assert buyer.error()["type"] == "api_connection_error"


def test_a_failing_api_gives_no_text_for_the_buyer(buyer: StripeBuyer) -> None:
    buyer.mount(buyer.intent())
    buyer.pick(PAID)
    buyer.sandbox.fault(provider="stripe", call="confirm", then="garbage")
    buyer.confirm()
    assert buyer.error()["type"] == "api_error"


def test_reading_an_intent_needs_its_secret(buyer: StripeBuyer) -> None:
    intent = buyer.intent()
    secret = intent["client_secret"]
    seen = buyer.page.evaluate(f"stripe.retrievePaymentIntent('{secret}')")["paymentIntent"]
    assert (seen["id"], seen["status"]) == (intent["id"], "requires_payment_method")
    refused = buyer.page.evaluate(f"stripe.retrievePaymentIntent('{intent['id']}_secret_guessed')")
    assert refused["error"]["type"] == "invalid_request_error"
