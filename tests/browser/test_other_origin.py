"""A front end on another site sells through the JSON calls alone, in a real browser, if the shop has it on its list."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.buyer import PAID, Buyer
from tests.browser.conftest import Visit
from tests.browser.stripe_buyer import PAID as STRIPE_PAID
from tests.conftest import MakeShop
from tests.shop_server import BUYER, DOLLARS, NAME, PASSWORD, PRICE, READING, RunningShop

_PAGE = b"<!doctype html><html lang=en><title>A front end</title><main><div id=card></div></main>"


class _Pages(BaseHTTPRequestHandler):
    """The same empty page at every address: what happens there is the test's script."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(_PAGE)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Quiet."""


@pytest.fixture
def front_end() -> Iterator[str]:
    """Another site's origin."""
    server = ThreadingHTTPServer(("localhost", 0), _Pages)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


#: What a front end keeps beside its pages: how it calls the shop, and how it loads a provider's script.
_TOOLS = """
  const send = (path, body, token) => fetch(shop + path, {
    method: body ? "POST" : "GET", body: body && JSON.stringify(body),
    headers: {"Content-Type": "application/json", ...(token && {Authorization: `Bearer ${token}`})},
  }).then((answer) => answer.json());
  const load = (src) => new Promise((done, failed) => {
    document.head.append(Object.assign(document.createElement("script"), {src, onload: done, onerror: failed}));
  });
"""
_BUYS = f"""async ([shop, email, password, name, amount]) => {{{_TOOLS}
  const {{accessToken}} = await send("/auth/token", {{email, password}});
  return send("/payment/toss/create", {{amount, orderName: name}}, accessToken);
}}"""
_OPENS_TOSS = f"""async ([shop, email, password, name, amount, script]) => {{{_TOOLS}
  const {{accessToken}} = await send("/auth/token", {{email, password}});
  sessionStorage.setItem("token", accessToken);
  const {{tossConfig}} = await send("/payment/toss/create", {{amount, orderName: name}}, accessToken);
  await load(script);
  const {{clientKey, ...wish}} = tossConfig;
  void TossPayments(clientKey).requestPayment("카드", wish);
}}"""
_CONFIRMS_TOSS = f"""async ([shop]) => {{{_TOOLS}
  const {{paymentKey, orderId, amount}} = Object.fromEntries(new URLSearchParams(location.search));
  const confirmed = await send("/payment/toss/confirm", {{paymentKey, orderId, amount}});
  const token = sessionStorage.getItem("token");
  return [confirmed, await send(`/payment/${{orderId}}`, null, token), await send("/payment/history/me", null, token)];
}}"""
_DRAWS_STRIPE = f"""async ([shop, email, password, name, amount, script]) => {{{_TOOLS}
  const {{accessToken}} = await send("/auth/token", {{email, password}});
  const created = await send("/payment/stripe/create", {{amount, description: name}}, accessToken);
  await load(script);
  const stripe = Stripe(created.publishableKey);
  const card = stripe.elements().create("card");
  card.mount("#card");
  Object.assign(window, {{buying: {{stripe, card, created, accessToken}}}});
}}"""
_PAYS_STRIPE = f"""async ([shop]) => {{{_TOOLS}
  const {{stripe, card, created: {{clientSecret, orderId}}, accessToken}} = window.buying;
  const {{paymentIntent}} = await stripe.confirmCardPayment(clientSecret, {{payment_method: {{card}}}});
  const confirmed = await send("/payment/stripe/confirm", {{paymentIntentId: paymentIntent.id, orderId}});
  return [confirmed, await send(`/payment/${{orderId}}`, null, accessToken)];
}}"""


def sdk(shop: RunningShop, name: str) -> str:
    """Where a provider's browser script is, as its folder tells the setup guide."""
    found = shop.wiring.settings.providers["toss" if name == "1.5" else "stripe"].guide(name)
    assert found
    return found[0]


def guest(visit: Visit, shop: RunningShop, front_end: str, *, phone: bool) -> Buyer:
    """A visitor of the other site, who has no cookie of the shop's."""
    buyer = visit(shop, phone=phone, email=None, currency=None, beside=[front_end, shop.sandbox.origin])
    buyer.page.goto(front_end)
    return buyer


@pytest.mark.parametrize("phone", [False, True])
def test_a_page_elsewhere_sells_with_toss_from_create_to_confirm(
    make_shop: MakeShop, sqlite_url: str, front_end: str, visit: Visit, phone: bool
) -> None:
    shop = make_shop(sqlite_url, FRONTEND_URL=front_end)
    buyer = guest(visit, shop, front_end, phone=phone)
    with_token = [shop.origin, BUYER, PASSWORD, NAME, PRICE, sdk(shop, "1.5")]
    buyer.page.evaluate(_OPENS_TOSS, with_token)
    if phone:
        buyer.page.wait_for_url("**/toss/pay/**")
    buyer.enter_card(PAID)
    buyer.page.wait_for_url(f"{front_end}/payment/success?**")
    confirmed, payment, history = buyer.page.evaluate(_CONFIRMS_TOSS, [shop.origin])

    assert (confirmed["success"], confirmed["payment"]["status"]) == (True, "completed"), json.dumps(confirmed)
    assert (payment["payment"]["status"], history["count"]) == ("completed", 1)
    assert [row["captured"] for row in shop.sandbox.ledger()["payments"]] == [PRICE]
    assert buyer.page.context.cookies(shop.origin) == []


@pytest.mark.parametrize("phone", [False, True])
def test_a_page_elsewhere_sells_with_stripe_from_create_to_confirm(
    make_shop: MakeShop, sqlite_url: str, front_end: str, visit: Visit, phone: bool
) -> None:
    shop = make_shop(sqlite_url, FRONTEND_URL=front_end)
    buyer = guest(visit, shop, front_end, phone=phone)
    buyer.page.evaluate(_DRAWS_STRIPE, [shop.origin, BUYER, PASSWORD, READING, DOLLARS, sdk(shop, "2.5")])
    field = buyer.page.frame_locator("#card iframe")
    for name, digits in (("number", STRIPE_PAID), ("expiry", "12 / 34"), ("cvc", "123")):
        field.locator(f"#{name}").fill(digits)
        expect(field.locator(f"#{name}")).to_have_value(digits)
    confirmed, payment = buyer.page.evaluate(_PAYS_STRIPE, [shop.origin])

    assert (confirmed["success"], confirmed["payment"]["status"]) == (True, "completed"), json.dumps(confirmed)
    assert (payment["payment"]["status"], payment["payment"]["amount"]) == ("completed", DOLLARS)
    assert [row["captured"] for row in shop.sandbox.ledger()["payments"]] == [DOLLARS]
    assert buyer.page.context.cookies(shop.origin) == []


def test_a_page_that_is_not_listed_gets_nowhere_in_a_real_browser(
    make_shop: MakeShop, sqlite_url: str, front_end: str, chromium: Browser
) -> None:
    shop = make_shop(sqlite_url, CORS_ORIGINS="https://chatju.pages.dev")
    page = chromium.new_page()
    page.goto(front_end)
    with pytest.raises(Exception, match="Failed to fetch"):
        page.evaluate(_BUYS, [shop.origin, BUYER, PASSWORD, NAME, PRICE])
    page.close()

    assert shop.rows("SELECT id FROM orders") == []
