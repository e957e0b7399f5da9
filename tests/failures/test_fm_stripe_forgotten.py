"""What may not be forgotten: an open payment whose keys are away, a stored refusal, an intent that is gone."""

from collections.abc import Callable

import pytest

from tests.conftest import MakeShop
from tests.failures.conftest import BuyAbroad
from tests.failures.stripe_purchase import StripePurchase
from tests.sandbox_server import API_CLIENT, API_SECRET, WIDGET_CLIENT, WIDGET_SECRET, RunningSandbox
from tests.shop_server import PRICE, PRODUCT, RunningShop

DAY = 86_400
#: What a page says that can't know whether something was paid.
UNSURE = "결제됐는지 아직 확인하지 못했어요"


@pytest.fixture
def keyless(make_shop: MakeShop, database_url: str, sandbox: RunningSandbox) -> Callable[[], RunningShop]:
    """The same shop after somebody started it without Stripe's keys."""

    def start() -> RunningShop:
        toss = f"{sandbox.origin}/toss"
        shop = make_shop(
            database_url,
            TOSS_CLIENT_KEY=API_CLIENT,
            TOSS_SECRET_KEY=API_SECRET,
            TOSS_WIDGET_CLIENT_KEY=WIDGET_CLIENT,
            TOSS_WIDGET_SECRET_KEY=WIDGET_SECRET,
            TOSS_API_BASE=toss,
            TOSS_SDK_URL=f"{toss}/v2/standard",
        )
        sandbox.mute()
        return shop

    return start


def test_fm_70_without_its_keys_an_open_payment_is_still_watched_and_found_when_they_are_back(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad, keyless: Callable[[], RunningShop]
) -> None:
    purchase = buy_abroad(deaf_shop, page=True)
    without = keyless()
    without.clock.advance(120)

    assert without.sweep() == 1
    page = without.browse().get(f"/payments/{purchase.order_id}").text

    assert UNSURE in page
    assert purchase.payment()["next_check_at"] is not None
    deaf_shop.advance(300)
    deaf_shop.sweep()
    deaf_shop.work()
    purchase.is_sold_once()


def test_fm_70_an_attempt_given_up_without_its_keys_is_told_and_what_was_paid_there_is_found(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad, keyless: Callable[[], RunningShop]
) -> None:
    purchase = buy_abroad(deaf_shop, page=True, currency="KRW", price=PRICE, paid=False)
    without = keyless()

    answer = without.browse().get(f"/checkout/{PRODUCT}?currency=KRW&provider=toss")

    assert answer.status_code == 200
    assert [p["status"] for p in purchase.payments()] == ["canceled", "pending"]
    assert "not_closed" in purchase.alerts()
    # The old tab still had the form: whoever comes back from paying there is not told "not paid".
    paid = StripePurchase.pay(purchase)
    deaf_shop.browse(None).get(paid["redirect"])
    assert purchase.told() == "completed"
    assert [p["status"] for p in purchase.payments()] == ["completed", "canceled"]


@pytest.mark.parametrize("times", [1, 5])
def test_fm_65_a_stored_server_error_is_not_replayed_for_a_day(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad, times: int
) -> None:
    """Stripe keeps an answer for its key, a 500 too: after three of them another key is tried."""
    deaf_shop.sandbox.fault(provider="stripe", call="create", then="status", status=500, times=times)
    buyer, loads = deaf_shop.browse(), 0
    while (answer := buyer.get(f"/checkout/{PRODUCT}?currency=USD")).status_code == 503:
        loads += 1
        assert loads < 20, "the stored answer came for ever"
        assert "data-client-secret" not in answer.text

    assert loads >= 3
    assert answer.status_code == 200
    keys = {call["idem_key"] for call in deaf_shop.sandbox.calls("create")}
    assert 2 <= len(keys) <= 6
    assert len(deaf_shop.rows("SELECT id FROM payments")) == 1


def test_fm_39_an_intent_that_stripe_does_not_have_any_more_keeps_nobody_from_paying_for_ever(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    purchase = buy_abroad(deaf_shop, page=True, currency="KRW", price=PRICE, paid=False)
    deaf_shop.sandbox.reset()  # another account's keys look the same from here
    deaf_shop.sandbox.mute()
    toss = f"/checkout/{PRODUCT}?currency=KRW&provider=toss"

    assert UNSURE in purchase.page()
    assert UNSURE in purchase.page(), "also at once"
    assert purchase.owner().get(toss).status_code == 503, "nothing proves that the form of the other tab is dead"
    for _ in range(30):
        deaf_shop.advance(3600)
        deaf_shop.sweep()

    assert purchase.payment()["status"] == "canceled"
    assert {"not_closed", "provider_code"} <= set(purchase.alerts())
    assert purchase.owner().get(toss).status_code == 200


def test_fm_25_looking_at_the_page_uses_up_no_look_up_of_the_sweeper(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    purchase = buy_abroad(deaf_shop, page=True, paid=False)
    for _ in range(6):
        deaf_shop.advance(4)
        assert purchase.told() == "pending"

    purchase.pay()
    assert purchase.check_when_due() <= 60
    deaf_shop.work()
    purchase.is_sold_once()


def test_fm_89_who_was_promised_a_receipt_is_told_that_the_money_did_not_arrive(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    purchase = buy_abroad(deaf_shop, method="bank_debit")
    purchase.back()
    assert purchase.told() == "processing"
    deaf_shop.advance(3 * DAY)
    deaf_shop.sandbox.stripe_bank(payment_intent=purchase.key, outcome="failed")
    purchase.check_when_due()
    deaf_shop.work()

    assert purchase.told() == "pending"
    assert purchase.mails() == [("not_arrived", "sent")]
    (mail,) = deaf_shop.outbox.glob("*.eml")
    assert purchase.order_id.encode() in mail.read_bytes()
    # It lies open again for its whole lifetime, counted from this news.
    assert purchase.payment()["status"] == "pending"
    assert [row["status"] for row in purchase.intents()] == ["requires_payment_method"]


def test_fm_70_an_attempt_whose_keys_never_come_back_is_given_up_after_its_lifetime(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad, keyless: Callable[[], RunningShop]
) -> None:
    purchase = buy_abroad(deaf_shop, page=True, paid=False)
    without = keyless()
    for _ in range(26):
        without.clock.advance(3600)
        without.sweep()

    assert purchase.payment()["status"] == "canceled"
    assert "not_closed" in purchase.alerts()
