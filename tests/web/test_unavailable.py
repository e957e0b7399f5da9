"""The checkout page while the payment service is down: what it says, and what the order costs."""

from collections.abc import Iterator

import pytest

from tests.conftest import MakeShop
from tests.failures.door import Door
from tests.sandbox_server import RunningSandbox
from tests.shop_server import PRICE, PRODUCT, RunningShop
from webapp.domain.breaker import FAILURES
from webapp.providers.port import PaymentRef, ProviderUnavailable

HERS, TODAY = f"{PRICE:,}", "15,000"


@pytest.fixture
def cut_off_shop(make_shop: MakeShop, sqlite_url: str, sandbox: RunningSandbox) -> Iterator[RunningShop]:
    """A shop whose Toss answers nobody; before its first call it has not noticed."""
    with Door(sandbox.port) as shut:
        yield make_shop(sqlite_url, TOSS_API_BASE=shut.api_base)


def go_down(shop: RunningShop) -> None:
    """The shop has noticed that Toss is away; everything costs more by now."""
    for _ in range(FAILURES):
        with pytest.raises(ProviderUnavailable):
            shop.context.provider("toss").fetch(PaymentRef(provider_ref=None, order_ref="ord_00000000", key_pair="api"))
    shop.rows("UPDATE product_prices SET amount_minor = 15000 WHERE currency = 'KRW' RETURNING product_id")


@pytest.mark.parametrize("seen_in", ["KRW", "USD"])
def test_an_order_that_is_taken_up_again_costs_what_it_did(cut_off_shop: RunningShop, seen_in: str) -> None:
    """Whatever currency she sees prices in by now."""
    buyer = cut_off_shop.browse()
    order_id, _ = buyer.checkout()
    buyer.submit("/payments", "/currency", currency=seen_in)
    go_down(cut_off_shop)

    answer = buyer.get(f"/checkout/{PRODUCT}?order={order_id}")

    assert answer.status_code == 503
    assert f"order={order_id}" in answer.text
    assert HERS in answer.text
    assert TODAY not in answer.text
    assert "$10.00" in answer.text, "another currency is another order, at today's price"


def test_a_new_order_costs_what_it_does_today(cut_off_shop: RunningShop) -> None:
    go_down(cut_off_shop)

    answer = cut_off_shop.browse().get(f"/checkout/{PRODUCT}")

    assert answer.status_code == 503
    assert TODAY in answer.text
    assert HERS not in answer.text


def test_the_list_of_ways_offers_the_open_order_for_its_own_sum(cut_off_shop: RunningShop) -> None:
    buyer = cut_off_shop.browse()
    order_id, _ = buyer.checkout()
    cut_off_shop.rows("UPDATE product_prices SET amount_minor = 15000 WHERE currency = 'KRW' RETURNING product_id")

    for page in (f"/checkout/{PRODUCT}?order={order_id}", f"/payments/{order_id}"):
        answer = buyer.get(page)
        assert answer.status_code == 200
        assert HERS in answer.text
        assert TODAY not in answer.text, page
