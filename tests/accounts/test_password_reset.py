"""A new password by a link: the same answer for everybody, once, for half an hour, and it ends everything else."""

import logging
import statistics
import threading
import time

import pytest
import requests
from sqlalchemy import update

from tests.accounts.person import NEW_PASSWORD, Person, is_in, letters, link_in, press, words
from tests.conftest import MakeShop
from tests.shop_server import BUYER, PASSWORD, Browsing, RunningShop
from webapp.db.users import User
from webapp.services.passwords import hash_password


def ask(web: Browsing, email: str = BUYER) -> requests.Response:
    return web.submit("/password/forgot", "/password/forgot", email=email)


def reset_link(shop: RunningShop, email: str = BUYER) -> str:
    ask(shop.browse(None), email)
    return link_in(letters(shop, email)[-1])


def logs_in(shop: RunningShop, password: str) -> bool:
    return shop.browse(None).submit("/login", "/login", email=BUYER, password=password).status_code == 303


def test_a_link_sets_a_new_password_and_ends_every_session_and_token(shop: RunningShop) -> None:
    here, there, token = shop.browse(), shop.browse(), shop.token()
    link = reset_link(shop)
    answer = press(here, link, password=NEW_PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert "비밀번호를 재설정했어요" in here.get("/login").text
    assert [is_in(here), is_in(there)] == [False, False]
    assert shop.post("/payment/toss/create", {"product": "saju-premium"}, token=token).status_code == 401
    assert [logs_in(shop, PASSWORD), logs_in(shop, NEW_PASSWORD)] == [False, True]
    told = letters(shop, BUYER)[-1]
    assert "비밀번호가 변경됐어요" in told["Subject"]


def test_the_answer_is_the_same_whether_there_is_an_account(shop: RunningShop) -> None:
    known, unknown = ask(shop.browse(None)), ask(shop.browse(None), "nobody@example.com")
    assert (known.status_code, known.headers["Location"], known.text) == (
        unknown.status_code,
        unknown.headers["Location"],
        unknown.text,
    )
    shop.work()
    assert [letter["To"] for letter in letters(shop)] == [BUYER]
    jobs = shop.rows("SELECT payload FROM jobs WHERE kind = 'send_reset'")
    assert len(jobs) == 2
    assert "@" not in str(jobs), "the addresses are forgotten"


def test_the_answer_takes_as_long_whether_there_is_an_account(shop: RunningShop) -> None:
    """The work before the answer is the same rows; this notices what would be added on one side alone."""
    web = shop.browse(None)
    page = web.get("/password/forgot").text
    data = {"csrf_token": page.split('name="csrf_token" value="')[1].split('"')[0]}
    times: dict[bool, list[float]] = {True: [], False: []}
    for number in range(40):
        known = number % 2 == 0
        shop.clock.advance(61)  # else it would be the same wish, and no row
        began = time.perf_counter()
        email = BUYER if known else f"nobody{number}@example.com"
        web.http.post(
            f"{shop.origin}/password/forgot", data={**data, "email": email}, allow_redirects=False, timeout=10
        )
        times[known].append(time.perf_counter() - began)
    slow, fast = sorted(map(statistics.median, times.values()), reverse=True)
    assert slow - fast < max(0.02, fast), (slow, fast)


def test_the_log_in_takes_as_long_for_nobody(sqlite_shop: RunningShop) -> None:
    with sqlite_shop.db() as session:  # what the tests log in with else is cheaper to check
        session.execute(update(User).values(password_hash=hash_password(PASSWORD)))
    web, times = sqlite_shop.browse(None), {}
    for email in (BUYER, "nobody@example.com"):
        took = []
        for _ in range(8):
            began = time.perf_counter()
            assert web.submit("/login", "/login", email=email, password="wrong password").status_code == 422
            took.append(time.perf_counter() - began)
        times[email] = statistics.median(took)
    slow, fast = sorted(times.values(), reverse=True)
    assert slow < 3 * fast, times


def test_reading_the_link_uses_nothing_up(shop: RunningShop) -> None:
    link = reset_link(shop)
    for _ in range(3):
        answer = shop.browse(None).get(link)
        assert answer.status_code == 200
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert link.rsplit("/", 1)[1] not in answer.text, "the secret is not written into the page"
        assert BUYER in answer.text
    assert requests.head(shop.origin + link, timeout=10).status_code == 200
    assert press(shop.browse(None), link, password=NEW_PASSWORD).status_code == 303


@pytest.mark.parametrize("seconds, status", [(1795, 303), (1801, 410)])
def test_it_is_good_for_half_an_hour(shop: RunningShop, seconds: int, status: int) -> None:
    link = reset_link(shop)
    shop.clock.advance(seconds)
    assert press(shop.browse(None), link, password=NEW_PASSWORD).status_code == status
    assert logs_in(shop, NEW_PASSWORD) is (status == 303)


def test_used_twice_at_once_it_works_once(shop: RunningShop) -> None:
    link = reset_link(shop)
    visitors = [shop.browse(None) for _ in range(5)]
    start, ends = threading.Barrier(5), []

    def use(number: int) -> None:
        page = visitors[number].get(link).text
        data = {"csrf_token": page.split('name="csrf_token" value="')[1].split('"')[0]}
        data["password"] = f"{NEW_PASSWORD} {number}"
        start.wait()
        answer = visitors[number].http.post(shop.origin + link, data=data, allow_redirects=False, timeout=30)
        ends.append((answer.status_code, number))

    threads = [threading.Thread(target=use, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(status for status, _ in ends) == [303, 410, 410, 410, 410]
    (winner,) = [number for status, number in ends if status == 303]
    assert [logs_in(shop, f"{NEW_PASSWORD} {n}") for n in range(5)] == [n == winner for n in range(5)]


def test_a_refused_password_leaves_the_link_good(sqlite_shop: RunningShop) -> None:
    link = reset_link(sqlite_shop)
    for bad in ("short", "aaaaaaaaaaaa", BUYER):
        answer = press(sqlite_shop.browse(None), link, password=bad)
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text
    assert press(sqlite_shop.browse(None), link, password=NEW_PASSWORD).status_code == 303


def test_asking_again_takes_the_place_of_the_first_link_and_ends_at_five_an_hour(sqlite_shop: RunningShop) -> None:
    first = reset_link(sqlite_shop)
    for _ in range(3):
        ask(sqlite_shop.browse(None))  # the same minute: the same wish
    assert len(letters(sqlite_shop)) == 1
    for _ in range(8):
        sqlite_shop.clock.advance(61)
        ask(sqlite_shop.browse(None))
    assert len(letters(sqlite_shop)) == 5
    assert sqlite_shop.browse(None).get(first).status_code == 410


def test_a_changed_password_takes_a_link_back(sqlite_shop: RunningShop) -> None:
    link = reset_link(sqlite_shop)
    web = sqlite_shop.browse()
    web.submit("/account/password", "/account/password", current=PASSWORD, password=NEW_PASSWORD)
    assert sqlite_shop.browse(None).get(link).status_code == 410


def test_links_survive_a_new_secret_key_and_not_the_loss_of_the_old(make_shop: MakeShop, sqlite_url: str) -> None:
    old, new = "o" * 40, "n" * 40
    link = reset_link(make_shop(sqlite_url, SECRET_KEY=old))
    assert make_shop(sqlite_url, SECRET_KEY=new).browse(None).get(link).status_code == 410
    rolled = make_shop(sqlite_url, SECRET_KEY=new, SECRET_KEY_FALLBACKS=old)
    assert press(rolled.browse(None), link, password=NEW_PASSWORD).status_code == 303


def test_no_secret_of_an_account_is_in_a_log_a_page_or_the_database(
    make_shop: MakeShop, sqlite_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    shop = make_shop(sqlite_url, LOG_LEVEL="INFO")
    person = Person(shop, "reader@example.com")
    confirm = link_in(letters(shop, person.email)[-1])
    press(person.web, confirm)
    page = person.web.submit("/account/tokens", "/account/tokens", name="books").text
    token = page.split('id="token">')[1].split("<")[0]
    assert person.web.get("/account/tokens").text.count(token) == 0, "shown once"
    person.web.submit("/account/email", "/account/email", email="new@example.com", current=PASSWORD)
    change = link_in(letters(shop, "new@example.com")[-1])
    press(person.web, change)
    reset = reset_link(shop, "new@example.com")
    press(shop.browse(None), reset, password="short")
    press(shop.browse(None), reset, password=NEW_PASSWORD)
    shop.browse(None).get(reset)
    secrets = [link.rsplit("/", 1)[1] for link in (confirm, change, reset)]
    secrets += [PASSWORD, NEW_PASSWORD, token, *dict(person.web.http.cookies).values()]
    printed = capfd.readouterr()
    logging.getLogger().handlers.clear()
    assert '"path": "/password/reset/<secret>"' in printed.err, "the log was seen"
    tables = ("users", "account_links", "access_tokens", "user_sessions", "mails", "jobs")
    stored = str([shop.rows(f"SELECT * FROM {table}") for table in tables])
    for secret in secrets:
        assert secret not in printed.err + printed.out
        assert secret not in stored
    for path in ("/account", "/account/sessions", "/account/tokens", "/password/sent"):
        assert not any(secret in person.web.get(path).text for secret in secrets)


def test_a_letter_for_the_reset_says_what_to_do_in_both_parts(sqlite_shop: RunningShop) -> None:
    reset_link(sqlite_shop)
    (letter,) = letters(sqlite_shop)
    for part in ("plain", "html"):
        assert "30분" in words(letter, part)
        assert "직접 요청하지 않으셨다면" in words(letter, part)
