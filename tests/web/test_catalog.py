"""One product's page, and what search engines are told."""

import re

import pytest

from tests.conftest import MakeShop
from tests.shop_server import PRODUCT, RunningShop

#: Every price of the demo product, as a reader of English sees it.
PRICES = ("₩13,000", "$10.00", "€9.50", "¥1,500")


def test_the_catalogue_leads_to_each_product(sqlite_shop: RunningShop) -> None:
    page = sqlite_shop.browse(None).get("/").text
    assert set(re.findall(r'href="(/products/[^"]+)"', page)) == {f"/products/{PRODUCT}", "/products/fortune-premium"}


def test_a_product_says_what_it_costs_everywhere_and_what_comes_after_paying(shop: RunningShop) -> None:
    stranger = shop.browse(None)
    page = stranger.get(f"/products/{PRODUCT}", headers={"Accept-Language": "en"}).text

    assert all(price in page for price in PRICES)
    assert "Premium Four Pillars Reading" in page
    assert "twenty minutes" in page, "the whole description"
    assert "opens at once" in page
    assert "cancel the order yourself" in page
    links = set(re.findall(rf'href="/checkout/{PRODUCT}\?currency=(\w+)"', page))
    assert links == {"KRW", "USD", "EUR", "JPY"}


def test_the_whole_description_stands_on_the_products_page_alone(sqlite_shop: RunningShop) -> None:
    assert "twenty minutes" not in sqlite_shop.browse(None).get("/", headers={"Accept-Language": "en"}).text


def test_the_chosen_currency_is_the_price_and_the_button(sqlite_shop: RunningShop) -> None:
    buyer = sqlite_shop.browse()
    buyer.submit("/payments", "/currency", currency="JPY")
    page = buyer.get(f"/products/{PRODUCT}", headers={"Accept-Language": "en"}).text
    amount, _, others = page.partition("another currency")
    assert "¥1,500" in amount
    assert "¥1,500" not in others


def test_a_product_without_a_price_in_the_visitors_currency_offers_the_others(sqlite_shop: RunningShop) -> None:
    sqlite_shop.rows(
        "DELETE FROM product_prices WHERE product_id = :p AND currency = 'KRW' RETURNING currency", p=PRODUCT
    )
    page = sqlite_shop.browse(None).get(f"/products/{PRODUCT}").text
    assert "통화로는 판매하지 않아요" in page
    assert "currency=USD" in page
    assert "currency=KRW" not in page


def test_a_product_that_the_shop_delivers_itself_does_not_promise_a_link(sqlite_shop: RunningShop) -> None:
    sqlite_shop.rows("UPDATE products SET delivery_url = NULL RETURNING id")
    page = sqlite_shop.browse(None).get(f"/products/{PRODUCT}", headers={"Accept-Language": "en"}).text
    assert "opens at once" not in page
    assert "the shop delivers" in page


@pytest.mark.parametrize("path", ["/products/nothing-like-it", f"/products/{PRODUCT}"])
def test_what_is_not_on_sale_is_not_found(sqlite_shop: RunningShop, path: str) -> None:
    sqlite_shop.rows("UPDATE products SET is_active = FALSE WHERE id = :p RETURNING id", p=PRODUCT)
    answer = sqlite_shop.browse(None).get(path)
    assert answer.status_code == 404
    assert "판매하지 않는 상품이에요" in answer.text


def test_only_pages_for_everybody_may_be_found_by_search_engines(sqlite_shop: RunningShop) -> None:
    buyer = sqlite_shop.browse()
    for path in ("/", f"/products/{PRODUCT}"):
        page = buyer.get(path).text
        assert "noindex" not in page, path
        assert re.search(r'<meta name="description"\s+content="[^"]{20,}"', page), path
    order_id, _ = buyer.checkout()
    for path in ("/payments", f"/payments/{order_id}", f"/checkout/{PRODUCT}", "/payment/fail", "/nowhere"):
        assert '<meta name="robots" content="noindex">' in buyer.get(path).text, path
    robots = buyer.get("/robots.txt")
    assert robots.headers["Content-Type"].startswith("text/plain")
    assert "Disallow: /payments" in robots.text
    assert "/products" not in robots.text


def test_what_the_law_wants_stands_at_the_foot_as_far_as_it_is_set(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, SHOP_REGISTRATION_NUMBER="123-45-67890", SHOP_ADDRESS="서울시 <강남구>")
    page = shop.browse(None).get("/").text
    assert "사업자등록번호" in page
    assert "123-45-67890" in page
    assert "서울시 &lt;강남구&gt;" in page
    assert "통신판매업" not in page
    assert "사업자등록번호" not in make_shop(sqlite_url).browse(None).get("/").text
