"""A session that ends while a page is open: the log-in comes, then the page, with what was typed."""

import pytest
import requests
from playwright.sync_api import Route, expect

from tests.browser.conftest import Visit
from tests.shop_server import BUYER, PASSWORD, RunningShop


@pytest.mark.parametrize("phone, language", [(False, "en"), (True, "ko")])
@pytest.mark.parametrize("scripts", [True, False])
def test_a_log_out_in_another_tab_costs_one_press(
    sqlite_shop: RunningShop, visit: Visit, phone: bool, language: str, scripts: bool
) -> None:
    order_id = sqlite_shop.create()["orderId"]
    buyer = visit(sqlite_shop, phone=phone, language=language, java_script_enabled=scripts)
    buyer.open(f"/payments/{order_id}").sees("pending")
    buyer.new_tab().open("/account").log_out()
    buyer.page.bring_to_front()
    cancel = buyer.page.locator(f"form[action='/payments/{order_id}/cancel'] button")
    cancel.click()
    buyer.page.wait_for_url("**/login?**")
    buyer.reads({"en": "Nothing was changed.", "ko": "바뀐 것은 없어요."}[language])
    assert sqlite_shop.order(order_id)["status"] == "pending"
    buyer.log_in(BUYER)
    buyer.page.wait_for_url(f"**/payments/{order_id}*")
    buyer.reads({"en": "press the button once more", "ko": "버튼을 한 번 더 눌러 주세요"}[language])
    cancel.click()
    buyer.sees("canceled")
    expect(buyer.page.locator("#unsent")).to_have_count(0)


def test_a_log_in_page_that_was_open_too_long_comes_back_filled(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, language="en", email=None, currency=None).open("/login?next=/payments")
    buyer.page.context.clear_cookies()
    buyer.log_in(BUYER)
    buyer.reads("Not sent yet", "What you typed is still here, except passwords")
    expect(buyer.page.locator("input[name=email]")).to_have_value(BUYER)
    expect(buyer.page.locator("input[name=password]")).to_have_value("")
    expect(buyer.page.locator("#unsent")).to_be_in_viewport()
    buyer.page.locator("input[name=password]").fill(PASSWORD)
    buyer.page.locator("main form button[type=submit]").click()
    buyer.page.wait_for_url("**/payments")


def test_a_browser_without_cookies_is_told_why_no_form_goes_through(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, language="en", email=None, currency=None)

    def without(route: Route) -> None:
        asked = route.request
        headers = {name: value for name, value in asked.headers.items() if name != "cookie"}
        answer = requests.request(
            asked.method, asked.url, data=asked.post_data, headers=headers, allow_redirects=False, timeout=30
        )
        kept = {name: value for name, value in answer.headers.items() if name.lower() != "set-cookie"}
        route.fulfill(status=answer.status_code, headers=kept, body=answer.content)

    buyer.page.route(f"{sqlite_shop.origin}/login*", without)
    buyer.open("/login")
    expect(buyer.page.locator("#unsent")).to_be_hidden()
    buyer.log_in(BUYER)
    expect(buyer.page.locator("#unsent")).to_contain_text("Your browser keeps no cookies")


def test_the_history_asked_for_more_leads_through_the_log_in_back_to_itself(
    sqlite_shop: RunningShop, visit: Visit
) -> None:
    for _ in range(22):
        sqlite_shop.create()
    buyer = visit(sqlite_shop, language="en").open("/payments")
    buyer.new_tab().open("/").log_out()
    buyer.page.bring_to_front()
    buyer.page.get_by_role("link", name="Older payments").click()
    buyer.page.wait_for_url("**/login?next=/payments")
    buyer.log_in(BUYER)
    buyer.page.wait_for_url("**/payments")
    expect(buyer.page.locator("tbody td.what")).to_have_count(20)
