"""The currency that prices are shown in: the visitor's choice, else her language's, else what there is."""

import re

import pytest
import requests

from tests.conftest import MakeShop
from tests.sandbox_server import API_CLIENT, API_SECRET, RunningSandbox
from tests.shop_server import BUYER, PASSWORD, PRODUCT, Browsing, RunningShop

PRESSED = re.compile(r'value="([A-Z]{3})"\s+aria-pressed="(true|false)"')


def choices(page: requests.Response) -> dict[str, bool]:
    """Currency → whether it is the one shown, in the page's order."""
    return {code: pressed == "true" for code, pressed in PRESSED.findall(page.text)}


def shown(visitor: Browsing) -> str:
    """The one currency that the catalogue's prices are in."""
    (code,) = [code for code, now in choices(visitor.get("/")).items() if now]
    return code


def stranger(shop: RunningShop, language: str) -> Browsing:
    visitor = shop.browse(None)
    visitor.http.headers["Accept-Language"] = language
    return visitor


@pytest.mark.parametrize("language, currency, price", [("ko-KR", "KRW", "13,000원"), ("en-GB", "USD", "$10.00")])
def test_a_new_visitor_sees_the_currency_of_her_language(
    sqlite_shop: RunningShop, language: str, currency: str, price: str
) -> None:
    visitor = stranger(sqlite_shop, language)
    assert shown(visitor) == currency
    assert visitor.get("/").text.count(price) == 2


def test_the_catalogue_offers_what_is_priced_and_taken_and_nothing_else(sqlite_shop: RunningShop) -> None:
    assert list(choices(sqlite_shop.browse(None).get("/"))) == ["KRW", "USD", "EUR", "JPY"]
    with sqlite_shop.db() as session:
        session.connection().exec_driver_sql("DELETE FROM product_prices WHERE currency IN ('USD', 'EUR')")
    visitor = stranger(sqlite_shop, "en")
    assert choices(visitor.get("/")) == {"KRW": False, "JPY": True}


def test_a_product_off_the_shelf_offers_no_currency(sqlite_shop: RunningShop) -> None:
    sqlite_shop.rows("UPDATE products SET is_active = FALSE WHERE id = :p RETURNING id", p="fortune-premium")
    with sqlite_shop.db() as session:
        session.connection().exec_driver_sql(
            "DELETE FROM product_prices WHERE currency = 'JPY' AND product_id = 'saju-premium'"
        )
    assert list(choices(sqlite_shop.browse(None).get("/"))) == ["KRW", "USD", "EUR"]


def test_where_only_won_is_taken_nobody_is_asked(make_shop: MakeShop, sqlite_url: str, sandbox: RunningSandbox) -> None:
    toss = {"TOSS_CLIENT_KEY": API_CLIENT, "TOSS_SECRET_KEY": API_SECRET, "TOSS_API_BASE": f"{sandbox.origin}/toss"}
    page = stranger(make_shop(sqlite_url, **toss), "en").get("/")
    assert choices(page) == {}
    assert page.text.count("₩13,000") == 2


def test_a_choice_is_kept_through_languages_and_the_log_in(sqlite_shop: RunningShop) -> None:
    visitor = stranger(sqlite_shop, "en")
    answer = visitor.submit("/", "/currency", currency="EUR")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert shown(visitor) == "EUR"
    visitor.submit("/", "/language", locale="ko")
    assert shown(visitor) == "EUR"
    visitor.submit("/login", "/login", email=BUYER, password=PASSWORD)
    assert shown(visitor) == "EUR"
    assert visitor.get("/").text.count("€9.50") == 2


def test_the_checkout_asks_for_the_sum_in_the_chosen_currency(sqlite_shop: RunningShop) -> None:
    buyer = sqlite_shop.browse()
    buyer.submit("/", "/currency", currency="JPY")
    order_id, _ = buyer.checkout(PRODUCT)
    order = sqlite_shop.order(order_id)
    assert (order["amount_minor"], order["currency"]) == (1500, "JPY")


def test_another_language_on_the_checkout_page_keeps_the_order_and_its_price(sqlite_shop: RunningShop) -> None:
    buyer = sqlite_shop.browse()
    order_id, _ = buyer.checkout(PRODUCT)
    page = f"/checkout/{PRODUCT}"
    assert buyer.submit(page, "/language", locale="en", next=page).headers["Location"] == page
    assert buyer.checkout(PRODUCT)[0] == order_id
    assert sqlite_shop.order(order_id)["currency"] == "KRW"


@pytest.mark.parametrize("wish", ["GBP", "KWD", "", "usd", "<script>", "USD\0"])
def test_a_currency_that_nothing_is_sold_in_changes_nothing(sqlite_shop: RunningShop, wish: str) -> None:
    visitor = sqlite_shop.browse(None)
    visitor.submit("/", "/currency", currency="USD")
    assert visitor.submit("/", "/currency", currency=wish).status_code == 303
    assert shown(visitor) == "USD"


def test_a_choice_whose_prices_are_gone_is_given_up(sqlite_shop: RunningShop) -> None:
    visitor = sqlite_shop.browse(None)
    visitor.submit("/", "/currency", currency="USD")
    with sqlite_shop.db() as session:
        session.connection().exec_driver_sql("DELETE FROM product_prices WHERE currency = 'USD'")
    assert shown(visitor) == "KRW"


def test_without_its_token_the_form_changes_nothing(sqlite_shop: RunningShop) -> None:
    visitor = sqlite_shop.browse(None)
    answer = visitor.http.post(
        f"{sqlite_shop.origin}/currency", data={"currency": "USD"}, allow_redirects=False, timeout=10
    )
    assert answer.status_code == 403
    assert shown(visitor) == "KRW"


@pytest.mark.parametrize(
    "onward, where", [("/login", "/login"), ("//evil.example", "/"), ("https://evil.example", "/")]
)
def test_after_choosing_nobody_is_sent_elsewhere(sqlite_shop: RunningShop, onward: str, where: str) -> None:
    answer = sqlite_shop.browse(None).submit("/", "/currency", currency="USD", next=onward)
    assert (answer.status_code, answer.headers["Location"]) == (303, where)
