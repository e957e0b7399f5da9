"""Where somebody is logged in: each browser by itself, ended one by one, and by time."""

import re
import threading

import pytest
import requests
from sqlalchemy import event

from tests.accounts.person import ANDROID, NEW_PASSWORD, Person, is_in
from tests.shop_server import BUYER, PASSWORD, Browsing, RunningShop
from webapp.services.user_sessions import Device
from webapp.web.devices import device_of

DAY = 86_400
END = re.compile(r'action="(/account/sessions/[0-9a-f-]{36}/end)"')
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/19.0 Mobile/15E148 Safari/604.1"
)


def others(web: Browsing) -> list[str]:
    """Where to send the forms that end her other sessions."""
    page = web.get("/account/sessions").text
    items = re.findall(r"<li>.*?</li>", page.partition('class="card rows things"')[2], re.DOTALL)
    return [END.findall(item)[0] for item in items if "tone-info" not in item]


def test_log_out_ends_this_browser_alone_and_every_copy_of_its_cookie(shop: RunningShop) -> None:
    here, there = shop.browse(), shop.browse()
    stolen = dict(here.http.cookies)

    assert here.submit("/account", "/logout").status_code == 303

    assert not is_in(here)
    assert is_in(there)
    copied = requests.get(f"{shop.origin}/account", cookies=stolen, allow_redirects=False, timeout=10)
    assert (copied.status_code, copied.headers["Location"]) == (303, "/login?next=/account")


def test_devices_are_told_apart_and_ended_one_by_one(shop: RunningShop) -> None:
    person = Person(shop, "reader@example.com", language="en")
    phone, tablet = person.at(ANDROID), person.at(IPHONE)
    page = person.web.get("/account/sessions").text
    assert "Chrome · Android" in page
    assert "Safari · iPhone" in page
    assert page.count("This device") == 1
    assert len(others(person.web)) == 2

    for ended, action in zip((tablet, phone), others(person.web), strict=True):
        assert is_in(ended)
        assert person.web.submit("/account/sessions", action).status_code == 303
        assert not is_in(ended)

    assert is_in(person.web)
    assert others(person.web) == []


def test_all_others_are_ended_at_once(shop: RunningShop) -> None:
    here, there, elsewhere = shop.browse(), shop.browse(), shop.browse()
    here.submit("/account/sessions", "/account/sessions/end-others")
    assert [is_in(web) for web in (here, there, elsewhere)] == [True, False, False]


def test_ending_this_one_is_logging_out(sqlite_shop: RunningShop) -> None:
    here = sqlite_shop.browse()
    (own,) = END.findall(here.get("/account/sessions").text)
    assert here.submit("/account/sessions", own).headers["Location"] == "/"
    assert not is_in(here)


def test_nobody_ends_somebody_elses_session(shop: RunningShop) -> None:
    victim, intruder = shop.browse(), shop.browse("other@example.com")
    (theirs,) = END.findall(victim.get("/account/sessions").text)
    intruder.submit("/account/sessions", theirs)
    assert is_in(victim)


def test_a_session_ends_by_itself_when_it_is_not_used(sqlite_shop: RunningShop) -> None:
    here = sqlite_shop.browse()
    sqlite_shop.clock.advance(13 * DAY)
    assert is_in(here)
    sqlite_shop.clock.advance(13 * DAY)
    assert is_in(here), "used in between"
    sqlite_shop.clock.advance(14 * DAY + 1)
    assert not is_in(here)


def test_a_session_ends_after_90_days_however_much_it_is_used(sqlite_shop: RunningShop) -> None:
    here = sqlite_shop.browse()
    for _ in range(8):
        sqlite_shop.clock.advance(11 * DAY)
        assert is_in(here)
    sqlite_shop.clock.advance(2 * DAY + 1)
    assert not is_in(here)


def test_what_time_has_ended_is_forgotten_at_the_next_log_in(sqlite_shop: RunningShop) -> None:
    sqlite_shop.browse()
    sqlite_shop.clock.advance(15 * DAY)
    sqlite_shop.browse()
    assert len(sqlite_shop.rows("SELECT id FROM user_sessions")) == 1


def statements(shop: RunningShop, web: Browsing, path: str) -> list[str]:
    """What the database was asked about sessions for one page."""
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
        if "user_sessions" in statement:
            seen.append(statement.split(maxsplit=1)[0])

    event.listen(shop.context.sessions.engine, "before_cursor_execute", note)
    try:
        assert web.get(path).status_code == 200
    finally:
        event.remove(shop.context.sessions.engine, "before_cursor_execute", note)
    return seen


def test_a_page_asks_once_who_is_there_and_writes_every_five_minutes(shop: RunningShop) -> None:
    here = shop.browse()
    assert statements(shop, here, "/payments") == ["SELECT"]
    shop.clock.advance(299)
    assert statements(shop, here, "/payments") == ["SELECT"]
    shop.clock.advance(1)
    assert statements(shop, here, "/payments") == ["SELECT", "UPDATE"]
    assert statements(shop, here, "/payments") == ["SELECT"]


def test_a_session_that_is_ended_while_it_is_used_is_not_brought_back(shop: RunningShop) -> None:
    here, there = shop.browse(), shop.browse()
    shop.clock.advance(600)  # every request from now on wants to note that it was used
    begin = threading.Barrier(5)
    answers: list[int] = []

    def look() -> None:
        web = Browsing(shop, None)
        web.http.cookies.update(there.http.cookies)
        begin.wait()
        answers.extend(web.get("/account").status_code for _ in range(6))

    readers = [threading.Thread(target=look) for _ in range(4)]
    for reader in readers:
        reader.start()
    begin.wait()
    here.submit("/account/sessions", "/account/sessions/end-others")
    for reader in readers:
        reader.join()

    assert set(answers) <= {200, 303}
    assert not is_in(there)
    assert len(shop.rows("SELECT id FROM user_sessions")) == 1


def test_logging_in_again_leaves_no_second_session_behind(sqlite_shop: RunningShop) -> None:
    here = sqlite_shop.browse()
    before = dict(here.http.cookies)
    here.submit("/account", "/login", email=BUYER, password=PASSWORD)
    assert is_in(here)
    assert len(sqlite_shop.rows("SELECT id FROM user_sessions")) == 1
    old = requests.get(f"{sqlite_shop.origin}/account", cookies=before, allow_redirects=False, timeout=10)
    assert old.status_code == 303


@pytest.mark.parametrize("path", ["/account", "/account/name", "/account/email", "/account/password"])
def test_a_stranger_is_asked_to_log_in_and_comes_back(sqlite_shop: RunningShop, path: str) -> None:
    answer = sqlite_shop.browse(None).get(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/login?next={path}")


def test_changing_the_password_ends_the_other_browsers(shop: RunningShop) -> None:
    here, there = shop.browse(), shop.browse()
    answer = here.submit("/account/password", "/account/password", current=PASSWORD, password=NEW_PASSWORD)
    assert answer.status_code == 303, answer.text
    assert [is_in(here), is_in(there)] == [True, False]


@pytest.mark.parametrize(
    "browser, system, agent",
    [
        ("Chrome", "Android", ANDROID),
        ("Edge", "Windows", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0"),
        ("Firefox", "Linux", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
        (
            "Samsung Internet",
            "Android",
            "Mozilla/5.0 (Linux; Android 15) SamsungBrowser/28.0 Chrome/130.0 Safari/537",
        ),
        ("KakaoTalk", "iPhone", "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Mobile KAKAOTALK 25.1.0"),
        ("Chrome", "iPhone", "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) CriOS/140.0 Safari/604.1"),
        ("Safari", "Mac", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/19.0 Safari/605.1.15"),
        ("Whale", "Windows", "Mozilla/5.0 (Windows NT 10.0) Chrome/138.0 Whale/4.30 Safari/537.36"),
        ("Naver", "Android", "Mozilla/5.0 (Linux; Android 15) Chrome/130.0 NAVER(inapp; search; 2000; 12.0)"),
        (None, None, "curl/8.5.0"),
        (None, None, ""),
    ],
)
def test_a_browser_is_called_by_its_plain_name(browser: str | None, system: str | None, agent: str) -> None:
    assert device_of(agent) == Device(browser=browser, system=system)
