"""Calls to Stripe that end in an error, in silence, too late, or in nonsense: nothing is done twice or guessed."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.failures.conftest import BuyAbroad
from tests.failures.purchase import wait_until
from tests.failures.races import at_once
from tests.failures.stripe_purchase import StripePurchase, intent_on
from tests.shop_server import PRICE, PRODUCT, RunningShop

#: How a call ends instead of with its answer.
ENDINGS: dict[str, dict[str, Any]] = {
    **{str(status): {"then": "status", "status": status} for status in (500, 502, 503, 504)},
    "dead_connection": {"then": "reset"},
}
EFFECT = pytest.mark.parametrize("effect", [True, False], ids=["with_effect", "without"])
#: Seconds, well apart: for a page that needs no provider, on a busy machine; how late the provider's answer is.
FAST_S, LATE_S = 4, 7


def trouble(shop: RunningShop, call: str, ending: str, effect: bool) -> None:
    """Let the next call of this name end badly, after its effect or without one."""
    shop.sandbox.fault(provider="stripe", call=call, apply=effect, **ENDINGS[ending])


#: A provider may keep its answer to a key, an error too, and repeat it: so often at the most before another key.
SENDINGS = 4
#: After so many seconds another visit to the checkout page is another purchase.
NOT_JUST_NOW_S = 1801


@EFFECT
def test_fm_65_68_a_create_that_went_wrong_is_sent_again_with_its_key_and_shows_one_intent(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad, effect: bool
) -> None:
    for ending in ENDINGS:
        owner = deaf_shop.browse()
        before = len(deaf_shop.sandbox.calls("create"))
        trouble(deaf_shop, "create", ending, effect)

        for tries in range(1, SENDINGS + 1):
            page = owner.get(f"/checkout/{PRODUCT}", params={"currency": "USD", "provider": "stripe"})
            assert len(deaf_shop.sandbox.calls("create")) - before == tries, "sent again by itself"
            if page.status_code == 200:
                break
            assert page.status_code == 503
            assert "data-client-secret" not in page.text

        assert tries == (4 if ending == "500" else 2)
        purchase = buy_abroad(deaf_shop, page=True)
        keys = [call["idem_key"] for call in purchase.calls("create")]
        assert len(set(keys[:3])) == 1
        assert len(purchase.payments()) == 1
        purchase.back()
        deaf_shop.work()
        purchase.is_sold_once()
        assert len(purchase.intents()) == (2 if ending == "500" and effect else 1)
        deaf_shop.advance(NOT_JUST_NOW_S)


@EFFECT
def test_fm_65_68_a_cancel_that_went_wrong_is_looked_up_and_the_intent_is_closed(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad, effect: bool
) -> None:
    for ending in ENDINGS:
        purchase = buy_abroad(deaf_shop, paid=False)
        trouble(deaf_shop, "cancel", ending, effect)

        assert purchase.cancel().status_code == 503
        assert purchase.payment()["status"] == "pending"
        assert len(purchase.calls("cancel")) == 1, "sent again by itself"

        for _ in range(SENDINGS):
            if purchase.payment()["status"] == "pending":
                assert purchase.cancel().status_code in (303, 503)
        purchase.check_when_due()
        assert [row["status"] for row in purchase.intents()] == ["canceled"]
        assert purchase.payment()["status"] == "canceled"
        assert len({call["idem_key"] for call in purchase.calls("cancel")[:3]}) == 1
        assert purchase.cancel().status_code == 303
        assert purchase.order()["status"] == "canceled"


@EFFECT
def test_fm_65_68_a_refund_that_went_wrong_is_looked_up_and_made_once(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad, effect: bool
) -> None:
    """Money is never sent back with another key: one that an error was kept for is waited out, a day."""
    for ending in ENDINGS:
        purchase = wrong_sum(deaf_shop, buy_abroad)
        trouble(deaf_shop, "refund", ending, effect)

        deaf_shop.work()
        assert len(purchase.calls("refund")) == 1, "sent again by itself"
        for _ in range(40 if ending == "500" and not effect else 2):
            deaf_shop.advance(3600 if ending == "500" else 10)
            deaf_shop.work()

        assert [(row["captured"], row["refunded"]) for row in purchase.intents()] == [(700, 700)]
        assert purchase.payment()["status"] == "refunded"
        assert len({call["idem_key"] for call in purchase.calls("refund")}) == 1
        assert len(purchase.refunds()) == 1
        assert purchase.mails() == [("sent_back", "sent")]


def wrong_sum(shop: RunningShop, buy_abroad: BuyAbroad) -> StripePurchase:
    """A payment of 7.00 for an order of 10.00, read and about to be sent back."""
    purchase = buy_abroad(shop, paid=False)
    purchase.change_amount(700)
    purchase.pay()
    purchase.back()
    assert purchase.payment()["status"] == "mismatch"
    return purchase


def test_fm_65_68_without_an_answer_to_its_reading_a_return_is_checked_and_found(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    for ending in ENDINGS:
        purchase = buy_abroad(deaf_shop)
        trouble(deaf_shop, "lookup", ending, True)

        assert purchase.back().status_code == 303
        deaf_shop.sandbox.clear_faults()

        assert purchase.told() in ("confirming", "completed")
        if purchase.payment()["status"] == "confirming":
            purchase.check_when_due()
        deaf_shop.work()
        assert purchase.told() == "completed"
        purchase.is_sold_once()


def test_fm_65_a_page_that_cannot_ask_does_not_say_that_nothing_was_paid(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    purchase = buy_abroad(deaf_shop)
    deaf_shop.sandbox.fault(provider="stripe", call="lookup", then="status", status=503, times=2)

    page = purchase.page()

    assert "아직 결제하지 않았어요" not in page
    assert "hx-trigger" in page
    assert f"/checkout/{PRODUCT}?order=" not in page
    deaf_shop.sandbox.clear_faults()
    assert purchase.told() == "completed"
    deaf_shop.work()


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    """How many seconds it took, and what came of it."""
    began = time.monotonic()
    result = action()
    return time.monotonic() - began, result


@pytest.mark.parametrize("slow", [{"then": "delay"}, {"then": "drip"}], ids=["late", "dripping"])
def test_fm_67_a_slow_create_keeps_neither_its_buyer_nor_others_waiting(
    hasty_shop: RunningShop, buy_abroad: BuyAbroad, slow: dict[str, str]
) -> None:
    owner, other = hasty_shop.browse(), hasty_shop.browse("other@example.com")
    hasty_shop.sandbox.fault(provider="stripe", call="create", delay_s=LATE_S, **slow)
    query = {"currency": "USD", "provider": "stripe"}

    def look_around() -> Any:
        time.sleep(0.3)
        return [other.get(path).status_code for path in ("/", "/payments")]

    (waited, page), (others, looked) = at_once(
        partial(timed, partial(owner.get, f"/checkout/{PRODUCT}", params=query)), partial(timed, look_around)
    )

    assert waited <= 1 + FAST_S
    assert page.status_code == 503
    assert looked == [200, 200]
    assert others <= FAST_S
    wait_until(lambda: hasty_shop.sandbox.calls("create")[0]["status"] == 200)
    time.sleep(LATE_S if slow["then"] == "drip" else 0.2)
    purchase = buy_abroad(hasty_shop, page=True)
    purchase.back()
    hasty_shop.work()
    assert purchase.told() == "completed"
    purchase.is_sold_once()
    assert len(purchase.intents()) == 1


@pytest.mark.parametrize("step", ["cancel", "switch"])
def test_fm_67_a_slow_cancel_goes_on_while_its_buyer_is_asked_to_wait(
    hasty_shop: RunningShop, buy_abroad: BuyAbroad, step: str
) -> None:
    purchase = buy_abroad(hasty_shop, paid=False, currency="KRW", price=PRICE)
    purchase.owner()
    hasty_shop.sandbox.fault(provider="stripe", call="cancel", then="delay", delay_s=LATE_S)

    waited, answer = timed(purchase.cancel if step == "cancel" else partial(purchase.form, provider="toss"))

    assert waited <= 1 + FAST_S
    assert answer.status_code == 503
    wait_until(lambda: purchase.payments()[0]["status"] == "canceled")
    assert not purchase.try_to_pay()


@pytest.mark.parametrize("slow", [{"then": "delay"}, {"then": "drip"}], ids=["late", "dripping"])
def test_fm_67_a_slow_reading_is_waited_for_a_moment_and_the_page_says_checking(
    hasty_shop: RunningShop, buy_abroad: BuyAbroad, slow: dict[str, str]
) -> None:
    purchase = buy_abroad(hasty_shop)
    other = hasty_shop.browse("other@example.com")
    hasty_shop.sandbox.fault(provider="stripe", call="lookup", delay_s=LATE_S, **slow)

    waited, answer = timed(purchase.back)

    assert waited <= 1 + FAST_S
    assert answer.headers["Location"] == f"/payments/{purchase.order_id}"
    assert timed(lambda: other.get("/payments"))[0] <= FAST_S
    assert purchase.told() in ("confirming", "completed")
    purchase.check_when_due()
    hasty_shop.work()
    assert purchase.told() == "completed"
    purchase.is_sold_once()


#: A 200 of Stripe's that is none.
NONSENSE: dict[str, Any] = {
    "html": {"then": "garbage"},
    "empty": {"then": "garbage", "body": ""},
    "cut_off": {"then": "garbage", "body": '{"id": "pi_3abc", "object": "payment_intent", "status": "succ'},
    "a_list": {"body": []},
    "no_id": {"patch": {"id": None}},
    "no_object": {"patch": {"object": None}},
    "sum_as_text": {"patch": {"amount": "1000", "amount_received": "1000"}},
    "sum_as_fraction": {"patch": {"amount": 10.5}},
    "no_secret_no_status": {"patch": {"client_secret": None, "status": None}},
    "another_intent": {"patch": {"id": "pi_3Another0Intent0Of0Nobody"}},
    "another_order": {"patch": {"metadata": {"order_id": "ord_of_somebody_else_0000"}}},
    "other_mode": {"patch": {"livemode": True}},
    "redirect": {"then": "garbage", "status": 302, "headers": {"Location": "/stripe/v1/charges"}},
    "two_megabytes": {"then": "garbage", "body": '{"object": "payment_intent", "x": "' + "x" * 2_000_000 + '"}'},
}


def test_fm_69_nonsense_at_any_call_concludes_nothing(deaf_shop: RunningShop, buy_abroad: BuyAbroad) -> None:
    """Create, the page's reading, the return's, the sweeper's, and the search by order id."""
    for answer in NONSENSE.values():
        spoil = partial(deaf_shop.sandbox.fault, provider="stripe", **answer)
        owner = deaf_shop.browse()
        spoil(call="create")
        first = owner.get(f"/checkout/{PRODUCT}", params={"currency": "USD", "provider": "stripe"})
        assert first.status_code in (503, 501) or intent_on(first.text), first.status_code
        purchase = buy_abroad(deaf_shop, page=True, paid=False)
        deaf_shop.sandbox.clear_faults()

        spoil(call="lookup")
        assert purchase.form().status_code in (200, 501, 503)
        deaf_shop.sandbox.clear_faults()
        assert intent_on(purchase.form().text) == purchase.key
        purchase.pay()
        spoil(call="lookup", times=2)
        spoil(call="search")
        assert purchase.back().status_code == 303
        purchase.check_when_due()
        reached = {move.split(">")[1] for move in purchase.moves()}
        assert reached <= {"pending", "confirming", "completed"}

        deaf_shop.sandbox.clear_faults()
        for _ in range(3):
            if purchase.payment()["status"] != "completed":
                purchase.check_when_due()
        deaf_shop.work()
        assert purchase.told() == "completed"
        purchase.is_sold_once()
        deaf_shop.advance(NOT_JUST_NOW_S)


def test_fm_69_nonsense_after_a_cancel_or_a_refund_concludes_nothing(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    for answer in NONSENSE.values():
        spoil = partial(deaf_shop.sandbox.fault, provider="stripe", **answer)
        purchase = buy_abroad(deaf_shop, paid=False)
        spoil(call="cancel")
        assert purchase.cancel().status_code in (303, 503)
        deaf_shop.sandbox.clear_faults()
        purchase.check_when_due()
        assert purchase.cancel().status_code == 303
        assert (purchase.order()["status"], purchase.payment()["captured_minor"]) == ("canceled", 0)

        wrong = wrong_sum(deaf_shop, buy_abroad)
        spoil(call="refund")
        deaf_shop.work()
        deaf_shop.sandbox.clear_faults()
        deaf_shop.advance(10)
        deaf_shop.work()
        assert wrong.payment()["status"] == "refunded"
        assert [row["amount"] for row in wrong.refunds()] == [700]
