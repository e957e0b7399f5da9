"""Money that goes back, comes back, is disputed, belongs to nobody; and the back button after paying."""

import pytest
import requests

from tests.failures.conftest import BuyAbroad
from tests.failures.invariants import BY_THE_MERCHANT
from tests.failures.news import work_off
from tests.failures.rest import come_to_rest, deliver
from tests.failures.stripe_purchase import DECLINED, REFUND_FAILS, REFUND_PENDS, StripePurchase, intent_on
from tests.sandbox_server import STRIPE_SECRET
from tests.shop_server import DOLLARS, PRODUCT, READING, RunningShop

#: Seconds after which the sandbox's slow refunds turn.
TURNED_S = 70


def hear(shop: RunningShop) -> None:
    """Let every event arrive and be worked on, twice: what was done may have made others."""
    for _ in range(2):
        deliver(shop)
        work_off(shop)


def unwanted(shop: RunningShop, buy_abroad: BuyAbroad, card: str, amount: int = DOLLARS - 1) -> StripePurchase:
    """Money that is not what was ordered, on a card whose refunds take their time; it is being sent back."""
    purchase = buy_abroad(shop, paid=False)
    purchase.change_amount(amount)
    purchase.pay(card=card)
    purchase.back()
    shop.work()
    return purchase


def refunds(shop: RunningShop) -> list[tuple[str, int]]:
    """(status, minor units) of every refund that we know, largest first."""
    rows = shop.rows("SELECT status, amount_minor FROM refunds ORDER BY amount_minor DESC")
    return [(row["status"], row["amount_minor"]) for row in rows]


@pytest.mark.parametrize("heard", [True, False], ids=["heard", "news_lost"])
def test_fm_81_a_refund_on_its_way_is_counted_once_it_arrived(
    shop: RunningShop, buy_abroad: BuyAbroad, heard: bool
) -> None:
    if not heard:
        shop.sandbox.mute()
    purchase = unwanted(shop, buy_abroad, REFUND_PENDS)

    assert refunds(shop) == [("pending", DOLLARS - 1)]
    assert purchase.payment()["refunded_minor"] == 0
    assert purchase.told() == "mismatch"
    assert purchase.mails() == []

    shop.advance(TURNED_S)
    if heard:
        hear(shop)
    else:
        shop.advance(6 * 3600)
        shop.work()
        shop.work()

    assert refunds(shop) == [("succeeded", DOLLARS - 1)]
    assert purchase.payment()["refunded_minor"] == DOLLARS - 1
    assert purchase.told() == "refunded"
    assert purchase.mails() == [("sent_back", "sent")]
    assert len(shop.sandbox.ledger()["refunds"]) == 1


def test_fm_81_a_refund_that_failed_after_all_tells_a_person_and_is_not_made_twice(
    shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    purchase = unwanted(shop, buy_abroad, REFUND_FAILS)
    assert refunds(shop) == [("succeeded", DOLLARS - 1)]

    shop.advance(TURNED_S)
    hear(shop)

    assert [row["status"] for row in shop.sandbox.ledger()["refunds"]] == ["failed"]
    assert "refund_came_back" in purchase.alerts()
    assert len(purchase.calls("refund")) == 1


@pytest.mark.parametrize("heard", [True, False], ids=["heard", "news_lost"])
def test_fm_84_a_refund_in_the_dashboard_is_entered_with_its_sum(
    shop: RunningShop, buy_abroad: BuyAbroad, heard: bool
) -> None:
    purchase = buy_abroad(shop)
    purchase.back()
    hear(shop)
    if not heard:
        shop.sandbox.mute()
    shop.sandbox.stripe_refund(payment_intent=purchase.key, amount=300)
    if not heard:
        shop.advance(60)
        shop.sandbox.set_webhook(f"{shop.origin}/payment/stripe/webhook", provider="stripe")
        shop.sandbox.stripe_refund(payment_intent=purchase.key, amount=200)
    hear(shop)

    assert purchase.told() == purchase.payment()["status"] == "partially_refunded"
    assert refunds(shop) == [("succeeded", 300)] + [("succeeded", 200)] * (not heard)
    shop.sandbox.stripe_refund(payment_intent=purchase.key)
    hear(shop)
    assert purchase.told() == "refunded"
    assert purchase.payment()["refunded_minor"] == DOLLARS
    assert purchase.calls("refund") == []
    assert purchase.alerts() == []


def test_fm_84_a_pending_refund_in_the_dashboard_is_entered_once_it_arrived(
    shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    purchase = buy_abroad(shop, card=REFUND_PENDS)
    purchase.back()
    shop.sandbox.stripe_refund(payment_intent=purchase.key)
    hear(shop)
    assert (purchase.told(), purchase.payment()["refunded_minor"]) == ("completed", 0)

    shop.advance(TURNED_S)
    hear(shop)
    assert (purchase.told(), purchase.payment()["refunded_minor"]) == ("refunded", DOLLARS)
    assert refunds(shop) == [("succeeded", DOLLARS)]


def test_fm_87_a_dispute_is_flagged_and_told_to_a_person_and_the_order_stays_as_it_is(
    shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    purchase = buy_abroad(shop)
    purchase.back()
    hear(shop)
    assert not purchase.payment()["disputed"]

    shop.sandbox.stripe_dispute(payment_intent=purchase.key)
    hear(shop)

    assert purchase.payment()["disputed"]
    assert purchase.alerts() == ["disputed"]
    assert purchase.told() == "completed"
    assert shop.sandbox.calls("refund") == []
    hear(shop)
    assert purchase.alerts() == ["disputed"]


def test_fm_87_money_that_was_not_ordered_is_not_sent_back_while_the_bank_takes_it_back_itself(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    purchase = buy_abroad(deaf_shop, paid=False)
    purchase.change_amount(DOLLARS - 1)
    purchase.pay()
    deaf_shop.sandbox.stripe_dispute(payment_intent=purchase.key)

    purchase.back()
    come_to_rest(deaf_shop)

    assert sorted(purchase.alerts()) == ["disputed", "mismatch"]
    assert deaf_shop.sandbox.calls("refund") == []
    assert refunds(deaf_shop) == []
    assert purchase.told() == "mismatch"


def test_fm_39_a_charge_at_stripe_without_an_order_is_entered_and_a_person_is_told(shop: RunningShop) -> None:
    taken = shop.sandbox.stripe_charge(order_id="ord_of_another_shop_00000000", amount=DOLLARS, currency="USD")
    come_to_rest(shop)

    (orphan,) = shop.rows("SELECT id, order_id, provider, status, captured_minor, provider_ref FROM payments")
    assert (orphan["order_id"], orphan["status"], orphan["captured_minor"]) == (None, "mismatch", DOLLARS)
    assert (orphan["provider"], orphan["provider_ref"]) == ("stripe", taken["id"])
    assert shop.rows("SELECT kind, object_id FROM alerts") == [{"kind": "orphan", "object_id": orphan["id"]}]
    assert shop.sandbox.calls("refund", "cancel") == []


def test_fm_39_an_intent_of_other_business_that_took_nothing_is_ignored(shop: RunningShop) -> None:
    url = f"http://127.0.0.1:{shop.sandbox.port}/stripe/v1/payment_intents"
    body = {"amount": DOLLARS, "currency": "usd", "metadata[order_id]": "ord_of_another_shop_00000000"}
    key = {"Idempotency-Key": f"{BY_THE_MERCHANT}other-business"}
    requests.post(url, data=body, headers=key, auth=(STRIPE_SECRET, ""), timeout=10).raise_for_status()
    shop.sandbox.stripe_pay(order_id="ord_of_another_shop_00000000", card=DECLINED)
    come_to_rest(shop)

    assert shop.rows("SELECT outcome FROM webhook_events") == [{"outcome": "ignored"}]
    assert shop.rows("SELECT id FROM payments") == []
    assert shop.rows("SELECT id FROM alerts") == []


def test_fm_24_after_paying_the_back_button_leads_to_the_payment_and_nobody_pays_twice(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    purchase = buy_abroad(deaf_shop, page=True)
    purchase.back()
    deaf_shop.work()

    assert purchase.form().headers["Location"] == f"/payments/{purchase.order_id}"
    again = purchase.owner().get(f"/checkout/{PRODUCT}", params={"currency": "USD", "provider": "stripe"})
    assert again.status_code == 200
    assert "no-store" in again.headers["Cache-Control"]
    assert "방금" in again.text or "just now" in again.text
    assert f"/payments/{purchase.order_id}" in again.text
    assert "data-client-secret" not in again.text
    assert len(deaf_shop.sandbox.ledger()["payments"]) == 1
    purchase.is_sold_once()


def test_fm_24_a_page_that_is_loaded_after_an_unseen_payment_finds_it(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    """Paid in a tab that was closed: the next visit reads the payment before it shows a form."""
    purchase = buy_abroad(deaf_shop, page=True)

    again = purchase.owner().get(f"/checkout/{PRODUCT}", params={"currency": "USD", "provider": "stripe"})

    assert "data-client-secret" not in again.text
    assert f"/payments/{purchase.order_id}" in again.text
    deaf_shop.work()
    assert purchase.told() == "completed"
    purchase.is_sold_once()


def test_fm_24_another_one_can_be_bought_and_the_api_makes_another_order_each_time(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    first = buy_abroad(deaf_shop, page=True)
    first.back()
    deaf_shop.work()

    page = first.checkout_page(first.owner(), again="1")
    assert intent_on(page) != first.key
    made = deaf_shop.create_abroad(amount=DOLLARS, description=READING)
    assert made["orderId"] != first.order_id
    first.is_sold_once()
