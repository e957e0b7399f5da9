"""The confirm that times out, never arrives, is repeated, or is answered with something else than a payment."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import MakeShop
from tests.failures.conftest import Buy
from tests.failures.door import Door
from tests.failures.purchase import Purchase, wait_until
from tests.sandbox_server import RunningSandbox
from tests.shop_server import PRICE, RunningShop
from tests.tooling.sockets import block_network

#: Seconds between the look-ups of a payment whose answer is owed; the last wait repeats.
SCHEDULE_S = (5, 15, 60, 300, 1800, 3600, 3600)

#: What the page says while no byte of the confirm has left the shop.
NOTHING_TAKEN = "아직 결제되지 않았어요"

#: Charged, and then: the answer comes too late, the socket closes after a while, or at once.
SILENCES: dict[str, dict[str, Any]] = {
    "answer_too_late": {"then": "drip", "delay_s": 3},
    "closed_after_a_wait": {"then": "hold", "delay_s": 1},
    "closed_at_once": {"then": "reset"},
}


def is_unanswered(purchase: Purchase) -> bool:
    return [op["state"] for op in purchase.operations()] == ["unanswered"]


@pytest.mark.parametrize("silence", SILENCES)
def test_fm_01_a_charge_without_an_answer_is_checked_and_found(hasty_shop: RunningShop, buy: Buy, silence: str) -> None:
    purchase = buy(hasty_shop)
    hasty_shop.sandbox.fault(call="confirm", **SILENCES[silence])

    assert purchase.back().headers["Location"] == f"/payments/{purchase.order_id}"
    if silence == "answer_too_late":
        # The whole call has a minute: it runs out while the answer trickles in.
        late = hasty_shop.clock.monotonic
        hasty_shop.clock.monotonic = lambda: late() + 61  # type: ignore[method-assign]

    page = purchase.page()
    assert 'data-status="confirming"' in page
    assert "/checkout/" not in page.split('id="payment"')[1].split("</main>")[0], "a way to pay again"
    assert 'http-equiv="refresh"' in page
    assert "hx-trigger" in page
    wait_until(lambda: is_unanswered(purchase))
    assert purchase.payment()["status"] == purchase.order()["status"] == "confirming"
    assert purchase.payment()["last_failure"] is None
    assert purchase.charges()[0]["captured"] == PRICE

    assert purchase.check_when_due() <= SCHEDULE_S[0]
    hasty_shop.work()
    assert purchase.told() == "completed"
    purchase.is_sold_once()
    assert len(purchase.confirms()) == 1


def test_fm_01_nobody_can_pay_again_or_cancel_while_the_answer_is_owed(hasty_shop: RunningShop, buy: Buy) -> None:
    purchase = buy(hasty_shop)
    hasty_shop.sandbox.fault(call="confirm", then="reset")
    purchase.back()
    wait_until(lambda: is_unanswered(purchase))
    page = f"/payments/{purchase.order_id}"

    assert purchase.owner().submit(page, f"{page}/tries").headers["Location"] == page
    assert purchase.owner().submit(page, f"{page}/cancel").status_code == 409
    assert purchase.back().status_code == 303

    assert len(purchase.payments()) == 1
    assert purchase.payment()["status"] == "confirming"
    assert len(purchase.confirms()) == 1


def test_fm_01_the_order_id_finds_what_the_payment_key_does_not(hasty_shop: RunningShop, buy: Buy) -> None:
    purchase = buy(hasty_shop)
    hasty_shop.sandbox.fault(call="confirm", then="reset")
    hasty_shop.sandbox.fault(call="lookup", then="status", status=404, code="NOT_FOUND_PAYMENT")
    purchase.back()
    wait_until(lambda: is_unanswered(purchase))

    purchase.check_when_due()
    hasty_shop.work()

    assert [call["call"] for call in hasty_shop.sandbox.calls()] == ["confirm", "lookup", "lookup_order"]
    purchase.is_sold_once()


def test_fm_01_look_ups_grow_apart_and_a_person_is_told_after_a_day(hasty_shop: RunningShop, buy: Buy) -> None:
    purchase = buy(hasty_shop)
    hasty_shop.sandbox.fault(call="confirm", then="reset")
    hasty_shop.sandbox.fault(
        call="lookup", then="status", status=503, code="FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING", times=1000
    )
    purchase.back()
    wait_until(lambda: is_unanswered(purchase))

    waits = [purchase.check_when_due() for _ in SCHEDULE_S]
    for expected, waited in zip(SCHEDULE_S, waits, strict=True):
        assert expected * 0.9 - 1 <= waited <= expected
    assert hasty_shop.rows("SELECT kind FROM alerts") == []

    for _ in range(24):
        purchase.check_when_due()
    assert purchase.payment()["status"] == "confirming"
    assert hasty_shop.rows("SELECT kind, object_id FROM alerts") == [
        {"kind": "unresolved_payment", "object_id": purchase.payment()["id"]}
    ]
    hasty_shop.sandbox.clear_faults()
    purchase.check_when_due()
    hasty_shop.work()
    purchase.is_sold_once()


@pytest.fixture
def door(sandbox: RunningSandbox) -> Iterator[Door]:
    """The way from the shop to the provider, shut."""
    with Door(sandbox.port) as door:
        yield door


@pytest.fixture
def far_shop(make_shop: MakeShop, database_url: str, door: Door) -> RunningShop:
    """A shop whose provider is behind the door, and that hears no news."""
    shop = make_shop(database_url, TOSS_API_BASE=door.api_base)
    shop.sandbox.set_webhook(None)
    return shop


def test_fm_02_a_refused_connection_took_nothing_and_the_same_call_goes_out_again(
    far_shop: RunningShop, buy: Buy, door: Door
) -> None:
    purchase = buy(far_shop)

    assert purchase.back().status_code == 303
    (operation,) = purchase.operations()
    assert (operation["state"], operation["sends"]) == ("unsent", 1)
    assert NOTHING_TAKEN in purchase.page()
    far_shop.advance(30)
    far_shop.sweep()
    assert purchase.told() == "confirming"
    assert purchase.confirms() == []

    door.open()
    purchase.check_when_due()
    far_shop.work()
    (call,) = purchase.confirms()
    assert call["idem_key"] == operation["idempotency_key"]
    purchase.is_sold_once()


def test_fm_02_a_name_that_does_not_resolve_took_nothing(hasty_shop: RunningShop, buy: Buy) -> None:
    purchase = buy(hasty_shop)

    with block_network({"localhost": "toss.invalid:443"}) as guard:
        purchase.back()
        wait_until(lambda: [op["state"] for op in purchase.operations()] == ["unsent"])
        assert guard.refused == ["toss.invalid"]
        guard.refused.clear()
    assert NOTHING_TAKEN in purchase.page()
    assert purchase.confirms() == []

    purchase.check_when_due()
    hasty_shop.work()
    purchase.is_sold_once()


def test_fm_02_without_tls_nothing_is_sent_and_the_repaired_address_goes_on(
    make_shop: MakeShop, database_url: str, sandbox: RunningSandbox, buy: Buy
) -> None:
    purchase = buy(make_shop(database_url, TOSS_API_BASE=f"https://127.0.0.1:{sandbox.port}/toss"))

    purchase.back()
    assert [op["state"] for op in purchase.operations()] == ["unsent"]
    assert NOTHING_TAKEN in purchase.page()
    assert sandbox.calls() == []

    repaired = make_shop(database_url)
    sandbox.set_webhook(None)
    repaired.advance(30)
    repaired.sweep()
    repaired.work()
    purchase.is_sold_once()


def test_fm_02_a_connection_closed_unread_may_have_been_read_and_is_looked_up(
    far_shop: RunningShop, buy: Buy, door: Door
) -> None:
    """Where in the call the reset is met is chance, so several buyers meet it."""
    purchases = [buy(far_shop) for _ in range(8)]
    door.slam()

    for purchase in purchases:
        assert purchase.back().status_code == 303
        assert [op["state"] for op in purchase.operations()] in (["unsent"], ["unanswered"])
        assert purchase.order()["status"] == "confirming"
    assert door.slammed
    assert purchases[0].told() == "confirming"

    door.open()
    far_shop.advance(30)
    far_shop.sweep()
    far_shop.work()
    for purchase in purchases:
        keys = {op["idempotency_key"] for op in purchase.operations()}
        assert {call["idem_key"] for call in purchase.confirms()} == keys
        purchase.is_sold_once()


def test_fm_02_when_the_window_passed_before_anything_could_be_sent_the_order_stays_payable(
    far_shop: RunningShop, buy: Buy, door: Door
) -> None:
    purchase = buy(far_shop)
    purchase.back()
    far_shop.advance(601)
    far_shop.sweep()

    door.open()
    purchase.check_when_due()

    assert purchase.confirms() == []
    assert purchase.payment()["status"] == "expired"
    assert purchase.order()["last_failure"] == "expired"
    assert purchase.told() == "pending"
    purchase.is_untouched()
