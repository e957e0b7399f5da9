"""The Card Element, and the setup guide's snippet on it."""

import pytest

from tests.sandbox.stripe_js.buyer import PAID, PUBLISHABLE, THREE_D, StripeBuyer
from tests.sandbox.stripe_js.page import printed_snippet

pytestmark = pytest.mark.browser

# What the setup guide's snippet leaves undefined, and the snippet itself, byte for byte.
_NAMES = f"""
const [publishableKey, accessToken] = ['{PUBLISHABLE}', 'a-token'];
const cardElement = Stripe(publishableKey).elements().create('card');
cardElement.mount('#place');
await new Promise((ready) => cardElement.on('ready', ready));
window.started = true;
await new Promise((pressed) => document.getElementById('pay').addEventListener('click', pressed));
"""


@pytest.mark.parametrize("number, status", [(PAID, "succeeded"), (THREE_D, "succeeded")])
def test_the_card_element_pays(buyer: StripeBuyer, number: str, status: str) -> None:
    intent = buyer.intent()
    buyer.mount(None, kind="card")
    buyer.pick(number)
    buyer.wait_change("complete === true")
    buyer.wait_change("brand === 'visa'")
    data = "{payment_method: {card: element, billing_details: {name: 'Kim'}}}"
    buyer.start(f"stripe.confirmCardPayment('{intent['client_secret']}', {data})")
    if number == THREE_D:
        buyer.bank.get_by_role("button", name="Pass").click()
    assert buyer.outcome()["paymentIntent"]["status"] == status
    charge = buyer.call(f"payment_intents/{intent['id']}?expand[]=latest_charge")["latest_charge"]
    assert charge["billing_details"]["name"] == "Kim"


def test_the_card_element_leaves_the_step_to_the_page_when_told_so(buyer: StripeBuyer) -> None:
    intent = buyer.intent()
    buyer.mount(None, kind="card")
    buyer.pick(THREE_D)
    data = "{payment_method: {card: element}}, {handleActions: false}"
    buyer.start(f"stripe.confirmCardPayment('{intent['client_secret']}', {data})")
    assert buyer.outcome()["paymentIntent"]["status"] == "requires_action"
    assert buyer.page.locator("dialog").count() == 0


def test_a_payment_method_can_be_made_first_and_paid_with_later(buyer: StripeBuyer) -> None:
    intent = buyer.intent()
    buyer.mount(None, kind="card")
    buyer.pick(PAID)
    buyer.start("stripe.createPaymentMethod({type: 'card', card: element, billing_details: {name: 'Kim'}})")
    made = buyer.outcome()["paymentMethod"]
    assert (made["type"], made["card"]["last4"]) == ("card", "4242")
    buyer.start(f"stripe.confirmCardPayment('{intent['client_secret']}', {{payment_method: '{made['id']}'}})")
    assert buyer.outcome()["paymentIntent"]["status"] == "succeeded"


def test_the_guide_s_snippet_pays_byte_for_byte(buyer: StripeBuyer) -> None:
    buyer.shop.created = buyer.intent()["client_secret"]
    buyer.page.evaluate("document.getElementById('place').replaceChildren()")
    said: list[str] = []
    buyer.page.on("console", lambda message: said.append(message.text))
    buyer.page.evaluate(
        """([names, snippet]) => {
            const script = document.createElement('script');
            script.type = 'module';
            script.nonce = 'x';
            script.textContent = names + snippet;
            document.head.append(script);
        }""",
        [_NAMES, printed_snippet("2.5")],
    )
    buyer.page.wait_for_function("() => window.started")
    buyer.pick(PAID)
    with buyer.page.expect_console_message(lambda message: message.text == "Payment successful!"):
        buyer.page.locator("#pay").click()
    assert said == ["Payment successful!"]
