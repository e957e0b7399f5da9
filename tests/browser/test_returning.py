"""The way back: again, twice at once, too late, changed, or without the buyer who left."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.buyer import PAID, SILENT, Buyer, HeldReturn
from tests.browser.conftest import Visit
from tests.conftest import MakeShop
from tests.sandbox.toss_client import TossClient
from tests.shop_server import BUYER, PRICE, RunningShop


def _confirms(shop: RunningShop) -> int:
    return len(shop.sandbox.calls("confirm"))


def _work_until(buyer: Buyer, order_id: str, status: str) -> None:
    """Work on what arrives until the order has come to this status."""

    def worked() -> bool:
        buyer.shop.work()
        return bool(buyer.shop.order(order_id)["status"] == status)

    buyer.until(worked)


def _pay_but_do_not_arrive(buyer: Buyer) -> tuple[str, str]:
    """Through the window with a good card, stopped on the way back: the order, and the address of the way back."""
    order_id = buyer.checkout()
    held = HeldReturn(buyer)
    buyer.pay(PAID)
    return order_id, held.drop()


def test_a_success_page_reloaded_twenty_times_confirms_once(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop)
    _, back = _pay_but_do_not_arrive(buyer)
    for _ in range(20):
        buyer.page.goto(back)
        buyer.sees("completed")
    assert _confirms(sqlite_shop) == 1
    sqlite_shop.work()
    assert [mail["template"] for mail in sqlite_shop.mails()] == ["receipt"]


def test_a_success_page_opened_in_two_tabs_at_once_confirms_once(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop)
    _, back = _pay_but_do_not_arrive(buyer)
    sqlite_shop.sandbox.fault(call="confirm", then="delay", delay_s=1)
    tabs = [buyer.new_tab(), buyer.new_tab()]
    for tab in tabs:
        tab.page.evaluate("address => { setTimeout(() => location.assign(address), 0); }", back)
    for tab in tabs:
        tab.page.wait_for_url("**/payments/ord_*")
        tab.sees("completed")
    assert _confirms(sqlite_shop) == 1


@pytest.mark.parametrize("phone", [False, True])
def test_the_back_button_after_paying_does_not_sell_twice(sqlite_shop: RunningShop, visit: Visit, phone: bool) -> None:
    buyer = visit(sqlite_shop, phone=phone)
    order_id = buyer.checkout()
    buyer.pay(PAID)
    buyer.sees("completed")
    if phone:
        buyer.watch.expect(409)  # the used window, at Toss
        buyer.page.go_back()
        expect(buyer.page.locator("main")).to_contain_text("이미 끝난 결제창이에요")
    buyer.page.go_back()
    buyer.page.wait_for_url("**/checkout/**")
    buyer.reads("방금 구매한 상품이에요", "다시 결제하지 않으셔도 돼요")
    expect(buyer.page.locator("button[data-pay]")).to_have_count(0)
    buyer.page.locator(f"a[href='/payments/{order_id}']").click()
    buyer.sees("completed")
    assert len(sqlite_shop.rows("SELECT id FROM orders")) == 1
    assert _confirms(sqlite_shop) == 1


def test_whoever_wants_another_one_gets_another_order(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, language="en")
    first = buyer.checkout()
    buyer.pay(PAID)
    buyer.sees("completed")
    buyer.open("/checkout/saju-premium").reads("You bought this just now")
    buyer.page.get_by_role("link", name="Buy another one").click()
    second = buyer.on_checkout()
    assert second != first
    buyer.pay(PAID)
    buyer.sees("completed")
    assert [row["captured"] for row in sqlite_shop.sandbox.ledger()["payments"]] == [PRICE, PRICE]


def test_a_webhook_before_the_redirect_pays_without_a_confirm_of_ours(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop)
    order_id = buyer.checkout()
    held = HeldReturn(buyer)
    buyer.pay(PAID)
    assert held.address
    taken = sqlite_shop.sandbox.ledger()["payments"][-1]
    with TossClient(sqlite_shop.sandbox.origin) as elsewhere:
        asked = {"paymentKey": taken["provider_ref"], "orderId": order_id, "amount": PRICE}
        assert elsewhere.confirm(asked).status_code == 200
    sqlite_shop.sandbox.wait_deliveries(1)
    sqlite_shop.work()
    assert sqlite_shop.order(order_id)["status"] == "completed"
    held.release()
    buyer.sees("completed")
    assert _confirms(sqlite_shop) == 1


def test_a_webhook_pays_for_a_buyer_who_closed_the_tab_while_confirm_hangs(
    make_shop: MakeShop, sqlite_url: str, visit: Visit
) -> None:
    shop = make_shop(sqlite_url)
    buyer = visit(shop)
    order_id = buyer.checkout()
    buyer.pay(SILENT)  # charged; the answer never comes
    buyer.until(lambda: shop.sandbox.ledger()["deliveries"])
    buyer.page.close()
    shop.work()
    assert shop.sandbox.calls("confirm")[0]["status"] is None
    assert shop.order(order_id)["status"] == "completed"
    later = visit(shop)
    later.open(f"/payments/{order_id}").sees("completed")
    assert _confirms(shop) == 1


def test_a_redirect_pays_though_no_webhook_ever_comes(sqlite_shop: RunningShop, visit: Visit) -> None:
    sqlite_shop.sandbox.set_webhook(None)
    buyer = visit(sqlite_shop, phone=True)
    buyer.checkout()
    buyer.pay(PAID)
    buyer.sees("completed")
    assert sqlite_shop.rows("SELECT * FROM webhook_events") == []


@pytest.mark.parametrize("amount", ["1", "130000"])
def test_an_amount_changed_in_the_address_takes_nothing(sqlite_shop: RunningShop, visit: Visit, amount: str) -> None:
    buyer = visit(sqlite_shop)
    order_id, back = _pay_but_do_not_arrive(buyer)
    buyer.watch.expect(409)
    buyer.page.goto(back.replace(f"amount={PRICE}", f"amount={amount}"))
    buyer.reads("금액이 주문과 달라요", order_id)
    expect(buyer.page).to_have_title(re.compile("^금액이 주문과 달라요 · "))
    assert _confirms(sqlite_shop) == 0
    assert sqlite_shop.order(order_id)["status"] == "pending"
    assert [row["captured"] for row in sqlite_shop.sandbox.ledger()["payments"]] == [0]
    # The genuine address still works.
    buyer.page.goto(back)
    buyer.sees("completed")


def test_a_log_out_in_mid_payment_costs_nothing_and_names_nobody(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop)
    order_id = buyer.checkout()
    buyer.press_pay()
    buyer.new_tab().open("/").log_out()
    buyer.enter_card(PAID)
    buyer.page.wait_for_url(f"**/payments/{order_id}")
    buyer.reads("결제가 완료됐어요", order_id, "13,000원")
    for hers in (BUYER, "사주"):
        expect(buyer.page.locator("main")).not_to_contain_text(hers)
    assert sqlite_shop.order(order_id)["status"] == "completed"
    buyer.page.locator("main a[href^='/login']").click()
    buyer.log_in(BUYER)
    buyer.sees("completed")
    assert buyer.order_id == order_id


def test_a_refunded_payment_keeps_its_receipt_and_not_the_bought_thing(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, language="en")
    order_id = buyer.checkout()
    buyer.pay(PAID)
    buyer.sees("completed")
    bought, receipt = (buyer.page.get_by_role("link", name=name) for name in ("Open what you bought", "Receipt"))
    expect(bought).to_be_visible()
    taken = sqlite_shop.sandbox.ledger()["payments"][0]
    for amount, status, links in ((1000, "partially_refunded", 1), (PRICE - 1000, "refunded", 0)):
        sqlite_shop.sandbox.dashboard_cancel(payment_key=taken["provider_ref"], amount=amount)
        _work_until(buyer, order_id, status)
        buyer.page.reload()
        buyer.sees(status)
        expect(bought).to_have_count(links)
        expect(receipt).to_be_visible()
