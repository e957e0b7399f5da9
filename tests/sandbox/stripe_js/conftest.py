"""One browser for each file, one page of a shop for each test."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.sandbox.stripe_js.buyer import StripeBuyer
from tests.sandbox.stripe_js.page import StripePage
from tests.sandbox_server import RunningSandbox
from tests.tooling.browser import guard_network, launch


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def shop(running: RunningSandbox) -> Iterator[StripePage]:
    with StripePage(running.origin, {}) as page:
        yield page


@pytest.fixture
def page(chromium: Browser, sandbox: RunningSandbox, shop: StripePage) -> Iterator[Page]:
    context = chromium.new_context(locale="en-US")
    complaints: list[str] = []
    with guard_network(context, [sandbox.origin, shop.origin]):
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        context.close()
    # A refusal of the API is one of its answers, and a cut connection is asked for; the browser notes them too.
    assert [text for text in complaints if not text.startswith("Failed to load resource")] == []


@pytest.fixture
def buyer(page: Page, shop: StripePage, sandbox: RunningSandbox) -> StripeBuyer:
    made = StripeBuyer(page, shop, sandbox)
    made.open()
    return made
