"""Signing up, confirming the address, and whoever does it with an address that isn't theirs."""

import threading

import pytest

from tests.accounts.person import NEW_PASSWORD, Person, is_in, letters, link_in, press, words
from tests.shop_server import BUYER, PASSWORD, RunningShop
from webapp.web.mistyped import suggest

VICTIM = "victim@example.com"
DAY = 86_400


def confirmed(shop: RunningShop, email: str) -> bool:
    (row,) = shop.rows("SELECT email_confirmed_at FROM users WHERE email = :e", e=email)
    return row["email_confirmed_at"] is not None


def test_she_is_in_at_once_and_a_link_confirms_her_address(shop: RunningShop) -> None:
    person = Person(shop, "reader@example.com")
    assert person.web.checkout()[0].startswith("ord_"), "she may buy"
    assert "이메일을 인증해 주세요" in person.web.get("/account").text
    (letter,) = letters(shop)
    assert letter["To"] == "reader@example.com"
    assert "이메일을 인증해 주세요" in letter["Subject"]
    link = link_in(letter)

    for _ in range(3):
        assert shop.browse(None).get(link).status_code == 200
    assert not confirmed(shop, "reader@example.com"), "reading a link changes nothing"

    answer = press(person.web, link)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    page = person.web.get("/account").text
    assert "이메일 인증이 완료됐어요" in page
    assert "이메일을 인증해 주세요" not in page
    assert confirmed(shop, "reader@example.com")


def test_the_letter_speaks_the_language_of_the_page(sqlite_shop: RunningShop) -> None:
    Person(sqlite_shop, "reader@example.com", language="en")
    (letter,) = letters(sqlite_shop)
    assert letter["Subject"] == "ChatJu: Please confirm your e-mail address"
    assert 'lang="en"' in words(letter, "html")
    assert "{{" not in words(letter) + words(letter, "html")


def test_a_link_is_good_once_for_three_days_and_for_one_purpose(shop: RunningShop) -> None:
    person = Person(shop, "reader@example.com")
    link = link_in(letters(shop)[0])
    for foreign in (link.replace("confirm", "change"), link.replace("/account/confirm/", "/password/reset/")):
        assert person.web.get(foreign).status_code == 410
    # Not the last letter: two of its six bits say nothing.
    bent = link[:-5] + ("A" if link[-5] != "A" else "B") + link[-4:]
    for changed in (bent, link + "x", "/account/confirm/abc"):
        assert person.web.get(changed).status_code == 410
    shop.clock.advance(3 * DAY + 1)
    # The session is still good; the link isn't.
    assert press(person.web, link).status_code == 410
    person.web.submit("/account", "/account/confirmation")
    fresh = link_in(letters(shop)[-1])
    assert press(shop.browse(None), fresh).status_code == 303
    assert press(shop.browse(None), fresh).status_code == 410
    assert confirmed(shop, "reader@example.com")


def test_used_twice_at_once_it_works_once(shop: RunningShop) -> None:
    Person(shop, "reader@example.com")
    link = link_in(letters(shop)[0])
    visitors = [shop.browse(None) for _ in range(6)]
    start, answers = threading.Barrier(6), []

    def use(number: int) -> None:
        token = visitors[number].get(link).text.split('name="csrf_token" value="')[1].split('"')[0]
        start.wait()
        data = {"csrf_token": token}
        answers.append(visitors[number].http.post(shop.origin + link, data=data, allow_redirects=False, timeout=30))

    threads = [threading.Thread(target=use, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [303] + [410] * 5


def test_the_mail_is_sent_again_but_not_without_end(sqlite_shop: RunningShop) -> None:
    person = Person(sqlite_shop, "reader@example.com")
    first = link_in(letters(sqlite_shop)[0])
    for _ in range(7):
        person.web.submit("/account", "/account/confirmation")
    assert len(letters(sqlite_shop)) == 5
    assert "여러 번" in person.web.get("/account").text
    assert person.web.get(first).status_code == 410, "a newer one takes its place"
    sqlite_shop.clock.advance(3601)
    person.web.submit("/account", "/account/confirmation")
    assert len(letters(sqlite_shop)) == 6


def test_without_its_token_a_link_s_form_changes_nothing(sqlite_shop: RunningShop) -> None:
    Person(sqlite_shop, "reader@example.com")
    link = link_in(letters(sqlite_shop)[0])
    answer = sqlite_shop.browse(None).http.post(sqlite_shop.origin + link, allow_redirects=False, timeout=10)
    assert answer.status_code == 403
    assert not confirmed(sqlite_shop, "reader@example.com")


def test_two_slips_are_told_at_once(sqlite_shop: RunningShop) -> None:
    web = sqlite_shop.browse(None)
    page = web.submit("/signup", "/signup", email="reader@", password="short", name="").text
    assert "이메일 주소를 끝까지" in page
    assert "12자 이상이어야" in page


@pytest.mark.parametrize(
    "password, said",
    [
        ("short", "12자 이상"),
        ("x" * 201, "12자 이상"),
        ("aaaaaaaaaaaaa", "추측"),
        ("123456789012", "추측"),
        ("qwertyuiop12", "추측"),
        ("Password12345!", "추측"),
        ("reader@example.com", "추측"),
    ],
)
def test_a_password_that_anybody_would_try_is_refused(sqlite_shop: RunningShop, password: str, said: str) -> None:
    web = sqlite_shop.browse(None)
    answer = web.submit("/signup", "/signup", email="reader@example.com", password=password, name="하늘")
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="reader@example.com"' in answer.text
    assert 'value="하늘"' in answer.text
    assert f'value="{password}"' not in answer.text.replace('value="reader@example.com"', "", 1)
    assert sqlite_shop.rows("SELECT id FROM users WHERE email = 'reader@example.com'") == []


def test_an_address_with_an_account_is_not_signed_up_again(shop: RunningShop) -> None:
    web = shop.browse(None)
    answer = web.submit("/signup", "/signup", email=BUYER.upper(), password=NEW_PASSWORD)
    assert answer.status_code == 422
    assert shop.browse().get("/account").status_code == 200, "her password is the old one"
    assert letters(shop) == []


def test_nothing_of_an_impostor_survives_the_owners_reset(shop: RunningShop) -> None:
    impostor = Person(shop, VICTIM)
    tab = impostor.at()
    impostor.web.submit("/account/name", "/account/name", name="Mallory")
    impostor.web.submit("/account", "/currency", currency="USD")
    page = impostor.web.submit("/account/tokens", "/account/tokens", name="back door").text
    token = page.split('id="token">')[1].split("<")[0]
    impostor.web.submit("/account/email", "/account/email", email="mallory@example.com", current=PASSWORD)
    to_mallory = link_in(letters(shop, "mallory@example.com")[-1])
    before = shop.rows("SELECT * FROM users WHERE email = :e", e=VICTIM)[0]
    assert shop.post("/payment/toss/create", {"product": "saju-premium"}, token=token).status_code == 200

    owner = shop.browse(None)
    owner.submit("/password/forgot", "/password/forgot", email=VICTIM)
    link = link_in(letters(shop, VICTIM)[-1])
    assert press(owner, link, password=NEW_PASSWORD).status_code == 303

    assert [is_in(web) for web in (impostor.web, tab)] == [False, False]
    assert shop.post("/payment/toss/create", {"product": "saju-premium"}, token=token).status_code == 401
    assert press(shop.browse(None), to_mallory).status_code == 410
    wrong = shop.browse(None).submit("/login", "/login", email=VICTIM, password=PASSWORD)
    assert wrong.status_code == 422
    after = shop.rows("SELECT * FROM users WHERE email = :e", e=VICTIM)[0]
    assert (after["name"], after["currency"], after["locale"]) == (None, None, None)
    assert after["customer_key"] != before["customer_key"]
    assert after["email_confirmed_at"] is not None
    assert owner.submit("/login", "/login", email=VICTIM, password=NEW_PASSWORD).status_code == 303
    assert "back door" not in owner.get("/account/tokens").text


@pytest.mark.parametrize(
    "typed, meant",
    [
        ("a@gmial.com", "a@gmail.com"),
        ("a@gamil.com", "a@gmail.com"),
        ("a@gmail.co", "a@gmail.com"),
        ("a@gmail.comm", "a@gmail.com"),
        ("a@naver.con", "a@naver.com"),
        ("a@NAVRE.com", "a@naver.com"),
        ("a@hanmial.net", "a@hanmail.net"),
        ("a@gmail.com", None),
        ("a@mail.com", None),
        ("a@ymail.com", None),
        ("a@example.com", None),
        ("a@gmlai.com", None),
        ("gmial.com", None),
    ],
)
def test_one_slip_in_a_mail_service_is_noticed(typed: str, meant: str | None) -> None:
    assert suggest(typed) == meant


def test_an_address_with_a_slip_is_taken_and_the_likely_one_is_named(sqlite_shop: RunningShop) -> None:
    visitor = sqlite_shop.browse(None)
    visitor.submit("/", "/language", locale="en")
    answer = visitor.submit("/signup", "/signup", email="new.one@gmial.com", password=NEW_PASSWORD, name="")
    assert answer.status_code == 303
    assert "If you meant new.one@gmail.com, change it in your account." in visitor.get("/").text
