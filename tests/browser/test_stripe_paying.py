"""Buying at Stripe: its form on our page, what the bank says, and what the buyer reads."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.stripe_buyer import BANK, DECLINED, FORM, NO_FUNDS, PAID, THREE_D, StripeBuyer
from tests.shop_server import BUYER, RunningShop

DOLLARS = 1000


def intents(shop: RunningShop) -> list[dict[str, Any]]:
    """Every payment that was made at Stripe, oldest first."""
    return [row for row in shop.sandbox.ledger()["payments"] if row["provider"] == "stripe"]


def is_sold_once(shop: RunningShop, order_id: str, amount: int = DOLLARS) -> None:
    """Stripe took the price once, and our books say the same."""
    taken = [row for row in intents(shop) if row["captured"]]
    assert [(row["captured"], row["status"], row["order_ref"]) for row in taken] == [(amount, "succeeded", order_id)]
    assert shop.order(order_id)["status"] == "completed"


def is_not_sold(shop: RunningShop, order_id: str) -> None:
    assert [row for row in intents(shop) if row["captured"]] == []
    assert shop.order(order_id)["status"] == "pending"


@pytest.mark.parametrize("phone, language", [(False, "en"), (True, "ko")])
def test_a_stranger_chooses_a_currency_logs_in_and_pays(
    sqlite_shop: RunningShop, visit: Visit, phone: bool, language: str
) -> None:
    buyer = visit(sqlite_shop, phone=phone, language=language, email=None, currency=None)
    buyer.open("/").reads({"ko": "13,000원", "en": "$10.00"}[language])
    buyer.page.get_by_role("button", name="USD").click()
    expect(buyer.page.get_by_role("button", name="USD")).to_have_attribute("aria-pressed", "true")
    buyer.page.locator("a[href='/checkout/saju-premium']").click()
    buyer.log_in(BUYER)
    stripe = StripeBuyer(buyer)
    order_id = stripe.on_checkout()
    stripe.pay(PAID)
    buyer.sees("completed")
    buyer.reads(*{"ko": ("결제가 완료됐어요", "US$10.00"), "en": ("Your payment is complete", "$10.00")}[language])
    assert buyer.order_id == order_id
    assert "secret" not in buyer.page.url
    is_sold_once(sqlite_shop, order_id)


@pytest.mark.parametrize(
    "card, phone, language, words",
    [
        (DECLINED, False, "en", "The card was declined. Nothing was charged."),
        (NO_FUNDS, True, "ko", "카드 잔액이 부족해요. 결제된 금액은 없어요."),
    ],
)
def test_declined_then_paid_with_another_card_on_the_same_form(
    sqlite_shop: RunningShop, visit: Visit, card: str, phone: bool, language: str, words: str
) -> None:
    buyer = visit(sqlite_shop, phone=phone, language=language)
    stripe = StripeBuyer(buyer)
    buyer.watch.expect(402)
    order_id = stripe.checkout()
    stripe.pay(card)
    stripe.is_told(words)
    is_not_sold(sqlite_shop, order_id)
    stripe.pay(PAID)
    buyer.sees("completed")
    is_sold_once(sqlite_shop, order_id)
    assert len(intents(sqlite_shop)) == 1


def test_what_is_missing_is_said_in_stripe_s_form_and_nowhere_else(sqlite_shop: RunningShop, visit: Visit) -> None:
    stripe = StripeBuyer(visit(sqlite_shop, language="en"))
    order_id = stripe.checkout()
    stripe.form.locator("#number").fill("4242")
    stripe.press_pay()
    expect(stripe.form.locator("#number-error")).to_contain_text("incomplete")
    expect(stripe.page.locator("button[data-pay]")).to_be_enabled()
    expect(stripe.page.locator("[data-stripe] [role=alert]")).to_be_empty()
    is_not_sold(sqlite_shop, order_id)


@pytest.mark.parametrize("phone", [False, True])
def test_the_bank_s_check_passed(sqlite_shop: RunningShop, visit: Visit, phone: bool) -> None:
    buyer = visit(sqlite_shop, phone=phone)
    stripe = StripeBuyer(buyer)
    order_id = stripe.checkout("EUR")
    stripe.pay(THREE_D)
    stripe.answer_bank("pass")
    buyer.sees("completed")
    buyer.reads("€9.50")
    is_sold_once(sqlite_shop, order_id, 950)


def test_the_bank_s_check_failed_then_paid_with_another_card(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, language="en")
    stripe = StripeBuyer(buyer)
    order_id = stripe.checkout()
    stripe.pay(THREE_D)
    stripe.answer_bank("fail")
    stripe.is_told("Your bank could not confirm that it was you.", "Nothing was charged.")
    is_not_sold(sqlite_shop, order_id)
    stripe.pay(PAID)
    buyer.sees("completed")
    is_sold_once(sqlite_shop, order_id)


@pytest.mark.parametrize("ending", ["pass", "fail"])
def test_a_check_that_was_left_is_taken_up_again_after_a_reload(
    sqlite_shop: RunningShop, visit: Visit, ending: str
) -> None:
    buyer = visit(sqlite_shop, language="en")
    stripe = StripeBuyer(buyer)
    order_id = stripe.checkout()
    stripe.pay(THREE_D)
    stripe.answer_bank("abandon")
    stripe.is_told("The step at your bank or payment app was not finished. Nothing was charged.")
    buyer.page.reload()
    assert stripe.on_checkout() == order_id
    expect(buyer.page.locator(FORM)).to_have_count(0)
    buyer.reads("The payment waits for a step at your bank or payment app.")
    buyer.page.get_by_role("button", name="Continue the payment").click()
    stripe.answer_bank(ending)
    if ending == "pass":
        buyer.sees("completed")
        is_sold_once(sqlite_shop, order_id)
    else:
        buyer.sees("pending")
        buyer.reads("The identity check was not finished", "Nothing was charged for this order.")
        is_not_sold(sqlite_shop, order_id)
        buyer.page.get_by_role("link", name="Pay $10.00").click()
        stripe.on_checkout()
        stripe.pay(PAID)
        buyer.sees("completed")
        is_sold_once(sqlite_shop, order_id)


def test_a_check_on_the_bank_s_own_page_leads_back_to_the_shop(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, language="en")
    stripe = StripeBuyer(buyer)
    order_id = stripe.checkout()
    back = f"{sqlite_shop.origin}/payment/success?order={order_id}"
    sqlite_shop.sandbox.stripe_pay(
        order_id=order_id, card=THREE_D.replace(" ", ""), challenge="abandon", return_url=back
    )
    buyer.page.reload()
    stripe.on_checkout()
    stripe.press_pay()
    buyer.page.wait_for_url("**/stripe/3ds/**")
    buyer.page.locator("button[value=pass]").click()
    buyer.sees("completed")
    is_sold_once(sqlite_shop, order_id)


def test_pressing_twice_takes_the_money_once(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop)
    stripe = StripeBuyer(buyer)
    order_id = stripe.checkout()
    stripe.fill(PAID)
    buyer.page.locator("button[data-pay]").dblclick()
    buyer.sees("completed")
    is_sold_once(sqlite_shop, order_id)
    assert len(sqlite_shop.sandbox.calls("confirm")) == 1


def test_the_same_thing_is_paid_in_another_currency_at_another_service(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, language="en")
    buyer.checkout()
    ways = buyer.page.get_by_role("navigation", name="Currency and payment service")
    expect(ways.get_by_role("link")).to_have_count(5)
    expect(ways.locator("[aria-current=true]")).to_have_text(re.compile(r"₩13,000\s*Toss Payments"))
    ways.get_by_role("link", name=re.compile(r"\$10\.00")).click()
    stripe = StripeBuyer(buyer)
    first = stripe.on_checkout()
    expect(ways.locator("[aria-current=true]")).to_have_text(re.compile(r"\$10\.00\s*Stripe"))
    ways.get_by_role("link", name=re.compile(r"¥1,500")).click()
    second = stripe.on_checkout()
    assert second != first
    stripe.pay(PAID)
    buyer.sees("completed")
    is_sold_once(sqlite_shop, second, 1500)
    assert [row["status"] for row in intents(sqlite_shop) if row["order_ref"] == first] == ["canceled"]


def test_no_digit_of_a_card_is_in_the_shop_s_page(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop)
    stripe = StripeBuyer(buyer)
    sent: list[str] = []
    buyer.page.on("request", lambda request: sent.append(f"{request.url} {request.post_data or ''}"))
    stripe.checkout()
    stripe.fill(DECLINED)
    buyer.watch.expect(402)
    stripe.press_pay()
    stripe.is_told("결제된 금액은 없어요")
    assert "40000000000" not in re.sub(r"\s", "", buyer.page.content())
    ours = [each for each in sent if each.startswith(sqlite_shop.origin)]
    assert not [each for each in ours if "400000" in each]
    assert [each for each in sent if "4000000000000002" in each]


def test_stripe_out_of_reach_is_told_where_its_form_would_stand(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, language="en")
    buyer.watch.expect(404)
    buyer.page.route("**/endive/stripe.js", lambda route: route.fulfill(status=404))
    buyer.open("/checkout/saju-premium?currency=USD")
    stripe = StripeBuyer(buyer)
    stripe.is_told("Stripe could not be reached", "Your order is kept.")
    buyer.page.unroute_all()
    buyer.page.get_by_role("button", name="Load again").click()
    stripe.on_checkout()
    stripe.pay(PAID)
    buyer.sees("completed")


def test_without_an_answer_the_page_says_so_and_the_shop_looks_it_up(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, language="en")
    stripe = StripeBuyer(buyer)
    order_id = stripe.checkout()
    sqlite_shop.sandbox.fault(provider="stripe", call="confirm", apply=True, then="status", status=500)
    buyer.watch.expect(500)
    stripe.pay(PAID)
    stripe.is_told("we do not know yet whether you have paid")
    expect(buyer.page.locator("button[data-pay]")).to_be_disabled()
    buyer.page.get_by_role("button", name="Load again").click()
    buyer.reads("You bought this just now")
    is_sold_once(sqlite_shop, order_id)


def test_the_form_wears_the_shop_s_colours_by_day_and_by_night(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, color_scheme="light")
    StripeBuyer(buyer).checkout()
    frame = buyer.page.frame_locator(FORM)
    text = "node => getComputedStyle(node).color"
    assert frame.locator("#number").evaluate(text) == "rgb(20, 23, 31)"
    buyer.page.emulate_media(color_scheme="dark")
    expect(frame.locator("#number")).to_have_css("color", "rgb(240, 242, 246)")


def test_everything_is_reached_by_keyboard(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, language="en")
    stripe = StripeBuyer(buyer)
    stripe.checkout()
    buyer.page.locator(".ways summary").last.focus()
    keys, form = buyer.page.keyboard, stripe.form
    for field in ("#tab-card", "#number"):
        keys.press("Tab")
        expect(form.locator(field)).to_be_focused()
    # A full field hands on to the next one by itself, as Stripe's do.
    for field, digits in (("#number", "4242424242424242"), ("#expiry", "1234"), ("#cvc", "123")):
        expect(form.locator(field)).to_be_focused()
        keys.type(digits)
    keys.press("Tab")
    expect(form.locator("summary")).to_be_focused()
    keys.press("Tab")
    expect(buyer.page.locator("button[data-pay]")).to_be_focused()
    buyer.page.keyboard.press("Enter")
    buyer.sees("completed")


def test_an_open_check_is_closed_without_harm_by_escape(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, language="en")
    stripe = StripeBuyer(buyer)
    order_id = stripe.checkout()
    stripe.pay(THREE_D)
    stripe.bank.locator("button[value=pass]").wait_for()

    def escaped() -> bool:
        """A key that is pressed while the focus moves into the frame is lost: she presses it again."""
        buyer.page.keyboard.press("Escape")
        return buyer.page.locator(BANK).count() == 0

    buyer.until(escaped)
    stripe.is_told("The step at your bank or payment app was not finished.")
    is_not_sold(sqlite_shop, order_id)
