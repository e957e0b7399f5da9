"""The account's own pages: name, address, choices; what was typed is kept, passwords never."""

import re

import pytest

from tests.accounts.person import NEW_PASSWORD, Person, is_in, letters, link_in, press, words
from tests.shop_server import BUYER, PASSWORD, Browsing, RunningShop
from webapp.services import accounts

NEW = "new@example.com"
DAY = 86_400


def ask(web: Browsing, email: str = NEW, password: str = PASSWORD) -> str:
    answer = web.submit("/account/email", "/account/email", email=email, current=password)
    return answer.text if answer.status_code == 422 else ""


def address_of(shop: RunningShop, web: Browsing) -> str:
    page = web.get("/account").text
    return next(email for email in (BUYER, NEW, "other@example.com") if f"{email}\n" in page or f">{email}" in page)


def test_a_name_is_kept_trimmed_and_taken_away(sqlite_shop: RunningShop) -> None:
    web = sqlite_shop.browse()
    web.submit("/account/name", "/account/name", name="  김   하늘 ")
    assert "<bdi>김 하늘</bdi>" in web.get("/account").text
    answer = web.submit("/account/name", "/account/name", name="x" * 101)
    assert (answer.status_code, "100자까지" in answer.text) == (422, True)
    assert "x" * 101 in answer.text, "what was typed is kept"
    web.submit("/account/name", "/account/name", name="<b>bold</b>")
    assert "&lt;b&gt;bold" in web.get("/account").text
    web.submit("/account/name", "/account/name", name=" ")
    assert sqlite_shop.rows("SELECT name FROM users WHERE email = :e", e=BUYER)[0]["name"] is None


def test_another_address_counts_once_its_link_is_used(shop: RunningShop) -> None:
    web = shop.browse()
    assert ask(web) == ""
    assert address_of(shop, web) == BUYER
    assert "새 이메일이 아직 인증되지 않았어요" in web.get("/account").text
    (asked,), (link_letter,) = letters(shop, BUYER), letters(shop, NEW)
    assert "이메일 변경이 요청됐어요" in asked["Subject"]
    assert NEW not in words(asked)
    link = link_in(link_letter)
    assert shop.browse(None).get(link).status_code == 200
    assert address_of(shop, web) == BUYER

    assert press(web, link).headers["Location"] == "/account"

    assert address_of(shop, web) == NEW
    assert "이메일이 변경됐어요" in letters(shop, BUYER)[-1]["Subject"]
    assert shop.browse(None).submit("/login", "/login", email=BUYER, password=PASSWORD).status_code == 422
    assert shop.browse(None).submit("/login", "/login", email=NEW, password=PASSWORD).status_code == 303
    assert press(shop.browse(None), link).status_code == 410


def test_links_to_the_old_address_end_with_it(shop: RunningShop) -> None:
    web = shop.browse()
    web.submit("/password/forgot", "/password/forgot", email=BUYER)
    reset = link_in(letters(shop, BUYER)[-1])
    ask(web)
    press(web, link_in(letters(shop, NEW)[-1]))
    assert shop.browse(None).get(reset).status_code == 410


@pytest.mark.parametrize("end", ["cancel", "password", "time", "newer"])
def test_a_change_that_waits_can_be_taken_back(shop: RunningShop, end: str) -> None:
    web = shop.browse()
    ask(web)
    link = link_in(letters(shop, NEW)[-1])
    if end == "cancel":
        web.submit("/account", "/account/email/cancel")
        assert "새 이메일이 아직" not in web.get("/account").text
    elif end == "password":
        web.submit("/account/password", "/account/password", current=PASSWORD, password=NEW_PASSWORD)
    elif end == "time":
        shop.clock.advance(DAY + 1)
    else:
        ask(web, "newest@example.com")
    assert press(shop.browse(None), link).status_code == 410
    assert address_of(shop, web) == BUYER


def test_an_address_that_is_taken_meanwhile_stays_its_owners(shop: RunningShop) -> None:
    web = shop.browse()
    ask(web)
    link = link_in(letters(shop, NEW)[-1])
    accounts.sign_up(shop.context, email=NEW, password=PASSWORD)
    answer = press(shop.browse(None), link)
    assert (answer.status_code, "이미 가입된 이메일" in answer.text) == (409, True)
    assert address_of(shop, web) == BUYER


@pytest.mark.parametrize(
    "email, password, said",
    [
        (NEW, "wrong password", "현재 비밀번호가 맞지 않아요"),
        (NEW, "", "비밀번호를 입력해 주세요"),
        ("nothing", PASSWORD, "이메일 주소"),
        (BUYER, PASSWORD, "지금 쓰고 있는 이메일"),
        ("other@example.com", PASSWORD, "다른 계정에서"),
    ],
)
def test_what_is_wrong_is_named_and_what_was_typed_is_kept(
    sqlite_shop: RunningShop, email: str, password: str, said: str
) -> None:
    web = sqlite_shop.browse()
    page = ask(web, email, password)
    assert said in page
    assert f'value="{email}"' in page
    assert not password or password not in page
    assert 'role="alert"' in page
    assert is_in(web), "a wrong password logs nobody out"
    assert letters(sqlite_shop) == []


def test_a_wrong_current_password_changes_nothing_anywhere(sqlite_shop: RunningShop) -> None:
    web = sqlite_shop.browse()
    for path in ("/account/password", "/account/close"):
        answer = web.submit(path, path, current="wrong password", password=NEW_PASSWORD)
        assert (answer.status_code, "현재 비밀번호가 맞지 않아요" in answer.text) == (422, True)
        assert "wrong password" not in answer.text
        assert NEW_PASSWORD not in answer.text
    assert is_in(web)
    assert letters(sqlite_shop) == []


def test_fields_tell_password_managers_what_they_are(sqlite_shop: RunningShop) -> None:
    web = sqlite_shop.browse()
    expected = {
        "/account/name": ["name"],
        "/account/email": ["email", "current-password"],
        "/account/password": ["username", "current-password", "new-password"],
        "/account/close": ["username", "current-password"],
    }
    for path, wanted in expected.items():
        assert re.findall(r'autocomplete="([^"]+)"', web.get(path).text) == wanted
    stranger = sqlite_shop.browse(None)
    strangers = {
        "/login": ["username", "current-password"],
        "/signup": ["username", "new-password", "name"],
        "/password/forgot": ["username"],
    }
    for path, wanted in strangers.items():
        assert re.findall(r'autocomplete="([^"]+)"', stranger.get(path).text) == wanted


def test_a_changed_password_is_told_by_mail(sqlite_shop: RunningShop) -> None:
    web = sqlite_shop.browse()
    web.submit("/account/password", "/account/password", current=PASSWORD, password=NEW_PASSWORD)
    assert "비밀번호를 변경했어요" in web.get("/account").text
    (letter,) = letters(sqlite_shop)
    assert letter["To"] == BUYER
    assert "/password/forgot" in words(letter)


def test_every_form_of_the_account_wants_its_token(sqlite_shop: RunningShop) -> None:
    web = sqlite_shop.browse()
    forms = [rule.rule for rule in sqlite_shop.app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    ours = [re.sub(r"<\w+>", "abc", rule) for rule in forms if rule.startswith(("/account", "/password", "/log"))]
    assert len(ours) >= 14
    for path in ours:
        answer = web.http.post(sqlite_shop.origin + path, data={"current": PASSWORD}, timeout=10)
        assert answer.status_code == 403, path
    assert is_in(web)


def test_language_and_currency_come_back_with_the_next_log_in(shop: RunningShop) -> None:
    person = Person(shop, "reader@example.com")
    person.web.submit("/account", "/language", locale="en", next="/account")
    person.web.submit("/account", "/currency", currency="EUR", next="/account")
    there = person.at()
    page = there.get("/").text
    assert 'lang="en"' in page
    assert "€9.50" in page


def test_what_was_chosen_before_the_log_in_counts_and_is_remembered(shop: RunningShop) -> None:
    person = Person(shop, "reader@example.com")
    person.web.submit("/account", "/currency", currency="EUR")
    there = shop.browse(None)
    there.submit("/", "/currency", currency="JPY")
    there.submit("/login", "/login", email=person.email, password=PASSWORD)
    assert "JP¥1,500" in there.get("/").text
    assert "JP¥1,500" in person.at().get("/").text


def test_whoever_logs_in_after_another_gets_her_own_choices(shop: RunningShop) -> None:
    shared = shop.browse()
    shared.submit("/", "/currency", currency="EUR")
    shared.submit("/account", "/logout")
    other = Person(shop, "reader@example.com")
    other.web.submit("/account", "/currency", currency="JPY")
    shared.submit("/login", "/login", email=other.email, password=PASSWORD)
    assert "JP¥1,500" in shared.get("/").text
    assert "JP¥1,500" in other.at().get("/").text
