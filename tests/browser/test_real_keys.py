"""Keys that look real and no address overridden: which script, which policy, which API? The sandbox has no part."""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Request, Route, expect

from tests.browser.conftest import Visit
from tests.browser.toss_host import API_HOST, TossHost
from tests.sandbox_server import RunningSandbox
from tests.shop_server import PRICE, RunningShop
from tests.tooling.house import ROOT
from tests.tooling.sockets import block_network

SCRIPT = "https://js.tosspayments.com/v2/standard"
PAYMENT_KEY = "tviva20261123100000AbCd1"
CLIENT, SECRET = "test_ck_Zq3Wv8Lk1Nn5Rr7Tt9Yy", "test_sk_Qa2Ws4Ed6Rf8Tg1Yh3Uj"
WIDGET_CLIENT, WIDGET_SECRET = "test_gck_Mn4Bv6Cx8Zl2Kj5Hg7Fd", "test_gsk_Po9Iu7Yt5Re3Wq1Lk6Jh"
PAIRS = {
    "window": {"TOSS_CLIENT_KEY": CLIENT, "TOSS_SECRET_KEY": SECRET},
    "widget": {"TOSS_WIDGET_CLIENT_KEY": WIDGET_CLIENT, "TOSS_WIDGET_SECRET_KEY": WIDGET_SECRET},
}

# Toss's documented calls, written down as they come; a payment leads straight to the success address.
TOSS_JS = """
window.TossPayments = (clientKey) => {
  const calls = (window.tossCalls = [["TossPayments", clientKey]]);
  const note = (name, answer) => async (options) => (calls.push([name, options]), answer);
  const leave = async (order) => {
    calls.push(["requestPayment", order]);
    location.assign(`${order.successUrl}?paymentType=NORMAL&paymentKey=KEY&orderId=${order.orderId}&amount=13000`);
  };
  const terms = { on: (_name, call) => call({ agreedRequiredTerms: true }) };
  return {
    payment: (options) => (calls.push(["payment", options]), { requestPayment: leave }),
    widgets: (options) => (calls.push(["widgets", options]), {
      setAmount: note("setAmount"),
      renderPaymentMethods: note("renderPaymentMethods"),
      renderAgreement: note("renderAgreement", terms),
      requestPayment: leave,
    }),
  };
};
""".replace("KEY", PAYMENT_KEY)


@pytest.fixture
def toss(tmp_path: Path) -> Iterator[TossHost]:
    with TossHost(tmp_path) as host, block_network(hosts={API_HOST: host.address}):
        yield host


@pytest.fixture(params=PAIRS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def real_shop(
    sqlite_url: str, sandbox: RunningSandbox, tmp_path: Path, toss: TossHost, kind: str
) -> Iterator[RunningShop]:
    with RunningShop(sqlite_url, sandbox, tmp_path / "outbox", toss.ca_bundle(), **PAIRS[kind]) as shop:
        yield shop


def _serve_toss_script(route: Route) -> None:
    route.fulfill(body=TOSS_JS, content_type="text/javascript")


def test_real_looking_keys_reach_the_real_addresses(
    real_shop: RunningShop, visit: Visit, toss: TossHost, kind: str
) -> None:
    buyer = visit(real_shop, beside=["https://js.tosspayments.com"])
    abroad: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith(real_shop.origin):
            abroad.append(request.url)

    buyer.page.on("request", note)
    buyer.page.route("https://js.tosspayments.com/**", _serve_toss_script)

    answer = buyer.page.goto(f"{real_shop.origin}/checkout/saju-premium")
    assert answer
    pay = buyer.page.locator("button[data-pay]")
    expect(pay).to_be_enabled()
    assert set(abroad) == {SCRIPT}
    assert _without_nonce(answer.headers["content-security-policy"], buyer.page.content()) == (
        "default-src 'none'; "
        "script-src 'self' 'nonce-N' https://js.tosspayments.com; "
        "style-src 'self'; "
        "img-src 'self' data: https://*.tosspayments.com https://*.toss.im; "
        "font-src 'self'; "
        "connect-src 'self' https://*.tosspayments.com https://*.toss.im; "
        "frame-src https://*.tosspayments.com https://*.toss.im; "
        "form-action 'self' https://*.tosspayments.com https://*.toss.im; "
        "base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
    )
    expect(buyer.page.locator("aside.sandbox")).to_have_count(0)
    calls = buyer.page.evaluate("tossCalls")
    assert calls[0] == ["TossPayments", WIDGET_CLIENT if kind == "widget" else CLIENT]
    assert calls[1][0] == ("widgets" if kind == "widget" else "payment")

    pay.click()
    buyer.sees("completed")
    assert set(abroad) == {SCRIPT}
    assert real_shop.sandbox.calls() == []
    _is_the_documented_confirm(toss, real_shop, buyer.order_id, WIDGET_SECRET if kind == "widget" else SECRET)


def _without_nonce(policy: str, page: str) -> str:
    """The policy with its nonce, which every script on the page must carry, replaced by N."""
    nonces = set(re.findall(r'<script[^>]* nonce="([^"]*)"', page)) - {""}
    found = re.search(r"'nonce-([^']+)'", policy)
    assert found
    assert len(found.group(1)) >= 16
    assert nonces <= {found.group(1)}
    return policy.replace(found.group(1), "N")


def _is_the_documented_confirm(toss: TossHost, shop: RunningShop, order_id: str, secret: str) -> None:
    (call,) = toss.received
    assert (call.method, call.path) == ("POST", "/v1/payments/confirm")
    assert call.headers["host"] == API_HOST
    assert set(toss.asked_names) == {API_HOST}
    assert call.headers["authorization"] == "Basic " + base64.b64encode(f"{secret}:".encode()).decode()
    assert call.headers["content-type"] == "application/json"
    (operation,) = shop.rows("SELECT idempotency_key FROM provider_operations")
    assert call.headers["idempotency-key"] == operation["idempotency_key"]
    assert call.body == {"paymentKey": PAYMENT_KEY, "orderId": order_id, "amount": PRICE}


def test_the_guides_pages_are_gone_where_keys_are_set(real_shop: RunningShop) -> None:
    stranger = real_shop.browse(None)
    assert [stranger.get(path).status_code for path in ("/sandbox", "/sandbox/guide")] == [404, 404]


def test_every_address_of_the_sandbox_page_is_an_address_of_its_settings(
    sqlite_shop: RunningShop, visit: Visit
) -> None:
    buyer = visit(sqlite_shop)
    asked: set[str] = set()
    buyer.page.on("request", lambda request: asked.add("{0.scheme}://{0.netloc}".format(urlsplit(request.url))))
    answer = buyer.page.goto(f"{sqlite_shop.origin}/checkout/saju-premium")
    buyer.on_checkout()
    assert asked == {sqlite_shop.origin, sqlite_shop.sandbox.origin}
    assert answer
    here = sqlite_shop.sandbox.origin
    policy = _without_nonce(answer.headers["content-security-policy"], buyer.page.content())
    assert f"script-src 'self' 'nonce-N' {here}; " in policy
    assert f"frame-src {here}; " in policy
    assert "tosspayments" not in json.dumps(answer.headers)


#: Who decides whether there is a sandbox, who shows its banner, and who starts it. Nobody else knows the word.
KNOW_THE_SANDBOX = {
    "__init__.py",  # the banner, and the guide's pages
    "api/operations.py",  # an example with the demo password
    "cli.py",  # the demo password
    "devserver.py",
    "providers/port.py",  # a word for an attempt's mode
    "providers/registry.py",  # hands the settings on
    "providers/stripe/config.py",
    "providers/toss/config.py",
    "settings.py",
    "web/guide.py",
}


def test_nothing_but_settings_and_start_knows_the_sandbox() -> None:
    app = ROOT / "webapp"
    files = {path.relative_to(app).as_posix(): path for path in [*app.rglob("*.py"), *app.rglob("*.js")]}
    know = {name for name, path in files.items() if "sandbox" in path.read_text("utf-8").lower()}
    players = {name for name in know if name.startswith("sandbox/") or "/emulator/" in name}
    assert know - players == KNOW_THE_SANDBOX
