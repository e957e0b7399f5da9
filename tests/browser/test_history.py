"""The history with scripts on: older payments join the list, and the keyboard finds its way."""

from playwright.sync_api import Route, expect

from tests.browser.conftest import Visit
from tests.browser.measures import LARGE_LETTERS, narrow_faults
from tests.shop_server import RunningShop


def test_older_payments_join_the_list_without_leaving_the_page(sqlite_shop: RunningShop, visit: Visit) -> None:
    orders = [sqlite_shop.create()["orderId"] for _ in range(45)]
    buyer = visit(sqlite_shop, phone=True).open("/payments")
    rows, more = buyer.page.locator("tbody td.what"), buyer.page.get_by_role("link", name="이전 결제 더 보기")
    loads: list[str] = []
    buyer.page.on("domcontentloaded", lambda page: loads.append(page.url))
    for shown in (20, 40):
        expect(rows).to_have_count(shown)
        more.click()
    expect(rows).to_have_count(45)
    expect(more).to_have_count(0)
    assert loads == []
    # The first page has told the server what clock this browser lives by.
    zone = buyer.page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    (told,) = [cookie for cookie in buyer.page.context.cookies() if cookie["name"] == "zone"]
    assert (told["value"], told["sameSite"]) == (zone, "Lax")
    links = rows.locator("a").evaluate_all("links => links.map((link) => link.getAttribute('href'))")
    assert links == [f"/payments/{order_id}" for order_id in reversed(orders)]


def test_the_keyboard_skips_to_the_content_and_buys(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, language="en").open("/")
    keyboard = buyer.page.keyboard
    keyboard.press("Tab")
    expect(buyer.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    keyboard.press("Enter")
    for currency in ("KRW", "USD", "EUR", "JPY"):
        keyboard.press("Tab")
        expect(buyer.page.get_by_role("button", name=currency)).to_be_focused()
    keyboard.press("Tab")
    expect(buyer.page.get_by_role("link", name="Premium Four Pillars Reading", exact=True)).to_be_focused()
    keyboard.press("Tab")
    expect(buyer.page.get_by_role("link", name="Buy Premium Four Pillars Reading")).to_be_focused()
    keyboard.press("Enter")
    buyer.page.wait_for_url("**/checkout/saju-premium")
    buyer.on_checkout()
    buyer.page.locator("button[data-pay]").focus()
    keyboard.press("Enter")
    buyer.window.locator("button.pay").wait_for()


def test_filters_change_the_list_in_place_and_stay_in_the_address(sqlite_shop: RunningShop, visit: Visit) -> None:
    paid, open_ = sqlite_shop.create()["orderId"], sqlite_shop.create()["orderId"]
    sqlite_shop.rows("UPDATE orders SET status = 'completed' WHERE public_id = :o RETURNING id", o=paid)
    buyer = visit(sqlite_shop).open("/payments")
    rows, loads = buyer.page.locator("tbody td.what a"), list[str]()
    buyer.page.on("domcontentloaded", lambda page: loads.append(page.url))
    group = buyer.page.get_by_role("link", name="구매", exact=True)
    group.focus()
    buyer.page.keyboard.press("Enter")

    expect(rows).to_have_count(1)
    expect(rows).to_have_attribute("href", f"/payments/{paid}")
    expect(group).to_be_focused()
    expect(group).to_have_attribute("aria-current", "true")
    assert buyer.page.url.endswith("/payments?group=paid")
    box = buyer.page.get_by_role("searchbox")
    box.fill("없는 상품")
    box.press("Enter")
    expect(rows).to_have_count(0)
    expect(buyer.page.locator("#history [role=status]")).to_contain_text("해당하는 내역이 없어요")
    assert "q=" in buyer.page.url
    assert loads == []
    buyer.page.reload()
    expect(box).to_have_value("없는 상품")
    buyer.page.get_by_role("link", name="전체 보기").click()
    expect(rows).to_have_count(2)
    expect(rows.first).to_have_attribute("href", f"/payments/{open_}")


def test_of_two_quick_presses_the_last_one_counts(sqlite_shop: RunningShop, visit: Visit) -> None:
    order_id = sqlite_shop.create()["orderId"]
    buyer = visit(sqlite_shop).open("/payments")
    held: list[Route] = []
    buyer.page.route("**/payments?group=paid", lambda route: held.append(route))
    buyer.page.get_by_role("link", name="구매", exact=True).click()
    buyer.until(lambda: held)
    box = buyer.page.get_by_role("searchbox")
    with buyer.page.expect_event("requestfailed", lambda request: request.url.endswith("group=paid")):
        box.fill(order_id)
        box.press("Enter")
    expect(buyer.page.locator("#history [role=status]")).to_contain_text("결제 내역 1건")
    expect(buyer.page.get_by_role("link", name="전체", exact=True)).to_have_attribute("aria-current", "true")
    assert order_id in buyer.page.url


def test_letters_twice_as_large_hide_nothing_on_a_phone(sqlite_shop: RunningShop, visit: Visit) -> None:
    sqlite_shop.create()
    for language in ("ko", "en"):
        buyer = visit(sqlite_shop, phone=True, language=language)
        for path in ("/payments", "/"):
            buyer.open(path)
            assert narrow_faults(buyer.page, LARGE_LETTERS) == [], f"{language} {path}"
