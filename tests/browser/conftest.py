"""One Chromium for these tests, and visitors with a fresh context each."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.browser.buyer import Buyer
from tests.browser.watched import DESKTOP, PHONE, watched_context
from tests.shop_server import BUYER, PASSWORD, Browsing, RunningShop
from tests.tooling.browser import launch

Visit = Callable[..., Buyer]

_LANGUAGES = {"ko": "ko-KR", "en": "en-US"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    # Not longer than this folder: other folders start a Playwright of their own, and two can't live in one thread.
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def _quiet_shop(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A page may look right while something behind it, a webhook for one, was answered 500."""
    yield
    errors = [record for record in caplog.get_records("call") if record.levelno >= logging.ERROR]
    assert [record.getMessage() for record in errors if record.name.startswith("webapp")] == []


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """Open the shop in a new context.

    `email` None is a stranger; `language` is that of browser and account; prices are in won, which is paid at Toss,
    unless `currency` names another, or None for what the shop thinks of by itself; `beside` are the origins that
    the browser may talk to beside the shop, the sandbox's when none are named; `options` go to the context.
    """
    with ExitStack() as stack:

        def enter(
            shop: RunningShop,
            *,
            phone: bool = False,
            language: str = "ko",
            email: str | None = BUYER,
            currency: str | None = "KRW",
            beside: Sequence[str] = (),
            **options: Any,
        ) -> Buyer:
            origins = [shop.origin, *(beside or [shop.sandbox.origin])]
            size = PHONE if phone else DESKTOP
            visitor = watched_context(chromium, origins, **{"locale": _LANGUAGES[language], **size, **options})
            context, watch = stack.enter_context(visitor)
            context.set_default_timeout(15_000)
            let_in(context, shop, email, language, currency)
            scripts = bool(options.get("java_script_enabled", True))
            return Buyer(shop, context.new_page(), watch, phone=phone, scripts=scripts)

        yield enter


def let_in(
    context: BrowserContext, shop: RunningShop, email: str | None, language: str, currency: str | None = "KRW"
) -> None:
    """Log in and choose a currency without the forms, which have tests of their own."""
    browsing = Browsing(shop, None)
    if currency is not None:
        browsing.submit("/login", "/currency", currency=currency)
    if email is not None:
        browsing.submit("/login", "/language", locale=language)
        browsing.submit("/login", "/login", email=email, password=PASSWORD)
    context.add_cookies([{"name": c.name, "value": c.value or "", "url": shop.origin} for c in browsing.http.cookies])
