"""The frames of the form and the bank's page, held against axe in both languages, sizes and looks."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.sandbox.stripe_js.buyer import StripeBuyer
from tests.sandbox.stripe_js.page import StripePage
from tests.sandbox_server import RunningSandbox
from tests.tooling.browser import guard_network

pytestmark = pytest.mark.browser

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1200, "height": 900}
LOOKS = {"light": ("stripe", "flat"), "dark": ("night",)}
SMALL = """() => [...document.querySelectorAll('button, input, summary')]
    .filter((node) => node.checkVisibility() && node.getBoundingClientRect().height < 44)
    .map((node) => node.outerHTML)"""


def _check(page: Page, width: int) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(SMALL) == []


def _frame(kind: str, language: str, theme: str) -> str:
    settings = {"language": language[:2], "appearance": {"theme": theme}}
    return f"/stripe/elements/{kind}?shop=https://shop.example&frame=f1#{quote(json.dumps(settings))}"


def _bank(buyer: StripeBuyer, *, framed: bool) -> str:
    intent = buyer.intent()
    params = {"payment_method": "pm_card_threeDSecure2Required", "return_url": f"{buyer.shop.origin}/back"}
    action = buyer.call(f"payment_intents/{intent['id']}/confirm", params)["next_action"]
    address = str(action["redirect_to_url"]["url"])
    return address.replace("redirect=1", "shop=https://shop.example&frame=f1") if framed else address


@pytest.mark.parametrize("language", ["ko-KR", "en-US"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_pages_are_clean_and_fit(
    chromium: Browser, sandbox: RunningSandbox, shop: StripePage, language: str, scheme: Any, size: Any
) -> None:
    context = chromium.new_context(locale=language, color_scheme=scheme, viewport=size)
    with guard_network(context, [sandbox.origin]):
        page = context.new_page()
        for kind in ("payment", "card"):
            for theme in LOOKS[scheme]:
                page.goto("about:blank")
                page.goto(sandbox.origin + _frame(kind, language, theme))
                _check(page, size["width"])
                page.locator("summary").click()
                page.locator("#number").fill("4242")
                page.locator("#cvc").fill("1")
                page.locator("summary").focus()
                _check(page, size["width"])
                if kind == "payment":
                    page.get_by_role("tab").last.click()
                    _check(page, size["width"])
        for framed in (True, False):
            page.goto(_bank(StripeBuyer(page, shop, sandbox), framed=framed))
            _check(page, size["width"])
        page.goto(f"{sandbox.origin}/stripe/3ds/pi_unknown")
        _check(page, size["width"])
    context.close()


def test_the_form_is_paid_with_by_keyboard_alone(buyer: StripeBuyer) -> None:
    buyer.mount(buyer.intent())
    buyer.page.locator("label").evaluate("(node) => { node.tabIndex = -1; node.focus(); }")
    keys = buyer.page.keyboard
    keys.press("Tab")
    assert buyer.form.locator(":focus").get_attribute("id") == "tab-card"
    keys.press("ArrowRight")
    assert buyer.form.locator(":focus").get_attribute("id") == "tab-bank"
    keys.press("ArrowRight")
    keys.press("Tab")
    keys.type("42424242424242421234123")
    keys.press("Tab")
    keys.press("Tab")
    assert buyer.page.evaluate("document.activeElement.id") == "pay"
    buyer.confirm(redirect="if_required")
    assert buyer.outcome()["paymentIntent"]["status"] == "succeeded"


def test_the_3d_dialog_keeps_the_focus_and_gives_it_back(buyer: StripeBuyer) -> None:
    buyer.mount(buyer.intent())
    buyer.pick("4000 0025 0000 3155")
    buyer.page.locator("#pay").focus()
    buyer.confirm(redirect="if_required")
    buyer.bank.get_by_role("button", name="Pass").wait_for()
    for _ in range(6):
        buyer.page.keyboard.press("Tab")
        assert buyer.page.evaluate("document.activeElement.tagName") in ("IFRAME", "BODY", "DIALOG")
    buyer.bank.get_by_role("button", name="Pass").click()
    assert buyer.outcome()["paymentIntent"]["status"] == "succeeded"
    assert buyer.page.evaluate("document.activeElement.id") == "pay"
