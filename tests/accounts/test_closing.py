"""Closing an account: the person goes, the payments stay, and the address is free again."""

import threading

import pytest

from tests.accounts.person import Person, is_in, letters, link_in, words
from tests.mail.paid_orders import charge_again, pay
from tests.sandbox_server import RunningSandbox
from tests.shop_server import PASSWORD, Browsing, RunningShop
from webapp.domain.failures import AccountBusy
from webapp.services import account_closing, accounts

READER = "reader@example.com"


def close(web: Browsing, password: str = PASSWORD) -> int:
    return web.submit("/account/close", "/account/close", current=password).status_code


def test_the_person_goes_and_the_payments_stay(shop: RunningShop) -> None:
    person = Person(shop, READER)
    person.web.submit("/account/name", "/account/name", name="김하늘")
    there, token = person.at(), shop.token(READER)
    paid = pay(shop, READER)
    open_order, _ = person.web.checkout("saju-premium?again=1")
    person.web.submit("/account/email", "/account/email", email="new@example.com", current=PASSWORD)
    letters(shop)
    person.web.submit("/account", "/account/confirmation")  # a mail that has not left yet

    assert close(person.web) == 303

    assert [is_in(web) for web in (person.web, there)] == [False, False]
    assert shop.post("/payment/toss/create", {"product": "saju-premium"}, token=token).status_code == 401
    assert shop.browse(None).submit("/login", "/login", email=READER, password=PASSWORD).status_code == 422
    assert shop.order(paid)["status"] == "completed"
    assert shop.order(open_order)["status"] == "canceled"
    last = letters(shop, READER)[-1]
    assert "탈퇴가 완료됐어요" in last["Subject"]
    assert "5년" in words(last)
    tables = ("users", "user_sessions", "access_tokens", "account_links", "mails", "jobs", "orders", "payments")
    stored = str([shop.rows(f"SELECT * FROM {table}") for table in tables])
    for trace in (READER, "new@example.com", "김하늘"):
        assert trace not in stored
    assert [mail["state"] for mail in shop.mails() if mail["state"] not in ("sent", "dropped")] == []
    assert "dropped" in [mail["state"] for mail in shop.mails()]


def test_the_same_address_signs_up_anew_and_sees_nothing_old(shop: RunningShop) -> None:
    person = Person(shop, READER)
    paid = pay(shop, READER)
    close(person.web)
    anew = Person(shop, READER)
    assert paid not in anew.web.get("/payments").text
    assert anew.web.get(f"/payments/{paid}").status_code == 404
    assert shop.rows("SELECT count(*) AS n FROM users WHERE email = :e", e=READER)[0]["n"] == 1
    assert close(anew.web) == 303
    assert Person(shop, READER).web.get("/account").status_code == 200, "and once more"


@pytest.mark.parametrize("state", ["awaiting_deposit", "confirming"])
def test_it_is_refused_while_money_is_moving(shop: RunningShop, sandbox: RunningSandbox, state: str) -> None:
    person = Person(shop, READER)
    if state == "awaiting_deposit":
        order_id = pay(shop, READER, method="VIRTUAL_ACCOUNT")
    else:
        brought = shop.authenticated(shop.create(READER))
        sandbox.fault(call="confirm", then="reset")
        sandbox.fault(call="lookup", then="status", status=500, times=9)
        person.web.back(brought)
        order_id = brought["orderId"]
    assert shop.order(order_id)["status"] == state
    waiting = person.web.checkout("saju-premium?again=1")[0]

    answer = person.web.submit("/account/close", "/account/close", current=PASSWORD)

    assert (answer.status_code, "아직 끝나지 않은 결제가 있어요" in answer.text) == (422, True)
    assert is_in(person.web)
    assert shop.order(waiting)["status"] == "pending", "nothing was given up for it"
    with pytest.raises(AccountBusy):
        account_closing.close_account_of(shop.context, READER)


def test_what_is_open_at_stripe_is_closed_there_first(shop: RunningShop, sandbox: RunningSandbox) -> None:
    person = Person(shop, READER)
    created = shop.create_abroad(READER)
    assert close(person.web) == 303
    assert shop.order(created["orderId"])["status"] == "canceled"
    assert len(sandbox.calls("cancel")) == 1
    assert shop.payments(created["orderId"])[0]["status"] == "canceled"


def test_where_stripe_does_not_answer_nothing_is_removed(shop: RunningShop, sandbox: RunningSandbox) -> None:
    person = Person(shop, READER)
    created = shop.create_abroad(READER)
    sandbox.fault(call="cancel", then="status", status=500, times=20, provider="stripe")
    assert close(person.web) == 422
    assert is_in(person.web)
    assert shop.order(created["orderId"])["status"] != "canceled"
    sandbox.clear_faults()


def test_closing_twice_at_once_closes_once(shop: RunningShop) -> None:
    person = Person(shop, READER)
    user_id = shop.rows("SELECT id FROM users WHERE email = :e", e=READER)[0]["id"]
    start, ends = threading.Barrier(4), []

    def work() -> None:
        start.wait()
        try:
            account_closing.close_account(shop.context, user_id, locale="ko")
            ends.append("closed")
        except Exception as error:  # noqa: BLE001 (what it was is asserted)
            ends.append(type(error).__name__)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["NotFound"] * 3 + ["closed"]
    assert not is_in(person.web)
    assert len([mail for mail in shop.mails() if mail["template"] == "account_closed"]) == 1


def test_a_log_in_at_the_same_moment_opens_nothing(shop: RunningShop) -> None:
    person = Person(shop, READER)
    start, found = threading.Barrier(5), []

    def log_in() -> None:
        web = shop.browse(None)
        start.wait()
        web.submit("/login", "/login", email=READER, password=PASSWORD)
        found.append(web)

    threads = [threading.Thread(target=log_in) for _ in range(4)]
    for thread in threads:
        thread.start()
    start.wait()
    assert close(person.web) == 303
    for thread in threads:
        thread.join()
    assert [is_in(web) for web in found] == [False] * 4
    assert shop.rows("SELECT id FROM user_sessions") == []


def test_late_money_writes_to_nobody(sqlite_shop: RunningShop) -> None:
    """The provider took money that was not ordered, after the account was closed: it goes back without a mail."""
    person = Person(sqlite_shop, READER)
    order_id = pay(sqlite_shop, READER)
    letters(sqlite_shop)
    close(person.web)
    before = len(letters(sqlite_shop))
    charge_again(sqlite_shop, order_id)
    sqlite_shop.settle_down(hours=1)
    assert sqlite_shop.sandbox.ledger()["refunds"], "it went back"
    assert len(letters(sqlite_shop)) == before


def test_a_reset_asked_for_before_the_closing_finds_nobody(sqlite_shop: RunningShop) -> None:
    person = Person(sqlite_shop, READER)
    sqlite_shop.browse(None).submit("/password/forgot", "/password/forgot", email=READER)
    close(person.web)
    letters(sqlite_shop)
    assert [m["template"] for m in sqlite_shop.mails() if m["state"] == "sent"] == ["account_closed"]


def test_a_confirmation_link_ends_with_the_account(sqlite_shop: RunningShop) -> None:
    person = Person(sqlite_shop, READER)
    link = link_in(letters(sqlite_shop)[-1])
    close(person.web)
    accounts.sign_up(sqlite_shop.context, email=READER, password=PASSWORD)
    assert sqlite_shop.browse(None).get(link).status_code == 410


def test_the_page_says_what_goes_and_what_stays(sqlite_shop: RunningShop) -> None:
    page = sqlite_shop.browse().get("/account/close").text
    assert "전자상거래법" in page
    assert "5년" in page
    assert sqlite_shop.browse(None).get("/account/closed").status_code == 200


def test_the_shop_closes_an_account_from_the_command_line(sqlite_shop: RunningShop) -> None:
    person = Person(sqlite_shop, READER)
    run = sqlite_shop.app.test_cli_runner().invoke
    done = run(args=["users", "close", "--email", READER.upper()])
    assert (done.exit_code, done.output) == (0, "closed\n")
    assert not is_in(person.web)
    again = run(args=["users", "close", "--email", READER])
    assert (again.exit_code, "no active account" in again.output) == (1, True)
