"""A mail server that refuses, drops and comes back: owed once, never sent twice, and a person told when unsure."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.mail.mail_server import RunningMailServer
from tests.mail.paid_orders import alerts, charge_again, mail_states, pay
from tests.shop_server import RunningShop


def test_fm_115_the_receipt_is_owed_by_the_commit_that_completes(
    mailing_shop: RunningShop, mailbox: RunningMailServer
) -> None:
    order_id = pay(mailing_shop)
    # No worker has run: what is here came with the commit that completed the order.
    order = mailing_shop.order(order_id)
    assert order["status"] == "completed"
    (mail,) = mailing_shop.mails()
    assert (mail["template"], mail["state"], mail["order_id"]) == ("receipt", "queued", order["id"])
    (job,) = mailing_shop.rows("SELECT subject, state FROM jobs WHERE kind = 'send_mail'")
    assert (job["subject"], job["state"]) == (mail["id"], "queued")
    assert mailbox.received == []
    assert mailing_shop.work() >= 1
    assert [received.mail_id for received in mailbox.received] == [mail["id"]]
    assert mail_states(mailing_shop) == ["sent"]


def test_fm_115_taken_and_dropped_is_perhaps_sent(mailing_shop: RunningShop, mailbox: RunningMailServer) -> None:
    mailbox.drop_after_data()
    pay(mailing_shop)
    mailing_shop.settle_down(hours=72)
    assert len(mailbox.received) == 1, "the server has it: once"
    assert mail_states(mailing_shop) == ["perhaps_sent"]
    assert alerts(mailing_shop) == [("mail_perhaps_sent", mailing_shop.mails()[0]["id"])]


def test_fm_115_a_mail_found_half_way_is_left_to_a_person(
    mailing_shop: RunningShop, mailbox: RunningMailServer
) -> None:
    pay(mailing_shop)
    with mailing_shop.db() as session:
        session.execute(text("UPDATE mails SET state = 'sending'"))
    mailing_shop.settle_down(hours=1)
    assert mailbox.conversations == 0
    assert mail_states(mailing_shop) == ["perhaps_sent"]
    assert alerts(mailing_shop) == [("mail_perhaps_sent", mailing_shop.mails()[0]["id"])]


def test_fm_115_many_workers_send_it_once(mailing_shop: RunningShop, mailbox: RunningMailServer) -> None:
    pay(mailing_shop)
    start = threading.Barrier(6)

    def work() -> None:
        start.wait()
        mailing_shop.work()

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(mailbox.received) == 1
    assert mail_states(mailing_shop) == ["sent"]
    assert alerts(mailing_shop) == [], "nobody took it out of another's hands"


def test_fm_115_one_mail_for_each_template_object_and_recipient(mailing_shop: RunningShop) -> None:
    pay(mailing_shop)
    again = (
        "INSERT INTO mails (id, template, order_id, object_id, recipient, locale, state, created_at)"
        " SELECT 'another', template, order_id, object_id, recipient, locale, 'queued', created_at FROM mails"
    )
    with pytest.raises(IntegrityError), mailing_shop.db() as session:
        session.execute(text(again))
    assert len(mailing_shop.mails()) == 1


def test_fm_115_a_receipt_and_money_sent_back_are_two_mails(
    mailing_shop: RunningShop, mailbox: RunningMailServer
) -> None:
    order_id = pay(mailing_shop)
    mailing_shop.work()
    charge_again(mailing_shop, order_id)
    mailing_shop.settle_down(hours=72)
    assert [mail["template"] for mail in mailing_shop.mails()] == ["receipt", "sent_back"]
    assert len({received.mail_id for received in mailbox.received}) == len(mailbox.received) == 2


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_not_now_is_tried_again_later(
    sqlite_mailing_shop: RunningShop, mailbox: RunningMailServer, command: str
) -> None:
    shop = sqlite_mailing_shop
    mailbox.answer(command, "451 try again later", times=2)
    pay(shop)
    for _ in range(2):
        shop.work()
        assert mailbox.received == []
        assert mail_states(shop) == ["queued"]
        assert shop.work() == 0, "not at once"
        shop.advance(30)
    shop.work()
    assert len(mailbox.received) == 1
    assert mail_states(shop) == ["sent"]
    assert mailbox.conversations >= 3
    assert alerts(shop) == []


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_never_is_not_tried_again_and_a_person_is_told(
    sqlite_mailing_shop: RunningShop, mailbox: RunningMailServer, command: str
) -> None:
    shop = sqlite_mailing_shop
    mailbox.answer(command, "550 no such thing here")
    pay(shop)
    shop.settle_down(hours=72)
    assert mailbox.received == []
    assert mail_states(shop) == ["failed"]
    assert alerts(shop) == [("mail_failed", shop.mails()[0]["id"])]


def test_a_server_that_is_away_gets_it_when_it_is_back(mailing_shop: RunningShop, mailbox: RunningMailServer) -> None:
    mailbox.stop()
    try:
        pay(mailing_shop)
        for _ in range(4):
            mailing_shop.work()
            mailing_shop.advance(60)
        assert mail_states(mailing_shop) == ["queued"]
    finally:
        mailbox.start()
    mailing_shop.work()
    assert len(mailbox.received) == 1
    assert mail_states(mailing_shop) == ["sent"]


def test_a_server_that_stays_away_is_reported(sqlite_mailing_shop: RunningShop, mailbox: RunningMailServer) -> None:
    mailbox.stop()
    try:
        pay(sqlite_mailing_shop)
        began = sqlite_mailing_shop.clock.now()
        while not alerts(sqlite_mailing_shop):
            sqlite_mailing_shop.work()
            sqlite_mailing_shop.clock.advance(3600)
            assert sqlite_mailing_shop.clock.now() - began < timedelta(days=4), "nobody was told"
    finally:
        mailbox.start()
    assert [kind for kind, _ in alerts(sqlite_mailing_shop)] == ["dead_job"]
