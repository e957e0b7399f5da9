"""`OPEN_AMOUNTS`: a sum that the caller names, within the bounds that the merchant set, and never for a product."""

import re
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from tests.conftest import MakeShop
from tests.failures.purchase import wait_until
from tests.failures.races import at_once
from tests.shop_server import NAME, PRICE, PRODUCT, READING, RunningShop
from webapp.domain.failures import PaymentNotFound
from webapp.domain.identifiers import OPEN_AMOUNT
from webapp.services.health import vitals
from webapp.services.history import ordered_product
from webapp.services.open_amounts import make_stand_in
from webapp.services.stock import CatalogError, load_catalog

OPEN = {"OPEN_AMOUNTS": "KRW:1000-500000,USD:100-50000"}
EN = {"Accept-Language": "en"}
LESSON = "작명 상담 60분"


@pytest.fixture
def shop(make_shop: MakeShop, database_url: str) -> RunningShop:
    """A shop that takes sums of the caller's own, on each database."""
    return make_shop(database_url, **OPEN)


@pytest.fixture
def sqlite_shop(make_shop: MakeShop, sqlite_url: str) -> RunningShop:
    """The same, for what no database can change."""
    return make_shop(sqlite_url, **OPEN)


def refused(shop: RunningShop, provider: str, **body: Any) -> str:
    """The detail of a refusal that has left no order behind."""
    answer = shop.post(f"/payment/{provider}/create", body, token=shop.token())
    assert (answer.status_code, answer.json()["code"]) == (422, "PRICE_MISMATCH"), answer.text
    assert shop.rows("SELECT id FROM orders") == []
    assert shop.rows("SELECT id FROM products WHERE id = :p", p=OPEN_AMOUNT) == []
    return str(answer.json()["detail"])


def english(page: str) -> str:
    """A page's own text."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.partition("<main")[2]))


def test_a_sum_within_the_bounds_is_ordered_under_the_callers_name(shop: RunningShop) -> None:
    for amount in (1000, 500_000):
        created = shop.create(amount=amount, orderName=LESSON)
        order = shop.order(created["orderId"])

        assert (created["amount"], created["currency"], created["tossConfig"]["orderName"]) == (amount, "KRW", LESSON)
        assert (order["product_id"], order["product_name"], order["amount_minor"]) == (OPEN_AMOUNT, LESSON, amount)


def test_the_shape_of_the_answers_stays_the_guides(sqlite_shop: RunningShop) -> None:
    listed, own = sqlite_shop.create(), sqlite_shop.create(amount=1000, orderName=LESSON)
    listed_abroad, own_abroad = sqlite_shop.create_abroad(), sqlite_shop.create_abroad(amount=100, description="Lesson")

    assert set(own) == set(listed)
    assert set(own["tossConfig"]) == set(listed["tossConfig"])
    assert set(own_abroad) == set(listed_abroad)
    assert (own_abroad["amount"], own_abroad["currency"]) == (100, "USD")


def test_it_is_paid_and_told_like_any_other(shop: RunningShop) -> None:
    paid = shop.authenticated(shop.create(amount=1000, orderName=LESSON))
    answer = shop.post("/payment/toss/confirm", {name: paid[name] for name in ("paymentKey", "orderId", "amount")})
    shop.work()

    assert (answer.json()["payment"]["status"], answer.json()["payment"]["amount"]) == ("completed", 1000)
    (mail,) = (message_from_bytes(file.read_bytes(), policy=default) for file in shop.outbox.glob("*.eml"))
    assert LESSON in mail["Subject"]
    assert "1,000" in mail["Subject"]
    (told,) = shop.rows("SELECT body FROM fulfilments")
    assert OPEN_AMOUNT in str(told["body"])
    receipt = shop.browse().get(f"/payments/{paid['orderId']}/receipt").text
    assert LESSON in receipt
    assert "1,000" in receipt


def test_a_product_is_still_that_product(shop: RunningShop) -> None:
    assert shop.order(shop.create()["orderId"])["product_id"] == PRODUCT
    assert shop.order(shop.create(product=PRODUCT)["orderId"])["product_id"] == PRODUCT
    assert shop.order(shop.create_abroad()["orderId"])["product_id"] != OPEN_AMOUNT


def test_a_sum_outside_is_refused_and_told_the_bounds(sqlite_shop: RunningShop) -> None:
    for amount in (999, 500_001, 1, 10**15 - 1):
        assert "from 1000 to 500000 KRW" in refused(sqlite_shop, "toss", amount=amount, orderName=LESSON)


def test_a_currency_that_is_not_open_has_catalogue_prices_alone(sqlite_shop: RunningShop) -> None:
    detail = refused(sqlite_shop, "stripe", amount=1000, description="Lesson", currency="EUR")
    assert detail == "the name and the amount must be those of a product in the catalogue"


#: What a buyer could take for the product at a glance.
ALIKE = [
    NAME,
    READING,
    f" {READING.upper()}  ",
    READING.replace(" ", "  "),
    READING.replace(" ", ""),
    READING + ".",
    "P\u200bremium Fortune Reading",
    "Ｐremium Fortune Reading",
    unicodedata.normalize("NFD", NAME),
]


def test_a_products_name_at_another_price_is_refused(sqlite_shop: RunningShop) -> None:
    for name in ALIKE:
        assert "name of a product" in refused(sqlite_shop, "toss", amount=PRICE + 1, orderName=name), repr(name)


def test_a_product_off_sale_keeps_its_name(sqlite_shop: RunningShop) -> None:
    sqlite_shop.rows("UPDATE products SET is_active = false WHERE id = :p RETURNING id", p=PRODUCT)

    assert "name of a product" in refused(sqlite_shop, "toss", amount=PRICE, orderName=NAME)


def test_a_name_in_which_nothing_is_seen_is_none(sqlite_shop: RunningShop) -> None:
    for name in (" ", "\n\t", "\u200b", "\u3164", "\u0001"):
        assert "nothing can be seen" in refused(sqlite_shop, "toss", amount=1000, orderName=name), repr(name)


def test_a_name_is_kept_on_one_line_and_composed(sqlite_shop: RunningShop) -> None:
    typed = unicodedata.normalize("NFD", "상담\r\nBcc: \u0007x@example.com")
    created = sqlite_shop.create(amount=1000, orderName=typed)

    assert sqlite_shop.order(created["orderId"])["product_name"] == "상담 Bcc: x@example.com"


def test_off_is_off(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, OPEN_AMOUNTS="off")

    detail = refused(shop, "toss", amount=1000, orderName=LESSON)
    assert detail == "the name and the amount must be those of a product in the catalogue"


@pytest.mark.parametrize("provider", ["toss", "stripe"])
def test_what_it_stands_for_cannot_be_asked_for(sqlite_shop: RunningShop, provider: str) -> None:
    on_sale = vitals(sqlite_shop.context).on_sale
    sqlite_shop.create(amount=1000, orderName=LESSON)
    buyer = sqlite_shop.browse()
    assert vitals(sqlite_shop.context).on_sale == on_sale
    answer = sqlite_shop.post(f"/payment/{provider}/create", {"product": OPEN_AMOUNT}, token=sqlite_shop.token())

    assert (answer.status_code, answer.json()["code"]) == (404, "PRODUCT_NOT_FOUND")
    for path in (f"/products/{OPEN_AMOUNT}", f"/checkout/{OPEN_AMOUNT}", f"/checkout/{OPEN_AMOUNT}?again=1"):
        assert buyer.get(path).status_code == 404, path
    assert LESSON not in buyer.get("/").text
    assert OPEN_AMOUNT not in buyer.get("/").text


def test_nobody_else_sees_what_it_is_for(sqlite_shop: RunningShop) -> None:
    order_id = sqlite_shop.create(amount=1000, orderName=LESSON)["orderId"]
    (other,) = sqlite_shop.rows("SELECT id FROM users WHERE email = 'other@example.com'")

    with pytest.raises(PaymentNotFound):
        ordered_product(sqlite_shop.context, other["id"], order_id, "ko", "KRW")
    stranger = sqlite_shop.browse("other@example.com")
    assert stranger.get(f"/checkout/{OPEN_AMOUNT}?order={order_id}").status_code == 404


def test_no_catalogue_can_hold_it(sqlite_shop: RunningShop, tmp_path: Any) -> None:
    file = tmp_path / "catalog.toml"
    file.write_text(f'[[product]]\nid = "{OPEN_AMOUNT}"\n', "utf-8")

    with pytest.raises(CatalogError, match="lower-case letters, digits and dashes"):
        load_catalog(sqlite_shop.context, file)


def test_its_checkout_page_shows_its_name_and_sum_and_both_who_take_it(shop: RunningShop) -> None:
    order_id = shop.create(amount=7000, orderName=LESSON)["orderId"]
    buyer = shop.browse()
    onward = re.search(r'href="(/checkout/[^"]+)"', buyer.get(f"/payments/{order_id}").text)
    assert onward
    page = buyer.get(onward.group(1).replace("&amp;", "&"), headers=EN)

    assert page.status_code == 200
    assert LESSON in page.text
    assert "7,000" in page.text
    assert "13,000" not in page.text
    assert "About prices in other currencies" not in page.text
    ways = dict(
        re.findall(r'href="/checkout/open_amount\?currency=KRW&amp;provider=([a-z]+)&amp;order=([^"]+)"', page.text)
    )
    assert ways == {"toss": order_id, "stripe": order_id}
    assert len(shop.rows("SELECT id FROM orders")) == 1
    assert buyer.get(f"/checkout/{OPEN_AMOUNT}?currency=KRW&provider=stripe&order={order_id}").status_code == 200
    *others, last = ((row["provider"], row["status"], row["amount_minor"]) for row in shop.payments(order_id))
    assert last == ("stripe", "pending", 7000)
    assert {status for _, status, _ in others} == {"canceled"}


def test_an_address_that_names_another_product_shows_what_the_order_is_for(sqlite_shop: RunningShop) -> None:
    own = sqlite_shop.create(amount=7000, orderName=LESSON)["orderId"]
    page = sqlite_shop.browse().get(f"/checkout/{PRODUCT}?order={own}").text

    assert LESSON in page
    assert NAME not in page


def test_one_that_is_over_is_not_called_a_product_and_not_offered_again(sqlite_shop: RunningShop) -> None:
    order_id = sqlite_shop.create(amount=7000, orderName=LESSON)["orderId"]
    sqlite_shop.advance(2 * 86_400)
    sqlite_shop.sweep()
    said = english(sqlite_shop.browse().get(f"/payments/{order_id}", headers=EN).text)

    assert "The order has expired" in said
    assert "no longer for sale" not in said
    assert "Order again" not in said
    assert "today's price" not in said
    assert "To the shop" in said


def test_another_try_leads_back_to_it(sqlite_shop: RunningShop) -> None:
    order_id = sqlite_shop.create(amount=7000, orderName=LESSON)["orderId"]
    buyer = sqlite_shop.browse()
    answer = buyer.submit(f"/payments/{order_id}", f"/payments/{order_id}/tries")

    assert answer.status_code == 303
    assert LESSON in buyer.get(answer.headers["Location"]).text


def test_a_search_finds_it_by_a_part_of_its_name(shop: RunningShop) -> None:
    mine = shop.create(amount=7000, orderName=LESSON)["orderId"]
    shop.create(amount=7000, orderName="다른 것 100_")
    shop.create("other@example.com", amount=7000, orderName=LESSON)
    shop.create()
    buyer = shop.browse()

    def found(typed: str, **more: str) -> list[str]:
        page = buyer.get("/payments", params={"q": typed, **more}).text
        return re.findall(r'class="what"><a href="/payments/([^"]+)"', page)

    assert found("상담") == [mine]
    assert found("상담", group="open") == [mine]
    assert found("상담", group="paid") == []
    assert found("%담") == []


def test_two_first_ones_at_once_make_one_stand_in(shop: RunningShop) -> None:
    sessions = shop.context.sessions

    def stand() -> None:
        with sessions.write() as session:
            make_stand_in(session)

    def is_waiting() -> bool:
        with sessions.engine.connect() as connection:
            asked = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            return connection.exec_driver_sql(asked).first() is not None

    with ThreadPoolExecutor(1) as pool:
        with sessions.write() as first:
            make_stand_in(first)
            second = pool.submit(stand)
            if sessions.engine.dialect.name == "postgresql":
                wait_until(is_waiting)  # it has seen no row and wants to insert one; SQLite has one writer at a time
        second.result(timeout=30)

    assert len(shop.rows("SELECT id FROM products WHERE id = :p", p=OPEN_AMOUNT)) == 1


def test_first_orders_at_once_are_all_made(shop: RunningShop) -> None:
    tokens = [shop.token(email) for email in ("buyer@example.com", "other@example.com")] * 2

    def order(token: str) -> int:
        return shop.post("/payment/toss/create", {"amount": 1000, "orderName": LESSON}, token=token).status_code

    assert at_once(*(lambda token=token: order(token) for token in tokens)) == [200] * 4
    assert len(shop.rows("SELECT id FROM orders WHERE product_id = :p", p=OPEN_AMOUNT)) == 4
