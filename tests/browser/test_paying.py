"""Buying with the widget: what the card says, what the window does, and what the buyer reads."""

import pytest
from playwright.sync_api import expect

from tests.browser.buyer import (
    BROKEN,
    CLOSED,
    DECLINED,
    NO_FUNDS,
    PAID,
    REJECTED,
    SILENT,
    THREE_D,
    WINDOW,
    Buyer,
)
from tests.browser.conftest import Visit
from tests.conftest import MakeShop
from tests.shop_server import BUYER, PRICE, RunningShop


def is_sold_once(shop: RunningShop, order_id: str) -> None:
    """Toss took the price once, and our books say the same."""
    taken = [row for row in shop.sandbox.ledger()["payments"] if row["captured"]]
    assert [(row["captured"], row["status"]) for row in taken] == [(PRICE, "DONE")]
    assert shop.order(order_id)["status"] == "completed"


def is_not_sold(shop: RunningShop, order_id: str) -> None:
    """Nothing was taken, and the order can still be paid."""
    assert [row for row in shop.sandbox.ledger()["payments"] if row["captured"]] == []
    assert shop.order(order_id)["status"] == "pending"


def sent_ids(shop: RunningShop) -> list[str]:
    """The order ids under which Toss opened payments, oldest first."""
    return [row["order_ref"] for row in shop.sandbox.ledger()["payments"]]


@pytest.mark.parametrize("phone, language", [(False, "ko"), (True, "en")])
def test_a_stranger_logs_in_and_pays(sqlite_shop: RunningShop, visit: Visit, phone: bool, language: str) -> None:
    buyer = visit(sqlite_shop, phone=phone, language=language, email=None)
    buyer.open("/").page.locator("a[href='/checkout/saju-premium']").click()
    buyer.log_in(BUYER)
    sent = buyer.on_checkout()
    buyer.pay(PAID)
    buyer.sees("completed")
    buyer.reads(*{"ko": ("결제가 완료됐어요", "13,000원"), "en": ("Your payment is complete", "₩13,000")}[language])
    assert buyer.order_id == sent
    is_sold_once(sqlite_shop, buyer.order_id)
    buyer.open("/payments").page.locator(f"a[href='/payments/{sent}']").wait_for()


@pytest.mark.parametrize(
    "card, phone, language, words",
    [
        (DECLINED, False, "ko", ("결제가 승인되지 않았어요", "이 주문으로 결제된 금액은 없어요.")),
        (NO_FUNDS, True, "en", ("The balance is too low", "Nothing was charged for this order.")),
    ],
)
def test_declined_at_confirm_then_paid_with_another_card(
    sqlite_shop: RunningShop, visit: Visit, card: str, phone: bool, language: str, words: tuple[str, ...]
) -> None:
    buyer = visit(sqlite_shop, phone=phone, language=language)
    order_id = buyer.checkout()
    buyer.pay(card)
    buyer.sees("pending")
    buyer.reads(*words)
    is_not_sold(sqlite_shop, order_id)

    buyer.page.locator("main a.button[href*='/checkout/']").click()
    buyer.reads(words[0])
    assert buyer.on_checkout() == f"{order_id}-2"
    buyer.pay(PAID)
    buyer.sees("completed")
    assert buyer.order_id == order_id
    is_sold_once(sqlite_shop, order_id)
    assert sent_ids(sqlite_shop) == [order_id, f"{order_id}-2"]


@pytest.mark.parametrize("phone, language, title", [(False, "en", "not approved"), (True, "ko", "승인되지 않았어요")])
def test_rejected_in_the_window_then_paid(
    sqlite_shop: RunningShop, visit: Visit, phone: bool, language: str, title: str
) -> None:
    buyer = visit(sqlite_shop, phone=phone, language=language)
    order_id = buyer.checkout()
    buyer.pay(REJECTED)
    buyer.page.wait_for_url("**/payment/fail?**")
    buyer.reads(title, order_id)
    is_not_sold(sqlite_shop, order_id)
    buyer.page.locator("form[action$='/tries'] button").click()
    assert buyer.on_checkout() == f"{order_id}-2"
    buyer.pay(PAID)
    buyer.sees("completed")
    is_sold_once(sqlite_shop, order_id)


def _three_d(buyer: Buyer, choice: str) -> str:
    order_id = buyer.checkout()
    buyer.pay(THREE_D)
    buyer.answer_3d(choice)
    return order_id


@pytest.mark.parametrize("phone", [False, True])
def test_the_3d_step_passed(sqlite_shop: RunningShop, visit: Visit, phone: bool) -> None:
    buyer = visit(sqlite_shop, phone=phone)
    order_id = _three_d(buyer, "pass")
    buyer.sees("completed")
    is_sold_once(sqlite_shop, order_id)


@pytest.mark.parametrize("phone", [False, True])
def test_the_3d_step_failed(sqlite_shop: RunningShop, visit: Visit, phone: bool) -> None:
    buyer = visit(sqlite_shop, phone=phone, language="en")
    order_id = _three_d(buyer, "fail")
    buyer.page.wait_for_url("**/payment/fail?code=PAY_PROCESS_ABORTED**")
    buyer.reads(order_id, "Try again")
    is_not_sold(sqlite_shop, order_id)


@pytest.mark.parametrize("card", [THREE_D, CLOSED, None])
def test_a_window_closed_on_a_computer_leaves_a_quiet_word(
    sqlite_shop: RunningShop, visit: Visit, card: str | None
) -> None:
    buyer = visit(sqlite_shop)
    order_id = buyer.checkout()
    window = buyer.press_pay()
    if card is None:
        buyer.press(window.locator("button[value=close]"))
    else:
        buyer.enter_card(card)
        if card == THREE_D:
            buyer.answer_3d("abandon")
    expect(buyer.page.locator(WINDOW)).to_have_count(0)
    expect(buyer.page.locator("[data-toss] [role=status]")).to_have_text("결제창을 닫았어요. 결제된 금액은 없어요.")
    expect(buyer.page.locator("[data-toss] [role=alert]")).to_be_empty()
    is_not_sold(sqlite_shop, order_id)
    buyer.pay(PAID)
    buyer.sees("completed")
    is_sold_once(sqlite_shop, order_id)


@pytest.mark.parametrize("card", [THREE_D, None])
def test_a_window_closed_on_a_phone_comes_back_without_an_order_id(
    sqlite_shop: RunningShop, visit: Visit, card: str | None
) -> None:
    buyer = visit(sqlite_shop, phone=True)
    order_id = buyer.checkout()
    window = buyer.press_pay()
    if card is None:
        buyer.press(window.locator("button[value=close]"))
    else:
        buyer.enter_card(card)
        buyer.answer_3d("abandon")
    buyer.page.wait_for_url("**/payment/fail?code=PAY_PROCESS_CANCELED**")
    assert "orderId" not in buyer.page.url
    buyer.reads("결제를 중단했어요", order_id)
    is_not_sold(sqlite_shop, order_id)
    buyer.page.locator("form[action$='/tries'] button").click()
    buyer.on_checkout()
    buyer.pay(PAID)
    buyer.sees("completed")
    is_sold_once(sqlite_shop, order_id)


def test_easy_pay_and_bank_transfer_are_ways_to_pay(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, language="en")
    for method, step, word in (("TOSSPAY", "easy", "Easy pay"), ("TRANSFER", "transfer", "Bank transfer")):
        buyer.checkout("/checkout/saju-premium?again=1")
        buyer.choose(method)
        buyer.press(buyer.press_pay().locator(f"button[value={step}]"))
        buyer.sees("completed")
        buyer.reads(word)


def test_charged_without_an_answer_is_checked_and_resolves_by_itself(
    make_shop: MakeShop, sqlite_url: str, visit: Visit
) -> None:
    shop = make_shop(sqlite_url, LANDING_WAIT_S="0.3")
    buyer = visit(shop)
    buyer.checkout()
    buyer.pay(SILENT)
    buyer.sees("confirming")
    buyer.reads("결제를 확인하고 있어요", "다시 결제하지 말아 주세요")
    expect(buyer.page.locator("main a[href*='/checkout/'], main form")).to_have_count(0)
    with shop.working():
        buyer.sees("completed", within_s=30)
    is_sold_once(shop, buyer.order_id)
    assert len(shop.sandbox.calls("confirm")) == 1


def test_charged_and_answered_with_an_error_is_looked_up_at_once(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, phone=True)
    buyer.checkout()
    buyer.pay(BROKEN)
    buyer.sees("completed")
    is_sold_once(sqlite_shop, buyer.order_id)
    assert [call["status"] for call in sqlite_shop.sandbox.calls("confirm")] == [500]
