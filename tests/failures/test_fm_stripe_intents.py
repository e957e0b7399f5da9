"""One intent for each attempt: declined and tried again, opened ten times at once, doubled, swapped, changed.

Races run a few rounds on each database; RACE_ROUNDS raises that.
"""

import itertools
from functools import partial

import pytest

from tests.failures.conftest import BuyAbroad
from tests.failures.news import post_signed, work_off, written
from tests.failures.races import ROUNDS, at_once
from tests.failures.rest import deliver
from tests.failures.stripe_purchase import DECLINED, StripePurchase, intent_on, order_on
from tests.shop_server import DOLLARS, PRODUCT, Browsing, RunningShop

ROUNDS_HERE = max(3, ROUNDS // 8)
TABS = 10


def about(purchase: StripePurchase, kind: str) -> str:
    """The body of the payment's event of this kind."""
    (found,) = [event["body"] for event in written(purchase.shop, purchase.key) if event["event_type"] == kind]
    return str(found)


def test_fm_91_news_of_a_decline_and_of_the_success_after_it_complete_the_order_in_any_order(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    for sequence in sorted(set(itertools.permutations("ffss"))):
        purchase = buy_abroad(deaf_shop, card=DECLINED)
        purchase.pay()
        bodies = {
            "f": about(purchase, "payment_intent.payment_failed"),
            "s": about(purchase, "payment_intent.succeeded"),
        }

        for which in sequence:
            assert post_signed(deaf_shop, bodies[which]) == 200
            deaf_shop.work()

        work_off(deaf_shop)
        assert purchase.moves() == ["(none)>pending", "pending>completed"], sequence
        purchase.is_sold_once()


@pytest.mark.parametrize("by", ["news", "return", "page"])
def test_fm_91_a_decline_closes_a_try_and_the_same_intent_is_paid_afterwards(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad, by: str
) -> None:
    purchase = buy_abroad(deaf_shop, card=DECLINED)
    if by == "news":
        post_signed(deaf_shop, about(purchase, "payment_intent.payment_failed"))
        deaf_shop.work()
    elif by == "return":
        purchase.back()

    assert purchase.told() == "pending"
    assert purchase.payment()["last_failure"] == purchase.order()["last_failure"] == "declined"
    purchase.is_untouched()
    assert intent_on(purchase.form().text) == purchase.key

    purchase.pay()
    if by == "return":
        purchase.back()
    else:
        post_signed(deaf_shop, about(purchase, "payment_intent.payment_failed"))
        post_signed(deaf_shop, about(purchase, "payment_intent.succeeded"))
    work_off(deaf_shop)
    assert purchase.told() == "completed"
    purchase.is_sold_once()
    assert len(purchase.intents()) == 1


def copies_of(owner: Browsing, count: int) -> list[Browsing]:
    """The same buyer's browser, many times: tabs that do not wait for each other."""
    tabs = [owner.shop.browse(None) for _ in range(count)]
    for tab in tabs:
        tab.http.cookies.update(owner.http.cookies)
    return tabs


def test_fm_92_ten_page_loads_at_once_make_one_order_and_one_intent(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    for email in ("buyer@example.com", "owner@example.com", "other@example.com"):
        deaf_shop.sandbox.fault(call="create", provider="stripe", then="delay", delay_s=0.2)
        before = len(deaf_shop.sandbox.ledger()["payments"])

        pages = at_once(
            *[partial(StripePurchase.checkout_page, tab) for tab in copies_of(deaf_shop.browse(email), TABS)]
        )

        assert len({order_on(deaf_shop, page) for page in pages}) == 1
        (intent,) = {intent_on(page) for page in pages}
        ledger = deaf_shop.sandbox.ledger()["payments"][before:]
        assert [(row["provider_ref"], row["amount"], row["currency"]) for row in ledger] == [(intent, DOLLARS, "USD")]
        purchase = buy_abroad(deaf_shop, page=True, email=email)
        assert purchase.key == intent
        purchase.back()
        deaf_shop.work()
        purchase.is_sold_once()


def test_fm_92_ten_creates_at_once_make_ten_orders_with_an_intent_and_a_key_each(shop: RunningShop) -> None:
    token = shop.token()
    body = {"product": PRODUCT}

    answers = at_once(*[partial(shop.post, "/payment/stripe/create", body, token=token)] * TABS)

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["orderId"] for answer in answers}) == TABS
    assert len({answer.json()["clientSecret"] for answer in answers}) == TABS
    assert len({call["idem_key"] for call in shop.sandbox.calls("create")}) == TABS
    assert sorted(row["order_ref"] for row in shop.sandbox.ledger()["payments"]) == sorted(
        answer.json()["orderId"] for answer in answers
    )


def foreign_keys(shop: RunningShop) -> list[str]:
    """The orders to which a stranger's intent was brought."""
    rows = shop.rows("SELECT object_id FROM security_events WHERE kind = 'foreign_key' ORDER BY id")
    return [row["object_id"] for row in rows]


@pytest.mark.parametrize("to_page", [True, False], ids=["page", "api"])
def test_fm_92_the_return_of_another_orders_intent_is_refused_and_pays_nothing(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad, to_page: bool
) -> None:
    mine, theirs = buy_abroad(deaf_shop, paid=False), buy_abroad(deaf_shop, email="other@example.com")
    before = mine.books()

    if to_page:
        assert mine.back(key=theirs.key).status_code == 409
    else:
        body = {"paymentIntentId": theirs.key, "orderId": mine.order_id}
        answer = deaf_shop.post("/payment/stripe/confirm", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "PAYMENT_KEY_IN_USE")

    assert mine.books() == before
    assert mine.payment()["provider_ref"] == mine.key
    assert foreign_keys(deaf_shop) == [mine.order_id]
    mine.is_untouched()
    theirs.back()
    mine.pay()
    mine.back()
    deaf_shop.work()
    mine.is_sold_once()
    theirs.is_sold_once()


def test_fm_92_intents_swapped_between_orders_at_once_pay_nobodys_order_but_their_own(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    for _ in range(ROUNDS_HERE):
        mine, theirs = buy_abroad(deaf_shop), buy_abroad(deaf_shop, email="other@example.com")

        answers = at_once(
            partial(mine.back, key=theirs.key), partial(theirs.back, key=mine.key), mine.back, theirs.back
        )

        assert {answer.status_code for answer in answers} <= {303, 409}
        deaf_shop.work()
        for purchase in (mine, theirs):
            assert purchase.payment()["provider_ref"] == purchase.key
            purchase.is_sold_once()


def test_fm_92_a_return_that_names_no_order_leads_to_the_intents_own(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    purchase = buy_abroad(deaf_shop)

    assert purchase.back(order_id="").headers["Location"] == f"/payments/{purchase.order_id}"

    deaf_shop.work()
    purchase.is_sold_once()


def test_fm_92_no_form_is_shown_for_an_intent_whose_sum_was_changed(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    purchase = buy_abroad(deaf_shop, paid=False)
    purchase.change_amount(DOLLARS // 10)

    page = purchase.form()

    assert page.status_code == 200
    old, new = purchase.payments()
    assert (old["status"], new["status"]) == ("canceled", "pending")
    assert intent_on(page.text) == new["provider_ref"]
    assert [(row["status"], row["amount"]) for row in purchase.intents()] == [
        ("canceled", DOLLARS // 10),
        ("requires_payment_method", DOLLARS),
    ]
    assert not purchase.try_to_pay()
    purchase.key = new["provider_ref"]
    purchase.pay()
    purchase.back()
    deaf_shop.work()
    purchase.is_sold_once()


@pytest.mark.parametrize("first", ["extra", "ours"])
def test_fm_92_a_second_intent_that_was_paid_for_an_order_is_sent_back(
    shop: RunningShop, buy_abroad: BuyAbroad, first: str
) -> None:
    purchase = buy_abroad(shop, paid=first == "ours")
    sent_id = purchase.payment()["sent_order_id"]
    extra = shop.sandbox.stripe_charge(order_id=sent_id, amount=DOLLARS, currency="USD")
    hear(shop)
    if first == "extra":
        assert purchase.told() == "pending"
        assert purchase.try_to_pay()
        hear(shop)

    went_back = {row["provider_ref"]: row["refunded"] for row in purchase.charges()}
    assert went_back == {purchase.key: 0, extra["id"]: DOLLARS}
    assert [(p["status"], p["provider_ref"]) for p in purchase.payments()] == [
        ("completed", purchase.key),
        ("refunded", extra["id"]),
    ]
    assert purchase.mails() == [("receipt", "sent"), ("sent_back", "sent")]
    assert purchase.alerts() == ["second_charge"]


def hear(shop: RunningShop) -> None:
    """Let every event arrive and be worked on."""
    deliver(shop)
    work_off(shop)
    deliver(shop)
    work_off(shop)
