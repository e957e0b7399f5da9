"""The worker is killed while it sends a second charge back (FM-10): back once, in full, and one charge is kept."""

import pytest

from tests.crash.books import assert_books, assert_sold_once
from tests.crash.conftest import ServeShop
from tests.crash.failpoints import PASSAGES, REFUNDING
from tests.crash.purchases import BUYERS, PRICES, charge_again, prepare
from tests.crash.served_shop import wait_until
from tests.mail.mail_server import RunningMailServer

pytestmark = pytest.mark.crash


#: What a refund is called at each.
CALLS = {"toss": "cancel", "stripe": "refund"}


@pytest.mark.parametrize(
    "provider, place, passage",
    [
        *(("toss", place, passage) for place in REFUNDING for passage in PASSAGES),
        *(("stripe", place, 1) for place in REFUNDING),
        ("stripe", "refund.sent", 2),
    ],
)
def test_fm_10_killed_while_a_second_charge_goes_back(
    serve: ServeShop, mailbox: RunningMailServer, provider: str, place: str, passage: int
) -> None:
    shop = serve(own_site=True)
    purchases = [prepare(shop, "call", BUYERS[number], provider) for number in range(passage)]
    for purchase in purchases:
        assert purchase.come_back().status_code == 200
    shop.work()
    for purchase in purchases:
        charge_again(shop, provider, purchase)
    wait_until(lambda: len(shop.rows("SELECT id FROM webhook_events")) == 2 * passage, "the second charges are told")
    worker = shop.start_worker(f"{place}:{passage}")
    assert worker.wait_end() == -9
    shop.settle_down(hours=1)
    theirs = shop.sandbox.ledger()["refunds"]
    assert [refund["amount"] for refund in theirs] == [PRICES[provider]] * passage
    ours = shop.rows("SELECT status, amount_minor, provider_ref, cause FROM refunds")
    assert {refund["provider_ref"] for refund in ours} == {refund["provider_ref"] for refund in theirs}
    assert [(r["status"], r["amount_minor"], r["cause"]) for r in ours] == [
        ("succeeded", PRICES[provider], "second_charge")
    ] * passage
    for purchase in purchases:
        assert_sold_once(shop, purchase.order_id)
        second = shop.payments(purchase.order_id)[-1]
        assert (second["status"], second["refunded_minor"]) == ("refunded", PRICES[provider])
    assert sorted(mail["template"] for mail in shop.mails()) == ["receipt"] * passage + ["sent_back"] * passage
    keys = {call["idem_key"] for call in shop.sandbox.calls(CALLS[provider])}
    assert len(keys) == passage, "one refund, one key, however often it is sent"
    assert_books(shop, mailbox)
