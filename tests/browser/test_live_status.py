"""A page that waits for an answer: it changes where it stands, says so to everybody, and stops asking when it knows."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Request, expect

from tests.browser.conftest import Visit
from tests.shop_server import RunningShop

DAY_S = 86_400


def being_checked(shop: RunningShop) -> str:
    """An order whose confirm went unanswered."""
    created = shop.create()
    shop.sandbox.mute()
    shop.sandbox.fault(call="confirm", then="reset")
    shop.sandbox.fault(call="lookup", then="status", status=500, times=9)
    shop.browse(None).back(shop.authenticated(created))
    shop.sandbox.clear_faults()
    return str(created["orderId"])


def with_an_account(shop: RunningShop) -> str:
    """An order that waits for its deposit."""
    created = shop.create()
    shop.browse(None).back(shop.authenticated(created, method="VIRTUAL_ACCOUNT"))
    return str(created["orderId"])


@pytest.mark.parametrize("waiting", ["confirming", "awaiting_deposit"])
def test_the_page_changes_in_place_tells_the_tab_and_stops_asking(
    sqlite_shop: RunningShop, visit: Visit, waiting: str
) -> None:
    order_id = (being_checked if waiting == "confirming" else with_an_account)(sqlite_shop)
    buyer = visit(sqlite_shop)
    page = buyer.page
    page.clock.install()
    buyer.open(f"/payments/{order_id}").sees(waiting)
    before = page.title()
    assert before.startswith({"confirming": "확인 중", "awaiting_deposit": "입금 대기"}[waiting])
    # A screen reader reads what changes inside a region that it knows: the region itself has to stay.
    page.locator("#payment > [role=status]").evaluate("region => { region.known = true; }")
    loads, asked = list[str](), list[str]()
    page.on("domcontentloaded", lambda page: loads.append(page.url))
    page.on("request", lambda request: _note(request, asked))

    if waiting == "confirming":
        sqlite_shop.advance(60)
        sqlite_shop.sweep()
    else:
        sqlite_shop.sandbox.deposit(order_id=order_id)
        buyer.until(lambda: (sqlite_shop.work(), sqlite_shop.order(order_id)["status"] == "completed")[1])
    page.clock.fast_forward(20_000)
    buyer.sees("completed")

    expect(page).to_have_title(f"결제 완료 · 사주팔자 프리미엄 해석 · {sqlite_shop.wiring.settings.shop_name}")
    region = page.locator("#payment > [role=status]")
    expect(region).to_contain_text("결제가 완료됐어요")
    assert region.evaluate("region => region.known") is True
    assert loads == []
    assert asked, "it asked"
    asked.clear()
    for _ in range(4):
        page.clock.fast_forward(60_000)
        page.wait_for_timeout(100)
    assert asked == [], "nothing is left to ask"


def _note(request: Request, asked: list[str]) -> None:
    if urlsplit(request.url).path.startswith("/payments/"):
        asked.append(request.url)


def test_the_time_left_is_told_anew_while_the_page_is_open(sqlite_shop: RunningShop, visit: Visit) -> None:
    order_id = with_an_account(sqlite_shop)
    buyer = visit(sqlite_shop, language="en")
    buyer.page.clock.install()
    buyer.open(f"/payments/{order_id}").reads("days left")
    sqlite_shop.clock.advance(6 * DAY_S)
    buyer.page.clock.fast_forward(20_000)
    expect(buyer.page.locator(".deposit .left")).to_contain_text("hours left")


def test_coming_back_with_the_back_button_shows_what_is_true_now(sqlite_shop: RunningShop, visit: Visit) -> None:
    order_id = with_an_account(sqlite_shop)
    buyer = visit(sqlite_shop)
    buyer.open(f"/payments/{order_id}").sees("awaiting_deposit")
    buyer.page.locator("header a.shop").click()
    buyer.page.wait_for_url(f"{sqlite_shop.origin}/")
    sqlite_shop.sandbox.deposit(order_id=order_id)
    buyer.until(lambda: (sqlite_shop.work(), sqlite_shop.order(order_id)["status"] == "completed")[1])
    buyer.page.go_back()
    buyer.sees("completed")


def test_a_hung_up_line_does_not_end_the_asking(sqlite_shop: RunningShop, visit: Visit) -> None:
    order_id = being_checked(sqlite_shop)
    buyer = visit(sqlite_shop)
    for accident in ("ERR_INTERNET_DISCONNECTED", "Failed to fetch"):
        buyer.watch.allow(accident)
    buyer.page.clock.install()
    buyer.open(f"/payments/{order_id}").sees("confirming")
    buyer.page.context.set_offline(True)
    buyer.page.clock.fast_forward(5_000)
    buyer.page.wait_for_timeout(200)
    buyer.page.context.set_offline(False)
    sqlite_shop.advance(60)
    sqlite_shop.sweep()
    buyer.page.clock.fast_forward(10_000)
    buyer.sees("completed")
