"""The sandbox's own pages, held against axe in both languages, sizes and colour schemes."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from tests.sandbox_server import API_CLIENT, RunningSandbox
from tests.tooling.browser import guard_network, launch

pytestmark = pytest.mark.browser

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1200, "height": 900}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def addresses(sandbox: RunningSandbox, paid: Callable[..., str]) -> list[str]:
    card, account = paid("order-1"), paid("order-2", method="VIRTUAL_ACCOUNT")
    sandbox.fault(call="webhook", then="drop")
    windows = [_open(sandbox, method) for method in ("CARD", "EASY_PAY", "VIRTUAL_ACCOUNT", "TRANSFER")]
    panes = [f"/toss/widget/{pane}?shop={sandbox.origin}&frame=toss-1" for pane in ("methods", "agreement")]
    return ["/sandbox", f"/toss/receipt/{card}", f"/toss/pay/{account}", *windows, *panes]


def _open(sandbox: RunningSandbox, method: str) -> str:
    order = {"orderId": f"order-{method}", "orderName": "사주팔자 프리미엄 해석", "method": method}
    amount = {"value": 13000, "currency": "KRW"}
    urls = {"successUrl": "http://shop.example/ok", "failUrl": "http://shop.example/no"}
    body: dict[str, Any] = {"clientKey": API_CLIENT, "amount": amount, **order, **urls}
    answer = requests.post(f"{sandbox.origin}/toss/sdk/payments", json=body, timeout=5)
    return str(answer.json()["window"])


@pytest.mark.parametrize("language", ["ko-KR", "en-US"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_pages_are_clean_and_fit(
    chromium: Browser,
    sandbox: RunningSandbox,
    addresses: list[str],
    language: str,
    scheme: Any,
    size: Any,
) -> None:
    context = chromium.new_context(locale=language, color_scheme=scheme, viewport=size)
    with guard_network(context, [sandbox.origin]):
        page = context.new_page()
        for address in addresses:
            page.goto(sandbox.origin + address)
            found = Axe().run(page)
            assert found.violations_count == 0, f"{address}\n{found.generate_report()}"
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= size["width"], f"{address} is {width} wide"
    context.close()
