"""What is kept for a while, and what for ever."""

from datetime import timedelta

from sqlalchemy import delete, text

from tests.failures.races import at_once
from tests.shop_server import RunningShop
from webapp.db.audit import SecurityEvent
from webapp.db.jobs import Job, stage
from webapp.services.books import suspect
from webapp.services.forget import EVENTS_KEPT_FOR, JOBS_KEPT_FOR, forget_events, forget_jobs

BOOKS = ("payments", "orders", "audit_log", "provider_proofs", "provider_operations", "declines", "alerts")


def note(shop: RunningShop, name: str, age: timedelta) -> None:
    with shop.db() as session:
        suspect(session, "foreign_key", name, "invented", shop.clock.now() - age)


def kept(shop: RunningShop) -> list[str]:
    return [row["object_id"] for row in shop.rows("SELECT object_id FROM security_events ORDER BY id")]


def test_suspicious_things_of_more_than_a_year_ago_are_dropped_by_the_sweeper_and_nothing_else(
    shop: RunningShop,
) -> None:
    shop.sandbox.mute()
    brought = shop.authenticated()
    shop.browse(None).back(brought | {"redirect": brought["redirect"].replace("amount=13000", "amount=1")})
    shop.browse(None).back(brought)
    with shop.db() as session:
        session.execute(delete(SecurityEvent))
    day = timedelta(days=1)
    for name, age in (("old", EVENTS_KEPT_FOR + day), ("older", 3 * EVENTS_KEPT_FOR), ("young", EVENTS_KEPT_FOR - day)):
        note(shop, name, age)

    shop.sweep()
    assert kept(shop) == ["young"]

    books = {table: shop.rows(f"SELECT * FROM {table}") for table in BOOKS}
    assert all(books[table] for table in ("payments", "orders", "audit_log", "provider_proofs", "alerts"))
    shop.clock.advance(2 * day.total_seconds())
    assert forget_events(shop.context) == 1
    assert {table: shop.rows(f"SELECT * FROM {table}") for table in BOOKS} == books


def test_a_mountain_of_old_ones_goes_in_small_steps(shop: RunningShop) -> None:
    for number in range(7):
        note(shop, f"old{number}", EVENTS_KEPT_FOR * 2)
    note(shop, "young", timedelta())

    assert [forget_events(shop.context, limit=3) for _ in range(4)] == [3, 3, 1, 0]
    assert kept(shop) == ["young"]


DAY = timedelta(days=1)


def promise(shop: RunningShop, subject: str, state: str = "done", age: timedelta = JOBS_KEPT_FOR + DAY) -> None:
    """A closing that was promised that long ago, and done at once if it was."""
    at = shop.clock.now() - age
    with shop.db() as session:
        done_at = at if state == "done" else None
        session.add(
            Job(
                kind="close_payment",
                subject=subject,
                payload={},
                state=state,
                run_at=at,
                created_at=at,
                done_at=done_at,
            )
        )


def promised(shop: RunningShop) -> list[tuple[str, str]]:
    return [(row["subject"], row["state"]) for row in shop.rows("SELECT subject, state FROM jobs ORDER BY subject")]


def test_work_that_was_done_a_month_ago_is_dropped_by_the_sweeper_and_nothing_that_was_not(shop: RunningShop) -> None:
    promise(shop, "done long ago")
    promise(shop, "done", age=JOBS_KEPT_FOR - DAY)
    unfinished = ("queued", "running", "dead")
    for state in unfinished:
        promise(shop, state, state)

    shop.sweep()

    assert promised(shop) == sorted([("done", "done"), *((state, state) for state in unfinished)])


def test_all_that_a_sale_promised_is_dropped_in_the_end_and_the_sale_stays(shop: RunningShop) -> None:
    shop.sandbox.mute()
    brought = shop.authenticated()
    shop.browse().back(brought)
    shop.work()
    assert {row["state"] for row in shop.rows("SELECT state FROM jobs")} == {"done"}
    mails = shop.mails()

    shop.clock.advance((JOBS_KEPT_FOR + DAY).total_seconds())
    shop.sweep()

    assert promised(shop) == []
    assert (shop.order(brought["orderId"])["status"], shop.mails()) == ("completed", mails)
    assert mails[0]["state"] == "sent"


def test_work_goes_in_small_steps_and_what_was_done_late_holds_up_nothing(shop: RunningShop) -> None:
    promise(shop, "a", age=DAY)  # promised first, and done only now
    for number in range(7):
        promise(shop, f"b{number}")

    assert [forget_jobs(shop.context, limit=4) for _ in range(4)] == [3, 3, 1, 0]
    assert promised(shop) == [("a", "done")]


def test_the_work_of_a_mail_that_may_have_left_waits_for_the_person_who_decides(shop: RunningShop) -> None:
    """She sets both rows to `queued`: the mail's and its job's."""
    shop.sandbox.mute()
    shop.browse().back(shop.authenticated())
    shop.work()
    with shop.db() as session:
        session.execute(text("UPDATE mails SET state = 'perhaps_sent'"))
    shop.clock.advance((JOBS_KEPT_FOR + DAY).total_seconds())

    forget_jobs(shop.context)

    mail = shop.mails()[0]["id"]
    assert promised(shop) == [(mail, "done")]
    with shop.db() as session:
        session.execute(text("UPDATE mails SET state = 'queued'"))
        session.execute(text("UPDATE jobs SET state = 'queued'"))
    shop.work()
    assert shop.mails()[0]["state"] == "sent"


def test_a_promise_that_is_renewed_while_it_is_being_forgotten_is_kept(shop: RunningShop) -> None:
    """Whichever is first: what has to be closed at a provider, or what a buyer brought, may not fall between two."""
    for number in range(20):
        subject = f"renewed{number}"
        promise(shop, subject)

        def renew(subject: str = subject) -> None:
            with shop.db() as session:
                stage(session, "close_payment", subject, shop.clock.now(), again=True)

        at_once(renew, lambda: forget_jobs(shop.context))

    assert promised(shop) == sorted((f"renewed{number}", "queued") for number in range(20))
