"""The setup guide's browser snippets, as printed, from a page of the shop that only gives them their names."""

import re

import pytest
from playwright.sync_api import ConsoleMessage, expect

from tests.browser.buyer import PAID, Buyer
from tests.browser.conftest import Visit
from tests.browser.stripe_buyer import DECLINED as STRIPE_DECLINED
from tests.browser.stripe_buyer import PAID as STRIPE_PAID
from tests.browser.stripe_buyer import THREE_D as STRIPE_3D
from tests.browser.stripe_buyer import StripeBuyer
from tests.conftest import MakeShop
from tests.shop_server import PRICE, RunningShop
from tests.tooling.house import ROOT

GUIDE = ROOT / "docs" / "level-7-setup-guide.md"


def _printed(section: str) -> str:
    """The section's JavaScript, cut out without the app's help."""
    after = GUIDE.read_text("utf-8").split(f"### {section} ", 1)[1]
    return after.split("```javascript\n", 1)[1].split("```", 1)[0]


@pytest.fixture
def guide_shop(make_shop: MakeShop, sqlite_url: str) -> RunningShop:
    return make_shop(sqlite_url, FRONTEND_URL="{origin}/sandbox/guide")


def _run_scripts(html: str) -> list[str]:
    return re.findall(r'<script type="module" nonce="[^"]+">(.*?)</script>', html, re.DOTALL)


@pytest.mark.parametrize("phone", [False, True])
def test_the_snippets_take_a_payment_unchanged(guide_shop: RunningShop, visit: Visit, phone: bool) -> None:
    buyer = visit(guide_shop, phone=phone)
    said: list[ConsoleMessage] = []
    buyer.page.on("console", lambda message: said.append(message))
    served = buyer.page.goto(f"{guide_shop.origin}/sandbox/guide/1.5")
    assert served
    assert _run_scripts(served.text()) == [_printed("1.5")]
    if phone:
        buyer.page.wait_for_url("**/toss/pay/**")
    buyer.enter_card(PAID)
    with buyer.page.expect_response("**/payment/toss/confirm") as confirm:
        buyer.page.wait_for_url("**/sandbox/guide/payment/success?**")
    landed = buyer.page.content()
    assert _printed("1.6") in landed
    assert confirm.value.status == 200
    buyer.until(lambda: [message.text for message in said] == ["Payment successful!"])
    (row,) = guide_shop.sandbox.ledger()["payments"]
    assert (row["captured"], row["key_pair"]) == (PRICE, "api")
    assert guide_shop.order(row["order_ref"])["status"] == "completed"


def test_the_guide_shows_every_snippet_and_runs_the_first(guide_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(guide_shop, language="en").open("/sandbox/guide")
    shown = buyer.page.locator("pre code").all_inner_texts()
    assert shown == [_printed("1.5"), _printed("1.6"), _printed("2.5")]
    buyer.page.get_by_role("link", name="Run it").first.click()
    buyer.window.locator("button.pay").wait_for()


def _enter(buyer: Buyer, card: str) -> None:
    """Type a card into the page's card field, which Stripe drew, and press the page's button."""
    buyer.page.get_by_role("link", name="Run it").last.click()
    field = buyer.page.frame_locator(".guide-card iframe")
    for name, digits in (("number", card), ("expiry", "12 / 34"), ("cvc", "123")):
        field.locator(f"#{name}").fill(digits)
    buyer.page.get_by_role("button", name="Run it").click()


@pytest.mark.parametrize("phone", [False, True])
@pytest.mark.parametrize("card, check", [(STRIPE_PAID, False), (STRIPE_3D, True)])
def test_the_card_snippet_takes_a_payment_unchanged(
    guide_shop: RunningShop, visit: Visit, phone: bool, card: str, check: bool
) -> None:
    buyer = visit(guide_shop, phone=phone, language="en").open("/sandbox/guide")
    said: list[ConsoleMessage] = []
    buyer.page.on("console", lambda message: said.append(message))
    _enter(buyer, card)
    if check:
        StripeBuyer(buyer).answer_bank("pass")
    buyer.until(lambda: [message.text for message in said] == ["Payment successful!"])
    served = buyer.page.request.get(buyer.page.url).text()
    assert _run_scripts(served) == [_printed("2.5")]
    (row,) = guide_shop.sandbox.ledger()["payments"]
    assert (row["captured"], row["currency"]) == (1000, "USD")
    buyer.open("/payments").page.get_by_role("link", name="Premium Fortune Reading").click()
    assert buyer.order_id == row["order_ref"]


def test_the_card_snippet_gets_the_stripe_that_drew_the_field(guide_shop: RunningShop, visit: Visit) -> None:
    """The real one refuses a field of another instance; the played one doesn't mind."""
    buyer = visit(guide_shop).open("/sandbox/guide/2.5")
    expect(buyer.page.locator("button[data-run]")).to_be_enabled()
    assert buyer.page.evaluate("Stripe(publishableKey) === Stripe(publishableKey)")
    assert buyer.page.evaluate("Stripe('pk_test_another') !== Stripe(publishableKey)")


def test_the_card_snippet_tells_of_a_decline(guide_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(guide_shop, language="en").open("/sandbox/guide")
    buyer.watch.expect(402)
    buyer.watch.allow("Payment failed:")
    said: list[str] = []
    buyer.page.on("console", lambda message: said.append(message.text))
    _enter(buyer, STRIPE_DECLINED)
    buyer.until(lambda: any(text.startswith("Payment failed:") for text in said))
    assert [row["captured"] for row in guide_shop.sandbox.ledger()["payments"]] == [0]


def test_the_printed_guide_is_the_whole_guide() -> None:
    sections = re.findall(r"^### (\d\.\d) ", GUIDE.read_text("utf-8"), re.MULTILINE)
    assert {"1.4", "1.5", "1.6", "1.7", "2.5"} <= set(sections)
