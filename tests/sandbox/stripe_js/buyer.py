"""A buyer at the played Stripe's form, in a real browser."""

import json
import time
from typing import Any

import requests
from playwright.sync_api import FrameLocator, Locator, Page

from tests.sandbox.stripe_js.page import StripePage
from tests.sandbox_server import RunningSandbox

PUBLISHABLE, SECRET = "pk_test_sandboxshop", "sk_test_sandboxshop"
PAID, DECLINED, THREE_D = "4242 4242 4242 4242", "4000 0000 0000 0002", "4000 0025 0000 3155"
THREE_D_THEN_NO_FUNDS = "4000 0082 6000 3178"


class StripeBuyer:
    """One page of a shop with Stripe.js on it."""

    def __init__(self, page: Page, shop: StripePage, sandbox: RunningSandbox) -> None:
        self.page, self.shop, self.sandbox = page, shop, sandbox

    def intent(self, **params: Any) -> dict[str, Any]:
        """A new PaymentIntent of 10 dollars, as the shop's server would create it."""
        order = {"amount": 1000, "currency": "usd", "description": "Fortune reading", "metadata[order_id]": "order-1"}
        return self.call("payment_intents", {**order, **params})

    def call(self, path: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """A call to the API with the secret key: POST when there are `params`, else GET."""
        address, auth = f"{self.sandbox.origin}/stripe/v1/{path}", (SECRET, "")
        if params is None:
            answer = requests.get(address, auth=auth, timeout=10)
        else:
            answer = requests.post(address, data=params, auth=auth, timeout=10)
        assert answer.ok, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def status(self, intent: dict[str, Any]) -> str:
        """What the API says of the intent now."""
        return str(self.call(f"payment_intents/{intent['id']}")["status"])

    def open(self, query: str = "") -> None:
        """Go to the shop's page and make `stripe` there."""
        self.page.goto(f"{self.shop.origin}/{query}")
        self.page.evaluate(f"window.stripe = Stripe('{PUBLISHABLE}'); 0")

    def mount(
        self,
        intent: dict[str, Any] | None,
        kind: str = "payment",
        create: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        """Make `elements` of `options` and `element` of `create`, note its events in `told`, wait until it is ready."""
        if intent is not None:
            options["clientSecret"] = intent["client_secret"]
        self.page.evaluate(
            """async ([kind, options, create]) => {
                window.elements = stripe.elements(options);
                window.element = elements.create(kind, create);
                window.told = [];
                const names = ['loaderstart', 'ready', 'change', 'focus', 'blur', 'escape', 'loaderror'];
                names.forEach((name) => element.on(name, (event) => told.push([name, event])));
                element.mount('#place');
                await new Promise((done) => ['ready', 'loaderror'].forEach((name) => element.once(name, done)));
            }""",
            [kind, options, create or {}],
        )

    @property
    def form(self) -> FrameLocator:
        """The element's frame."""
        return self.page.frame_locator("#place iframe")

    @property
    def bank(self) -> FrameLocator:
        """The 3-D Secure step over the page."""
        return self.page.frame_locator("dialog iframe")

    def press_escape(self) -> None:
        """Press Escape until the 3-D Secure step is gone: the focus moves into a new frame in its own time."""
        give_up = time.monotonic() + 30
        while self.page.locator("dialog").count():
            assert time.monotonic() < give_up, "Escape did not close the step"
            self.page.keyboard.press("Escape")
            self.page.wait_for_timeout(200)

    def field(self, name: str) -> Locator:
        """`number`, `expiry` or `cvc`."""
        return self.form.locator(f"#{name}")

    def pick(self, number: str) -> None:
        """Fill in one of the test cards, as they are printed on the form."""
        hints = self.form.locator("details")
        if hints.get_attribute("open") is None:
            hints.locator("summary").click()
        self.form.locator(f".hint[data-number='{number}']").click()

    def wait_told(self, name: str) -> None:
        """Wait until the element has told of the event `name`."""
        self.page.wait_for_function(f"() => told.some(([name]) => name === '{name}')")

    def wait_change(self, what: str) -> None:
        """Wait until this holds of the newest `change` event: `complete === true`."""
        self.page.wait_for_function(f"() => told.findLast(([name]) => name === 'change')?.[1].{what}")

    def confirm(self, **more: Any) -> None:
        """Press pay: `outcome` is what `confirmPayment` answers, if it does."""
        params = {"return_url": f"{self.shop.origin}/back?order=order-1"}
        self.start(f"stripe.confirmPayment({{elements, ...{json.dumps({'confirmParams': params, **more})}}})")

    def start(self, call: str) -> None:
        """Begin a call of Stripe.js; `outcome` is its answer, or the message it was thrown with."""
        self.page.evaluate(f"window.outcome = {call}.catch((e) => ({{thrown: `${{e.name}}: ${{e.message}}`}})); 0")

    def outcome(self) -> dict[str, Any]:
        """The answer of what was started last."""
        found: dict[str, Any] = self.page.evaluate("outcome")
        return found

    def error(self) -> dict[str, Any]:
        """The error in that answer."""
        found: dict[str, Any] = self.outcome()["error"]
        return found

    def wait_back(self, redirect_status: str) -> None:
        """Wait until the buyer has landed on the return address."""
        self.page.wait_for_url(f"{self.shop.origin}/back?order=order-1&payment_intent=**{redirect_status}")
