"""The shop's own receipt: what stands on it, and who may read it."""

import re

import pytest

from tests.conftest import MakeShop
from tests.shop_server import BUYER, PRODUCT, RunningShop
from tests.web.test_payment_page import EN, bought, english, until
from webapp.settings import SettingsError, load_settings

BUSINESS = {
    "SHOP_BUSINESS_NAME": "주식회사 챗주",
    "SHOP_OWNER": "김사주",
    "SHOP_REGISTRATION_NUMBER": "123-45-67890",
    "SHOP_MAIL_ORDER_NUMBER": "2026-서울강남-01234",
    "SHOP_ADDRESS": "서울특별시 강남구 테헤란로 123",
    "SHOP_PHONE": "02-123-4567",
    "SHOP_EMAIL": "help@example.com",
}


def test_everything_that_a_receipt_needs_stands_on_it(make_shop: MakeShop, database_url: str) -> None:
    shop = make_shop(database_url, SHOP_NAME="Reading & Co.", **BUSINESS)
    order_id = bought(shop)
    page = shop.browse().get(f"/payments/{order_id}/receipt").text

    paper = page.partition("<article")[2].partition("</article>")[0]
    for value in (*BUSINESS.values(), "Reading &amp; Co.", order_id, "13,000원", "카드", "토스페이먼츠", BUYER):
        assert value in paper, value
    assert len(re.findall(r"<time ", paper)) == 3, "ordered, paid, issued"
    assert "환불" not in paper
    assert "테스트 결제예요" in paper


def test_what_is_not_set_is_left_out(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, SHOP_PHONE="02-123-4567")
    page = shop.browse().get(f"/payments/{bought(shop)}/receipt").text
    assert "02-123-4567" in page
    assert "사업자등록번호" not in page
    assert "help@example.com" not in page


def test_a_shop_with_keys_and_nothing_set_names_nobody(make_shop: MakeShop, sqlite_url: str) -> None:
    practising = make_shop(sqlite_url)
    assert "help@example.com" in practising.browse(None).get("/").text, "the sandbox shows where it would stand"
    shop = make_shop(sqlite_url, TOSS_CLIENT_KEY="test_ck_lookalike0", TOSS_SECRET_KEY="test_sk_lookalike0")
    assert '<dl class="business">' not in shop.browse(None).get("/").text


def test_refunds_stand_on_it_with_their_dates_and_what_is_left(shop: RunningShop) -> None:
    order_id = bought(shop)
    (row,) = shop.payments(order_id)
    for amount, status in ((3000, "partially_refunded"), (10_000, "refunded")):
        shop.sandbox.dashboard_cancel(payment_key=row["provider_ref"], amount=amount)
        until(shop, order_id, status)
    text = english(shop.browse(), f"/payments/{order_id}/receipt")
    page = shop.browse().get(f"/payments/{order_id}/receipt").text
    assert page.count('<span class="money">−') == 2, "on a phone no line ends between sign and sum"
    assert len(re.findall(r"Refunded \w{3} \d+, \d{4}, \d\d:\d\d KST −₩(3,000|10,000)", text)) == 2
    assert "Total paid, after refunds ₩0" in text


def test_only_its_owner_reads_it_and_an_unpaid_order_has_none(shop: RunningShop) -> None:
    paid, unpaid = bought(shop), shop.create()["orderId"]
    assert shop.browse("other@example.com").get(f"/payments/{paid}/receipt").status_code == 404
    stranger = shop.browse(None).get(f"/payments/{paid}/receipt")
    assert (stranger.status_code, stranger.headers["Location"].partition("?")[0]) == (303, "/login")
    refused = shop.browse().get(f"/payments/{unpaid}/receipt")
    assert (refused.status_code, refused.headers["Location"]) == (303, f"/payments/{unpaid}")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_it_speaks_both_languages_and_can_be_switched(sqlite_shop: RunningShop, language: str) -> None:
    path = f"/payments/{bought(sqlite_shop)}/receipt"
    buyer = sqlite_shop.browse()
    buyer.submit(path, "/language", locale=language, next=path)
    page = buyer.get(path, headers=EN if language == "ko" else {}).text
    assert {"ko": "<h1>영수증</h1>", "en": "<h1>Payment receipt</h1>"}[language] in page
    assert f'name="next" value="{path}"' in page


@pytest.mark.parametrize(
    "percent, lines", [("10", ["Tax included (10%) ₩1,182", "Price before tax ₩11,818"]), ("", [])]
)
def test_the_tax_in_the_price_stands_on_it_where_it_is_set(
    make_shop: MakeShop, sqlite_url: str, percent: str, lines: list[str]
) -> None:
    shop = make_shop(sqlite_url, SHOP_TAX_PERCENT=percent)
    text = english(shop.browse(), f"/payments/{bought(shop)}/receipt")
    assert [line for line in lines if line not in text] == []
    assert ("Tax included" in text) is bool(lines)


@pytest.mark.parametrize("percent", ["0", "100", "-1", "ten", "7.125"])
def test_a_tax_that_is_none_stops_the_start(percent: str) -> None:
    with pytest.raises(SettingsError, match="SHOP_TAX_PERCENT"):
        load_settings({"SHOP_TAX_PERCENT": percent})


def test_the_card_stands_on_it_masked_with_its_approval(sqlite_shop: RunningShop) -> None:
    text = english(sqlite_shop.browse(), f"/payments/{bought(sqlite_shop)}/receipt")
    assert re.search(r"Card 현대카드 \(Hyundai\) \d{6,8}\*{4,8}\w{2,4}\*? Approval number \d{8} ", text), text
    account = english(sqlite_shop.browse(), f"/payments/{transferred(sqlite_shop)}/receipt")
    assert "Approval number" not in account
    assert "Card" not in account


def transferred(shop: RunningShop) -> str:
    return bought(shop, method="TRANSFER")


def test_a_card_from_abroad_stands_on_it_by_its_brand(sqlite_shop: RunningShop) -> None:
    buyer = sqlite_shop.browse()
    _, sent_id = buyer.checkout(f"{PRODUCT}?currency=USD")
    buyer.back(sqlite_shop.sandbox.stripe_pay(order_id=sent_id))
    order_id = sqlite_shop.rows("SELECT public_id FROM orders")[0]["public_id"]
    assert "Card Visa •••• 4242 " in english(buyer, f"/payments/{order_id}/receipt")
