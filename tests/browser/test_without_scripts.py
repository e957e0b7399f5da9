"""JavaScript switched off: everything but Toss's own pane can be read and used."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.shop_server import BUYER, RunningShop


@pytest.mark.parametrize("phone, language", [(False, "ko"), (True, "en")])
def test_from_the_catalogue_to_the_pay_button(
    sqlite_shop: RunningShop, visit: Visit, phone: bool, language: str
) -> None:
    buyer = visit(sqlite_shop, phone=phone, language=language, email=None, java_script_enabled=False)
    buyer.open("/").page.locator("a[href='/checkout/saju-premium']").click()
    buyer.log_in(BUYER)
    buyer.watch.allow("was preloaded using link preload but not used")  # it waits for a script that never runs
    buyer.page.wait_for_url("**/checkout/saju-premium")
    words = {"ko": "자바스크립트가 필요해요", "en": "Paying needs JavaScript"}
    notice = buyer.page.locator("[data-toss] noscript p")
    expect(notice).to_contain_text(words[language])
    expect(notice).to_be_visible()
    # Neither a button that turns for ever nor empty room for what never comes.
    for waiting in ("button[data-pay]", "#toss-methods", "#toss-terms"):
        expect(buyer.page.locator(waiting)).to_be_hidden()
    buyer.page.locator("form[action='/language'] button").click()
    expect(notice).to_contain_text(words["en" if language == "ko" else "ko"])
    assert buyer.path == "/checkout/saju-premium"


def test_history_and_payment_are_read_and_paged(sqlite_shop: RunningShop, visit: Visit) -> None:
    orders = [sqlite_shop.create()["orderId"] for _ in range(22)]
    sqlite_shop.browse(None).back(sqlite_shop.authenticated())
    buyer = visit(sqlite_shop, phone=True, language="en", java_script_enabled=False)
    buyer.open("/payments")
    expect(buyer.page.locator("tbody td.what")).to_have_count(20)
    buyer.page.get_by_role("link", name="Older payments").click()
    expect(buyer.page.locator("tbody td.what")).to_have_count(3)
    buyer.page.locator(f"a[href='/payments/{orders[0]}']").click()
    buyer.sees("pending")
    buyer.page.get_by_role("button", name="Cancel the order").click()
    buyer.sees("canceled")
    buyer.open("/payments").page.locator("tbody td.what a").first.click()
    buyer.sees("completed")


def test_a_payment_being_checked_asks_again_by_itself(sqlite_shop: RunningShop, visit: Visit) -> None:
    brought = sqlite_shop.authenticated()
    sqlite_shop.sandbox.fault(call="confirm", then="reset")
    sqlite_shop.sandbox.fault(call="lookup", then="status", status=500, times=9)
    sqlite_shop.browse(None).back(brought)
    sqlite_shop.sandbox.clear_faults()
    buyer = visit(sqlite_shop, java_script_enabled=False)
    buyer.open(f"/payments/{brought['orderId']}").sees("confirming")
    sqlite_shop.advance(60)
    sqlite_shop.sweep()
    buyer.sees("completed")


def test_logging_out_and_in_again(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, java_script_enabled=False).open("/payments")
    buyer.reads("아직 결제 내역이 없어요")
    buyer.log_out()
    buyer.open("/payments")
    buyer.page.wait_for_url("**/login?**")
    buyer.log_in(BUYER)
    buyer.page.wait_for_url("**/payments")
