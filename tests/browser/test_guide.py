"""The setup guide's two browser snippets, as printed, from a page of the shop that only gives them their names."""

import re

import pytest
from playwright.sync_api import ConsoleMessage

from tests.browser.buyer import PAID
from tests.browser.conftest import Visit
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


def test_the_guide_shows_both_snippets_and_runs_the_first(guide_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(guide_shop, language="en").open("/sandbox/guide")
    shown = buyer.page.locator("pre code").all_inner_texts()
    assert shown == [_printed("1.5"), _printed("1.6")]
    buyer.page.get_by_role("link", name="Run it").click()
    buyer.window.locator("button.pay").wait_for()


def test_the_printed_guide_is_the_whole_guide() -> None:
    sections = re.findall(r"^### (\d\.\d) ", GUIDE.read_text("utf-8"), re.MULTILINE)
    assert {"1.4", "1.5", "1.6", "1.7", "2.5"} <= set(sections)
