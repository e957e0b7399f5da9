"""The receipt on paper: one sheet, black on white, also for somebody whose screen is dark."""

import re
from typing import Literal

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.stage import BUSINESS
from tests.conftest import MakeShop
from tests.shop_server import RunningShop

Scheme = Literal["light", "dark"]


def paid_with_refunds(shop: RunningShop) -> str:
    created = shop.create()
    shop.browse(None).back(shop.authenticated(created))
    (row,) = shop.payments(created["orderId"])
    for _ in range(8):
        shop.sandbox.dashboard_cancel(payment_key=row["provider_ref"], amount=1000)
    shop.settle_down(hours=1)
    return str(created["orderId"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_full_receipt_fits_one_sheet_and_is_black_on_white(
    make_shop: MakeShop, sqlite_url: str, visit: Visit, language: str, scheme: Scheme
) -> None:
    shop = make_shop(sqlite_url, **BUSINESS)
    buyer = visit(shop, language=language)
    buyer.page.emulate_media(color_scheme=scheme)
    buyer.open(f"/payments/{paid_with_refunds(shop)}/receipt")
    paper = buyer.page.locator(".paper")
    expect(paper).to_have_css("background-color", "rgb(255, 255, 255)")
    assert _darkness(paper.evaluate("paper => getComputedStyle(paper).color")) > 0.85
    expect(paper.locator("tbody tr")).to_have_count(9)

    buyer.page.emulate_media(media="print", color_scheme=scheme)
    for hidden in ("header.top", "footer.foot", "[data-print]", ".sandbox"):
        expect(buyer.page.locator(hidden).first).to_be_hidden()
    expect(buyer.page.locator("html")).to_have_css("background-color", "rgb(255, 255, 255)")
    assert paper.evaluate("paper => getComputedStyle(paper).color") == "rgb(0, 0, 0)"
    printed = buyer.page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    width, height = map(float, re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", printed)[0])
    assert (round(width), round(height)) == (595, 842), "A4"


def _darkness(colour: str) -> float:
    """1 for black, 0 for white."""
    parts = [int(part) for part in re.findall(r"\d+", colour)[:3]]
    return 1 - sum(parts) / (3 * 255)


def test_the_button_prints_and_the_payment_leads_here(sqlite_shop: RunningShop, visit: Visit) -> None:
    created = sqlite_shop.create()
    sqlite_shop.browse(None).back(sqlite_shop.authenticated(created))
    buyer = visit(sqlite_shop, phone=True, language="en")
    buyer.page.add_init_script("window.printed = 0; window.print = () => { window.printed += 1; };")
    buyer.open(f"/payments/{created['orderId']}")
    buyer.page.get_by_role("link", name="Receipt").click()
    buyer.page.wait_for_url("**/receipt")  # with its scripts, which the button needs
    buyer.page.get_by_role("button", name="Print").click()
    assert buyer.page.evaluate("window.printed") == 1
    buyer.page.locator("form[action='/language'] button").click()
    expect(buyer.page.get_by_role("heading", name="영수증", level=1)).to_be_visible()
    assert buyer.path == f"/payments/{created['orderId']}/receipt"
