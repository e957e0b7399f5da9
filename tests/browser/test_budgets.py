"""What a page may cost: bytes of ours, queries, and movement under the reader's eyes."""

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Response, Route, expect
from sqlalchemy import event, text

from tests.browser.conftest import Visit
from tests.browser.stripe_buyer import StripeBuyer
from tests.shop_server import BUYER, PRODUCT, Browsing, RunningShop

CHECKOUT_BYTES = 60_000
LAYOUT_SHIFT = 0.02

_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.parametrize("page", ["checkout", "checkout at Stripe", "payment"])
def test_a_page_of_ours_stays_small(
    sqlite_shop: RunningShop, visit: Visit, page: str, record_property: Callable[[str, object], None]
) -> None:
    buyer = visit(sqlite_shop, phone=True)
    answers: list[Response] = []
    buyer.page.on("response", lambda answer: answers.append(answer))
    if page == "checkout":
        buyer.checkout()
    elif page == "checkout at Stripe":
        StripeBuyer(buyer).checkout()
    else:
        brought = sqlite_shop.authenticated()
        sqlite_shop.browse(None).back(brought)
        buyer.open(f"/payments/{brought['orderId']}").page.wait_for_load_state("networkidle")
    ours = {a.url: a for a in answers if a.url.startswith(sqlite_shop.origin) and a.status == 200}
    sizes = {urlsplit(url).path: len(gzip.compress(answer.body())) for url, answer in ours.items()}
    assert len(sizes) > 6, sizes  # the page and its files were seen
    total = sum(sizes.values())
    record_property("bytes", total)
    print(f"{page}: {total} bytes compressed", dict(sorted(sizes.items(), key=lambda each: -each[1])))  # noqa: T201
    assert total < CHECKOUT_BYTES


@pytest.mark.parametrize("phone", [False, True])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_nothing_moves_while_toss_s_part_loads(
    sqlite_shop: RunningShop, visit: Visit, phone: bool, language: str
) -> None:
    buyer = visit(sqlite_shop, phone=phone, language=language)
    buyer.page.add_init_script(_SHIFTS)
    buyer.open(f"/checkout/{PRODUCT}")
    buyer.on_checkout()
    buyer.page.wait_for_timeout(300)
    assert buyer.page.evaluate("shifted") <= LAYOUT_SHIFT


@pytest.mark.parametrize("phone", [False, True])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_nothing_moves_while_stripe_s_part_loads(
    sqlite_shop: RunningShop, visit: Visit, phone: bool, language: str
) -> None:
    buyer = visit(sqlite_shop, phone=phone, language=language)
    buyer.page.add_init_script(_SHIFTS)
    held: list[Route] = []
    buyer.page.route("**/endive/stripe.js", lambda route: held.append(route))
    buyer.page.goto(f"{sqlite_shop.origin}/checkout/{PRODUCT}?currency=USD", wait_until="domcontentloaded")
    button = buyer.page.locator("button[data-pay]")
    expect(buyer.page.locator(".stripe-element")).not_to_have_css("min-height", "0px")
    before = button.bounding_box()
    buyer.until(lambda: held)
    for route in held:
        route.continue_()
    StripeBuyer(buyer).on_checkout()
    buyer.page.wait_for_timeout(300)
    assert buyer.page.evaluate("shifted") <= LAYOUT_SHIFT
    assert button.bounding_box() == before


@contextmanager
def _queries(shop: RunningShop) -> Iterator[list[str]]:
    """The statements of the shop's database while the block runs, without those that only steer SQLite."""
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN", "COMMIT")):
            seen.append(statement)

    engine = shop.context.sessions.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _cost(shop: RunningShop, buyer: Browsing, path: str) -> list[str]:
    with _queries(shop) as seen:
        answer = buyer.get(path)
    assert answer.status_code == 200, answer.text
    assert seen, "no query was seen"
    return list(seen)


def test_history_asks_as_much_for_forty_orders_as_for_one(sqlite_shop: RunningShop) -> None:
    buyer = sqlite_shop.browse()
    sqlite_shop.create()
    one = _cost(sqlite_shop, buyer, "/payments")
    for _ in range(39):
        sqlite_shop.create()
    assert _cost(sqlite_shop, buyer, "/payments") == one


def test_a_payment_asks_as_much_for_five_attempts_as_for_one(sqlite_shop: RunningShop) -> None:
    buyer = sqlite_shop.browse()
    order_id, _ = buyer.checkout()
    path = f"/payments/{order_id}"
    one = _cost(sqlite_shop, buyer, path)
    for _ in range(4):
        again = buyer.submit(path, f"{path}/tries")
        assert buyer.get(again.headers["Location"]).status_code == 200
    assert len(sqlite_shop.payments(order_id)) == 5
    assert len(_cost(sqlite_shop, buyer, path)) == len(one)


def test_the_catalogue_asks_as_much_for_thirty_products_as_for_two(sqlite_shop: RunningShop) -> None:
    stranger = sqlite_shop.browse(None)
    two = _cost(sqlite_shop, stranger, "/")
    _stock_up(sqlite_shop, 28)
    assert stranger.get("/").text.count('class="card product"') == 30
    assert _cost(sqlite_shop, stranger, "/") == two


def test_checkout_asks_as_much_for_the_tenth_visit_as_for_the_second(sqlite_shop: RunningShop) -> None:
    buyer = sqlite_shop.browse(BUYER)
    buyer.checkout()
    second = _cost(sqlite_shop, buyer, f"/checkout/{PRODUCT}")
    for _ in range(8):
        last = _cost(sqlite_shop, buyer, f"/checkout/{PRODUCT}")
    assert last == second


def _stock_up(shop: RunningShop, count: int) -> None:
    """Copies of a product, its texts and its prices, under other ids."""
    with shop.db() as session:
        for table, key in (("products", "id"), ("product_texts", "product_id"), ("product_prices", "product_id")):
            names = [row[1] for row in session.execute(text(f"PRAGMA table_info({table})"))]
            chosen = ", ".join(f":copy || {name}" if name == key else name for name in names)
            for number in range(count):
                insert = f"INSERT INTO {table} SELECT {chosen} FROM {table} WHERE {key} = :product"
                session.execute(text(insert), {"copy": f"copy-{number}-", "product": PRODUCT})
