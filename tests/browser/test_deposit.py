"""A virtual account: instructions on the page, the money a day later, the page that changes by itself."""

import pytest
from playwright.sync_api import expect

from tests.browser.buyer import Buyer
from tests.browser.conftest import Visit
from tests.shop_server import PRICE, RunningShop

DAY_S = 86_400


def _order_an_account(buyer: Buyer) -> str:
    order_id = buyer.checkout()
    buyer.choose("VIRTUAL_ACCOUNT")
    buyer.press_pay()
    buyer.take_account()
    buyer.sees("awaiting_deposit")
    return order_id


@pytest.mark.parametrize("phone, language", [(False, "ko"), (True, "en")])
def test_paid_a_day_later_the_open_page_changes_by_itself(
    sqlite_shop: RunningShop, visit: Visit, phone: bool, language: str
) -> None:
    buyer = visit(sqlite_shop, phone=phone, language=language)
    order_id = _order_an_account(buyer)
    assert sqlite_shop.sandbox.ledger()["payments"][0]["captured"] == 0

    buyer.page.clock.install()
    buyer.page.reload()
    sqlite_shop.advance(DAY_S)
    sqlite_shop.sandbox.deposit(order_id=order_id)
    sqlite_shop.sandbox.wait_deliveries(2)
    sqlite_shop.work()
    assert sqlite_shop.order(order_id)["status"] == "completed"
    buyer.page.clock.fast_forward(20_000)  # the page asks every quarter of a minute
    buyer.sees("completed")
    buyer.reads({"ko": "결제가 완료됐어요", "en": "Your payment is complete"}[language])
    assert [row["captured"] for row in sqlite_shop.sandbox.ledger()["payments"]] == [PRICE]
    assert [mail["template"] for mail in sqlite_shop.mails()] == ["deposit", "receipt"]


def test_the_instructions_say_what_to_send_where_and_can_be_copied(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, permissions=["clipboard-read", "clipboard-write"])
    _order_an_account(buyer)
    shown = buyer.page.locator(".deposit .code").inner_text()
    buyer.reads("아래 계좌로 입금해 주세요", "13,000원", "입금 기한")
    button = buyer.page.locator("button[data-copy]")
    button.click()
    expect(button).to_contain_text("복사했어요")
    assert buyer.page.evaluate("navigator.clipboard.readText()") == shown
    expect(button).to_contain_text("복사 계좌번호")


def test_an_open_account_is_shown_before_another_is_ordered(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, phone=True, language="en")
    order_id = _order_an_account(buyer)
    buyer.open("/checkout/saju-premium").reads("your deposit is still open")
    expect(buyer.page.locator("button[data-pay]")).to_have_count(0)
    buyer.page.get_by_role("link", name="See that order").click()
    buyer.sees("awaiting_deposit")
    assert buyer.order_id == order_id


def test_a_deposit_that_never_comes_ends_the_order(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop)
    order_id = _order_an_account(buyer)
    sqlite_shop.advance(8 * DAY_S)
    sqlite_shop.settle_down(hours=2)
    assert sqlite_shop.order(order_id)["status"] == "pending"
    buyer.page.reload()
    buyer.reads("입금 기한이 지났어요", "이 주문은 아직 결제할 수 있어요")
