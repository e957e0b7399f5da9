"""A provider that is down, says "too many requests", or refuses our keys: nobody waits in vain, nothing is lost."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.conftest import MakeShop
from tests.failures.conftest import Buy
from tests.failures.door import Door
from tests.failures.purchase import Purchase
from tests.sandbox_server import API_CLIENT, API_SECRET, RunningSandbox
from tests.shop_server import NAME, PRICE, PRODUCT, RunningShop
from webapp.domain.breaker import FAILURES

OPEN = 3


@pytest.fixture
def door(sandbox: RunningSandbox) -> Iterator[Door]:
    """The way from the shop to Toss, open at first."""
    with Door(sandbox.port) as door:
        door.open()
        yield door


@pytest.fixture
def far_shop(make_shop: MakeShop, database_url: str, door: Door) -> RunningShop:
    """A shop whose Toss is behind the door, and that hears no news."""
    shop = make_shop(database_url, TOSS_API_BASE=door.api_base)
    shop.sandbox.mute()
    return shop


def create(shop: RunningShop, token: str) -> Any:
    return shop.post("/payment/toss/create", {"amount": PRICE, "orderName": NAME}, token=token)


def wait_s(purchase: Purchase, shop: RunningShop) -> float:
    """Seconds to the payment's next look-up."""
    due = datetime.fromisoformat(str(purchase.payment()["next_check_at"]))
    now = shop.clock.now()
    return ((due.replace(tzinfo=now.tzinfo) if due.tzinfo is None else due) - now).total_seconds()


def test_fm_71_while_the_provider_is_down_nothing_new_is_begun_and_all_that_is_open_resolves(
    far_shop: RunningShop, buy: Buy, door: Door
) -> None:
    shop, token, buyer = far_shop, far_shop.token(), far_shop.browse("other@example.com")
    waiting, late = [buy(shop) for _ in range(OPEN)], [buy(shop)]
    door.slam()
    for purchase in waiting:
        purchase.back()
    while not shop.wiring.http.rests("toss"):
        assert door.slammed <= FAILURES
        shop.advance(6)
        shop.sweep()
    asked = door.slammed

    refused, page = create(shop, token), buyer.get(f"/checkout/{PRODUCT}?currency=KRW&provider=toss")
    answers = [purchase.back() for purchase in late]

    assert (refused.status_code, refused.json()["code"]) == (503, "PROVIDER_BUSY")
    assert (page.status_code, "Retry-After" in page.headers) == (503, True)
    assert "provider=stripe" in page.text, "the other way to pay is right there"
    assert [answer.status_code for answer in answers] == [503]
    assert shop.create_abroad()["success"], "the other provider sells on"
    assert door.slammed == asked, "nobody was asked for any of this"
    assert {p.payment()["status"] for p in waiting} == {"confirming"}

    for _ in range(6):  # a minute and a half more: the sweeper tries, now and then
        shop.advance(16)
        shop.sweep()
        shop.work()
    assert door.slammed - asked <= 12
    door.open()
    for _ in range(8):
        shop.advance(40)
        shop.sweep()
        shop.work()
    assert create(shop, token).status_code == 200
    for purchase in (*waiting, *late):
        assert purchase.told() == "completed"
        purchase.is_sold_once()


def test_fm_66_too_many_requests_are_waited_out_and_no_page_waits_along(deaf_shop: RunningShop, buy: Buy) -> None:
    purchases = [buy(deaf_shop) for _ in range(3)]
    deaf_shop.sandbox.fault(
        call="any", then="status", status=429, code="TOO_MANY", headers={"Retry-After": "120"}, times=6
    )

    for purchase in purchases:
        assert purchase.back().status_code == 303
        assert purchase.told() == "confirming"
        assert wait_s(purchase, deaf_shop) > 100
    calls = len(deaf_shop.sandbox.calls())
    deaf_shop.advance(60)
    deaf_shop.sweep()
    assert len(deaf_shop.sandbox.calls()) == calls, "nobody asks before the time that was named"

    deaf_shop.sandbox.clear_faults()
    for _ in range(3):
        deaf_shop.advance(70)
        deaf_shop.sweep()
        deaf_shop.work()
    for purchase in purchases:
        assert purchase.told() == "completed"
        purchase.is_sold_once()


def test_fm_70_refused_keys_tell_a_person_at_once_and_the_order_stays_payable(
    make_shop: MakeShop, database_url: str, buy: Buy, sandbox: RunningSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = {"TOSS_CLIENT_KEY": API_CLIENT, "TOSS_SECRET_KEY": API_SECRET}
    base = {"TOSS_API_BASE": f"{sandbox.origin}/toss", "TOSS_SDK_URL": f"{sandbox.origin}/toss/v2/standard"}
    good = make_shop(database_url, **keys, **base)
    mistyped = make_shop(database_url, **{**keys, "TOSS_SECRET_KEY": "test_sk_mistyped000"}, **base)
    sandbox.mute()
    purchase = buy(mistyped)

    purchase.back()

    alerts = mistyped.rows("SELECT kind, detail FROM alerts")
    assert [row["kind"] for row in alerts] == ["provider_code"]
    assert "UNAUTHORIZED_KEY" in alerts[0]["detail"] or "INVALID_API_KEY" in alerts[0]["detail"]
    assert purchase.told() == "confirming"
    calls = len(sandbox.calls())
    for _ in range(10):
        mistyped.sweep()
    assert len(sandbox.calls()) - calls <= 1, "no storm"
    assert "test_sk_mistyped000" not in capsys.readouterr().err

    good.clock.advance(60)
    mistyped.clock.advance(60)
    good.sweep()
    good.work()
    assert purchase.told() == "completed"
    purchase.is_sold_once()
