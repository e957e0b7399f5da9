"""What pages may not claim, browsers may not bind, and nobody keeps: small lies and leftovers around Stripe."""

import pytest
from sqlalchemy import select

from tests.failures.conftest import BuyAbroad
from tests.failures.rest import deliver
from tests.failures.stripe_purchase import ASKS, StripePurchase
from tests.failures.test_fm_stripe_forgotten import UNSURE
from tests.shop_server import PRODUCT, RunningShop
from webapp.db.inbox import Event

DAY = 86_400


@pytest.mark.parametrize(
    "odd", [{"status": "requires_capture"}, {"status": "SOMETHING_NEW"}, {"amount": 1}], ids=["held", "new", "sum"]
)
def test_fm_69_a_reading_that_concludes_nothing_is_not_told_as_not_paid(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad, odd: dict[str, object]
) -> None:
    purchase = buy_abroad(deaf_shop, page=True, paid=False)
    deaf_shop.advance(10)
    deaf_shop.sandbox.fault(provider="stripe", call="lookup", patch=odd, times=2)

    page = purchase.page()

    assert UNSURE in page
    assert UNSURE in purchase.page(), "whoever reloads at once was told what nobody knows"
    assert f"/checkout/{PRODUCT}" not in page.split('id="payment"')[1].split("</main>")[0], "a way to pay again"
    deaf_shop.advance(10)
    assert UNSURE not in purchase.page()


def test_fm_09_a_browser_cannot_bind_an_intent_to_an_attempt_that_was_never_opened(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    """The create was never answered; somebody comes with the address of a return for its order."""
    paid_elsewhere = buy_abroad(deaf_shop, email="other@example.com")
    deaf_shop.sandbox.fault(provider="stripe", call="create", then="reset", apply=False)
    buyer = deaf_shop.browse()
    assert buyer.get(f"/checkout/{PRODUCT}?currency=USD").status_code == 503
    (row,) = deaf_shop.rows("SELECT sent_order_id FROM payments WHERE provider_ref IS NULL")

    for intent in (paid_elsewhere.key, "pi_invented0001", f"pi_{'x' * 190}"):
        query = {"payment_intent": intent, "order": row["sent_order_id"]}
        assert deaf_shop.browse(None).get("/payment/success", params=query).status_code == 409

    (still,) = deaf_shop.rows(
        "SELECT status, provider_ref FROM payments WHERE sent_order_id = :s", s=row["sent_order_id"]
    )
    assert still == {"status": "pending", "provider_ref": None}
    assert buyer.get(f"/checkout/{PRODUCT}?currency=USD").status_code == 200


def test_fm_88_who_will_not_finish_the_check_gets_a_new_payment_and_the_old_one_is_closed(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    purchase = buy_abroad(deaf_shop, page=True, card=ASKS, challenge="abandon")
    page = f"/payments/{purchase.order_id}"

    kept = purchase.owner().submit(page, f"{page}/tries")
    assert kept.status_code == 303
    assert [row["status"] for row in purchase.intents()] == ["requires_action"]
    again = purchase.owner().submit(page, f"{page}/tries", fresh="1")
    assert purchase.owner().get(again.headers["Location"]).status_code == 200

    assert [row["status"] for row in purchase.intents()] == ["canceled", "requires_payment_method"]
    assert [p["status"] for p in purchase.payments()] == ["canceled", "pending"]


def test_fm_90_what_is_found_paid_while_it_is_closed_says_so_in_the_timeline(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    purchase = buy_abroad(deaf_shop, page=True)

    assert purchase.cancel().status_code == 409

    (row,) = deaf_shop.rows("SELECT cause FROM audit_log WHERE object_type = 'payment' AND to_state = 'completed'")
    assert row["cause"] == "sweep"
    deaf_shop.work()
    purchase.is_sold_once()


def test_fm_90_a_wish_to_cancel_outlives_a_moment_at_which_it_could_not_be_done(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    purchase = buy_abroad(deaf_shop, page=True, paid=False)
    busy = {"then": "status", "status": 400, "code": "payment_intent_unexpected_state"}
    deaf_shop.sandbox.fault(provider="stripe", call="cancel", **busy)

    assert purchase.cancel().status_code == 503
    assert purchase.payment()["status"] == "pending"
    assert purchase.check_when_due() <= 60

    assert purchase.payment()["status"] == "canceled"
    assert [row["status"] for row in purchase.intents()] == ["canceled"]
    keys = [call["idem_key"] for call in deaf_shop.sandbox.calls("cancel")]
    assert len(set(keys)) == len(keys) == 2, "the stored refusal would be replayed to the first key"


def test_fm_60_no_client_secret_is_kept_or_printed(shop: RunningShop, buy_abroad: BuyAbroad) -> None:
    purchase = buy_abroad(shop, page=True)
    deliver(shop)
    secret = purchase.brought["clientSecret"]

    with shop.context.sessions.read() as session:
        bodies = [event.body for event in session.scalars(select(Event))]
    assert any(purchase.key in body for body in bodies)
    assert not any("_secret_" in body for body in bodies)
    query = {"payment_intent": purchase.key, "payment_intent_client_secret": secret, "order": "ord_nobody_knows_it"}
    refused = shop.browse().get("/payment/success", params=query)
    assert refused.status_code == 404
    assert secret not in refused.text


def test_fm_24_whoever_buys_another_one_may_choose_how_to_pay_it(shop: RunningShop, buy_abroad: BuyAbroad) -> None:
    purchase = buy_abroad(shop, page=True)
    purchase.back()

    page = StripePurchase.checkout_page(purchase.owner(), "USD", again="1")

    ways = [link for link in page.split('href="') if link.startswith("/checkout/")]
    assert ways
    assert all("again=1" in way.split('"')[0] for way in ways)
