"""The payment window: what the checkout page shows when the shop has only an API key pair."""

import pytest
from playwright.sync_api import expect

from tests.browser.buyer import DECLINED, PAID
from tests.browser.conftest import Visit
from tests.conftest import MakeShop
from tests.sandbox_server import API_CLIENT, API_SECRET, RunningSandbox
from tests.shop_server import PRICE, RunningShop


@pytest.fixture
def window_shop(make_shop: MakeShop, sqlite_url: str, sandbox: RunningSandbox) -> RunningShop:
    """A shop set up as in production, keys and all, with Toss's addresses leading to the sandbox."""
    toss = f"{sandbox.origin}/toss"
    return make_shop(
        sqlite_url,
        TOSS_CLIENT_KEY=API_CLIENT,
        TOSS_SECRET_KEY=API_SECRET,
        TOSS_API_BASE=toss,
        TOSS_SDK_URL=f"{toss}/v2/standard",
        TOSS_SDK_V1_URL=f"{toss}/v1/payment",
    )


@pytest.mark.parametrize(
    "phone, method, step, word", [(False, "TRANSFER", "transfer", "계좌이체"), (True, "CARD", "", "카드")]
)
def test_the_window_takes_what_the_page_offers(
    window_shop: RunningShop, visit: Visit, phone: bool, method: str, step: str, word: str
) -> None:
    buyer = visit(window_shop, phone=phone)
    order_id = buyer.checkout()
    buyer.page.locator(f"input[name=toss-method][value={method}]").check()
    if step:
        buyer.press(buyer.press_pay().locator(f"button[value={step}]"))
    else:
        buyer.pay(PAID)
    buyer.sees("completed")
    buyer.reads(word)
    (row,) = window_shop.sandbox.ledger()["payments"]
    assert (row["order_ref"], row["captured"], row["key_pair"]) == (order_id, PRICE, "api")
    assert window_shop.payments(order_id)[0]["key_pair"] == "api"


def test_declined_in_the_window_then_paid_by_deposit(window_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(window_shop, language="en")
    order_id = buyer.checkout()
    buyer.pay(DECLINED)
    buyer.sees("pending")
    buyer.page.get_by_role("link", name="Pay ₩13,000").click()
    assert buyer.on_checkout() == f"{order_id}-2"
    buyer.page.get_by_label("Virtual account").check()
    buyer.press_pay()
    buyer.take_account()
    buyer.sees("awaiting_deposit")


def test_a_closed_window_leaves_a_quiet_word(window_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(window_shop, language="en")
    buyer.checkout()
    buyer.press(buyer.press_pay().locator("button[value=close]"))
    expect(buyer.page.locator("[data-toss] [role=status]")).to_have_text(
        "You closed the payment window. Nothing was charged."
    )


def test_no_banner_where_keys_are_set(window_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(window_shop).open("/")
    expect(buyer.page.locator("aside.sandbox")).to_have_count(0)
