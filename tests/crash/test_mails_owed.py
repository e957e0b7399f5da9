"""The worker is killed around a mail (FM-15, FM-115): owed by the commit, never twice, "perhaps sent" when unsure."""

import pytest

from tests.crash.books import assert_books, assert_sold_once
from tests.crash.conftest import ServeShop
from tests.crash.failpoints import MAILING, PASSAGES
from tests.crash.purchases import BUYERS, prepare
from tests.mail.mail_server import RunningMailServer

pytestmark = pytest.mark.crash

#: Where the worker died → what the shop may say of the mail, and whether the server has it.
SAID = {
    "outbox.claimed": ("perhaps_sent", 0),
    "outbox.before_send": ("perhaps_sent", 0),
    "outbox.sent": ("perhaps_sent", 1),
    "outbox.marked": ("sent", 1),
}


@pytest.mark.parametrize(
    "provider, place, passage",
    [
        *(("toss", place, passage) for place in MAILING for passage in PASSAGES),
        *(("stripe", place, 1) for place in ("outbox.claimed", "outbox.sent")),
    ],
)
def test_fm_115_killed_around_the_receipt(
    serve: ServeShop, mailbox: RunningMailServer, provider: str, place: str, passage: int
) -> None:
    shop = serve(own_site=True)
    purchases = [prepare(shop, "page", BUYERS[number], provider) for number in range(passage)]
    for purchase in purchases:
        assert purchase.come_back().status_code == 303
    assert [mail["state"] for mail in shop.mails()] == ["queued"] * passage
    worker = shop.start_worker(f"{place}:{passage}")
    assert worker.wait_end() == -9
    shop.settle_down(hours=1)
    for purchase in purchases:
        assert_sold_once(shop, purchase.order_id)
    if passage == 1:
        state, taken = SAID[place]
        assert [mail["state"] for mail in shop.mails()] == [state]
        assert len(mailbox.received) == taken
    else:
        # Two threads mail at once: the other one may have been cut anywhere.
        assert SAID[place][0] in {mail["state"] for mail in shop.mails()}
    before = len(mailbox.received)
    shop.settle_down(hours=72)
    assert len(mailbox.received) == before, "not sent again, however long we wait"
    assert_books(shop, mailbox)
