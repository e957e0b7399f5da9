"""The worker is killed while it sends a second charge back (FM-10): back once, in full, and one charge is kept."""

import pytest

from tests.crash.books import assert_books, assert_sold_once
from tests.crash.conftest import ServeShop
from tests.crash.failpoints import PASSAGES, REFUNDING
from tests.crash.purchases import BUYERS, prepare
from tests.crash.served_shop import wait_until
from tests.mail.mail_server import RunningMailServer
from tests.shop_server import NAME, PRICE

pytestmark = pytest.mark.crash


@pytest.mark.parametrize("passage", PASSAGES)
@pytest.mark.parametrize("place", REFUNDING)
def test_fm_10_killed_while_a_second_charge_goes_back(
    serve: ServeShop, mailbox: RunningMailServer, place: str, passage: int
) -> None:
    shop = serve(own_site=True)
    purchases = [prepare(shop, "call", BUYERS[number]) for number in range(passage)]
    for purchase in purchases:
        assert purchase.come_back().status_code == 200
    shop.work()
    for purchase in purchases:
        shop.sandbox.charge(order_id=purchase.sent_id, amount=PRICE, order_name=NAME, client_key=purchase.client_key)
    wait_until(lambda: len(shop.rows("SELECT id FROM webhook_events")) == 2 * passage, "the second charges are told")
    worker = shop.start_worker(f"{place}:{passage}")
    assert worker.wait_end() == -9
    shop.settle_down(hours=1)
    theirs = shop.sandbox.ledger()["refunds"]
    assert [refund["amount"] for refund in theirs] == [PRICE] * passage
    ours = shop.rows("SELECT status, amount_minor, provider_ref, cause FROM refunds")
    assert {refund["provider_ref"] for refund in ours} == {refund["provider_ref"] for refund in theirs}
    assert [(r["status"], r["amount_minor"], r["cause"]) for r in ours] == [
        ("succeeded", PRICE, "second_charge")
    ] * passage
    for purchase in purchases:
        assert_sold_once(shop, purchase.order_id)
        second = shop.payments(purchase.order_id)[-1]
        assert (second["status"], second["refunded_minor"]) == ("refunded", PRICE)
    assert sorted(mail["template"] for mail in shop.mails()) == ["receipt"] * passage + ["sent_back"] * passage
    keys = {call["idem_key"] for call in shop.sandbox.calls("cancel")}
    assert len(keys) == passage, "one refund, one key, however often it is sent"
    assert_books(shop, mailbox)
