"""Toss's part of the checkout page in a real browser, with the played SDK and with one that fails on demand."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from tests.providers.pane_page import PanePage
from tests.providers.toss_attempts import attempt
from tests.sandbox_server import RunningSandbox
from tests.tooling.browser import guard_network, launch
from webapp.providers.port import Provider

pytestmark = pytest.mark.browser

TERMS = "iframe[title='약관 동의']"
WINDOW = "iframe[title='토스페이먼츠 결제창']"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def shop() -> Iterator[PanePage]:
    with PanePage() as page:
        yield page


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def page(chromium: Browser, sandbox: RunningSandbox, shop: PanePage, complaints: list[str]) -> Iterator[Page]:
    context = chromium.new_context(locale="ko-KR")
    with guard_network(context, [sandbox.origin, shop.origin]):
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        context.close()


def show(shop: PanePage, provider: Provider, pair: str, **change: Any) -> None:
    landed = f"{shop.origin}/landed"
    opened = provider.open(attempt(key_pair=pair, success_url=landed, fail_url=landed, **change), idempotency_key="k")
    shop.pane, shop.sources = opened.pane, provider.capabilities.sources


def show_ending(shop: PanePage, provider: Provider, end: str) -> None:
    """The window pane on an SDK whose every request ends as the JavaScript `end` says."""
    show(shop, provider, "api")
    assert shop.pane is not None
    url = f"{shop.origin}/stand-in.js?end={quote(end)}"
    shop.pane = replace(shop.pane, sdk_url=url, values={**shop.pane.values, "sdk-url": url})


def pay_button(page: Page) -> Any:
    return page.locator("button[data-pay]")


def test_the_widget_is_drawn_and_pays_once_the_terms_are_agreed(
    page: Page, shop: PanePage, provider: Provider, sandbox: RunningSandbox, complaints: list[str]
) -> None:
    show(shop, provider, "widget")
    page.goto(shop.origin)
    expect(pay_button(page)).to_have_attribute("aria-busy", "false")
    expect(pay_button(page)).to_be_disabled()
    page.frame_locator(TERMS).get_by_role("checkbox").check()
    expect(pay_button(page)).to_be_enabled()
    page.frame_locator(TERMS).get_by_role("checkbox").uncheck()
    expect(pay_button(page)).to_be_disabled()
    page.frame_locator(TERMS).get_by_role("checkbox").check()
    pay_button(page).click()
    expect(pay_button(page)).to_be_disabled()
    expect(pay_button(page)).to_have_attribute("aria-busy", "true")
    page.frame_locator(WINDOW).locator(".hint[data-number='4500 9900 0000 0086']").click()
    page.frame_locator(WINDOW).get_by_role("button", name="결제하기").click()
    page.wait_for_url("**/landed?**amount=13000**")
    payment = sandbox.ledger()["payments"][-1]
    assert (payment["order_ref"], payment["amount"], payment["key_pair"]) == (attempt().order_ref, 13000, "widget")
    assert complaints == []


def test_nothing_moves_while_the_widget_appears(page: Page, shop: PanePage, provider: Provider) -> None:
    show(shop, provider, "widget")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/toss/v2/standard", hold)
    page.goto(shop.origin, wait_until="domcontentloaded")
    expect(page.locator(".toss-methods")).to_have_css("min-height", "248px")
    before = pay_button(page).bounding_box()
    for route in held:
        route.continue_()
    expect(pay_button(page)).to_have_attribute("aria-busy", "false")
    assert pay_button(page).bounding_box() == before


@pytest.mark.parametrize("method", ["CARD", "TRANSFER", "VIRTUAL_ACCOUNT"])
def test_the_window_opens_with_the_chosen_method(page: Page, shop: PanePage, provider: Provider, method: str) -> None:
    show_ending(shop, provider, "new Promise(() => {})")
    page.goto(shop.origin)
    expect(pay_button(page)).to_be_enabled()
    page.locator(f"[name=toss-method][value={method}]").check()
    pay_button(page).click()
    asked = page.evaluate("window.asked")
    assert asked == {
        "method": method,
        "amount": {"value": 13000, "currency": "KRW"},
        "orderId": attempt().order_ref,
        "orderName": "사주 리딩",
        "successUrl": f"{shop.origin}/landed",
        "failUrl": f"{shop.origin}/landed",
        "customerEmail": "buyer@example.com",
        "customerName": None,
    }


def test_closing_the_real_window_is_told_quietly_and_paying_goes_on(
    page: Page, shop: PanePage, provider: Provider, complaints: list[str]
) -> None:
    show(shop, provider, "api")
    page.goto(shop.origin)
    pay_button(page).click()
    page.frame_locator(WINDOW).get_by_role("button", name="닫기").click()
    expect(page.get_by_role("status")).to_contain_text("You closed the payment window. Nothing was charged.")
    expect(page.get_by_role("alert")).to_be_empty()
    expect(pay_button(page)).to_be_enabled()
    pay_button(page).click()
    expect(page.get_by_role("status")).to_be_empty()
    page.frame_locator(WINDOW).locator(".hint[data-number='4500 9900 0000 0086']").click()
    page.frame_locator(WINDOW).get_by_role("button", name="결제하기").click()
    page.wait_for_url("**/landed?**")
    assert complaints == []


@pytest.mark.parametrize(
    "code, words",
    [
        ("NOT_SELECTED_PAYMENT_METHOD", "Choose how you want to pay"),
        ("NEED_AGREEMENT_WITH_REQUIRED_TERMS", "agree to the required terms"),
        ("NEED_CARD_PAYMENT_DETAIL", "details are missing"),
        ("NETWORK_ERROR", "could not be reached"),
        ("INVALID_METHOD_TRANSACTION", "could not be started"),
        ("BRAND_NEW_CODE", "could not be started"),
        ('"]<b>', "could not be started"),
        ("", "could not be started"),
    ],
)
def test_an_error_is_told_in_our_words_by_its_code(
    page: Page, shop: PanePage, provider: Provider, complaints: list[str], code: str, words: str
) -> None:
    show_ending(shop, provider, f"Promise.reject({{code: '{code}', message: '<img src=x>'}})")
    page.goto(shop.origin)
    pay_button(page).click()
    expect(page.get_by_role("alert")).to_contain_text(re.compile(words))
    expect(page.get_by_role("status")).to_be_empty()
    expect(pay_button(page)).to_be_enabled()
    assert page.locator("img").count() == 0
    assert complaints == []


@pytest.mark.parametrize(
    "end", ["Promise.reject(null)", "Promise.reject('text')", "(() => { throw new Error('x') })()"]
)
def test_whatever_is_thrown_the_button_comes_back(page: Page, shop: PanePage, provider: Provider, end: str) -> None:
    show_ending(shop, provider, end)
    page.goto(shop.origin)
    pay_button(page).click()
    expect(page.get_by_role("alert")).to_contain_text("could not be started")
    expect(pay_button(page)).to_be_enabled()


def test_a_script_that_is_not_there_leaves_a_page_that_explains_itself(
    page: Page, shop: PanePage, provider: Provider
) -> None:
    show_ending(shop, provider, "Promise.reject({code: 'USER_CANCEL'})")
    shop.lose_sdk = True
    page.goto(shop.origin)
    expect(page.get_by_role("alert")).to_contain_text("could not be reached")
    expect(pay_button(page)).to_be_disabled()
    expect(pay_button(page)).to_have_attribute("aria-busy", "false")
    shop.lose_sdk = False
    page.get_by_role("button", name="Load again").click()
    expect(pay_button(page)).to_be_enabled()
    expect(page.get_by_role("alert")).to_be_empty()


def test_a_script_that_is_late_is_waited_for_eight_seconds_and_still_welcome(
    page: Page, shop: PanePage, provider: Provider
) -> None:
    show_ending(shop, provider, "Promise.reject({code: 'USER_CANCEL'})")
    shop.stall = True
    page.goto(shop.origin, wait_until="commit")
    expect(page.get_by_role("alert")).to_contain_text("could not be reached", timeout=12_000)
    expect(page.get_by_role("button", name="Load again")).to_be_visible()
    shop.stalled.set()
    expect(pay_button(page)).to_be_enabled()
    expect(page.get_by_role("alert")).to_be_empty()
    expect(page.get_by_role("button", name="Load again")).to_be_hidden()


def test_a_key_of_the_wrong_pair_is_told_like_a_script_that_fails(
    page: Page, shop: PanePage, provider: Provider
) -> None:
    show(shop, provider, "widget")
    assert shop.pane is not None
    shop.pane = replace(shop.pane, values={**shop.pane.values, "client-key": "test_ck_sandbox_api"})
    page.goto(shop.origin)
    expect(page.get_by_role("alert")).to_contain_text("could not be reached")


def test_hostile_names_stay_text(page: Page, shop: PanePage, provider: Provider, complaints: list[str]) -> None:
    show(shop, provider, "api", order_name='"><script>alert(1)</script>', customer_name="' onload=alert(1) x='")
    page.goto(shop.origin)
    expect(pay_button(page)).to_be_enabled()
    assert page.locator("[data-toss]").get_attribute("data-order-name") == '"><script>alert(1)</script>'
    assert complaints == []
