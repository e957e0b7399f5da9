"""Limits by account, by address and of everybody; what stands at the end of each; and who is never limited."""

import time

import pytest

from tests.conftest import MakeShop
from tests.limits.crowd import ask, log_in, stray, unpaid
from tests.shop_server import BUYER, PASSWORD, PRICE, PRODUCT, RunningShop
from webapp.rate_limits import FORMS, FREE, VISITS

ON = {"LIMITS": "on"}
#: Three of each from one address.
TIGHT = dict.fromkeys(("LIMIT_RETURNS", "LIMIT_SIGNUPS", "LIMIT_RESETS"), "address 3/hour")
#: Every way in at once, so that a genuine return meets nothing but empty buckets.
EXHAUSTED = {**ON, **TIGHT, "LIMIT_REQUESTS": "address 3/hour", "LIMIT_CREATES": "address 2/hour"}


@pytest.fixture
def tight_shop(make_shop: MakeShop, sqlite_url: str) -> RunningShop:
    return make_shop(
        sqlite_url, **ON, **TIGHT, LIMIT_LOGINS="address 1/hour", LIMIT_CREATES="account 3/hour; all 5/hour"
    )


def test_too_many_log_ins_from_one_address_end_in_a_problem_document(tight_shop: RunningShop) -> None:
    answers = [log_in(tight_shop, f"someone{n}@example.com") for n in range(2)]

    assert [answer.status_code for answer in answers] == [401, 429]
    body = answers[-1].get_json()
    assert (body["code"], body["success"], body["status"]) == ("TOO_MANY_REQUESTS", False, 429)
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 3600
    assert log_in(tight_shop, BUYER, address="203.0.113.9").status_code == 401


def test_too_many_log_ins_to_one_account_from_everywhere(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, **ON, LIMIT_LOGINS="account 1/hour")
    spelled = [BUYER, BUYER.upper(), f" {BUYER}", BUYER.replace("example", "\uff45xample"), "buyer@example\u3002com"]

    answers = [log_in(shop, email, address=f"203.0.113.{n}") for n, email in enumerate(spelled)]

    assert [answer.status_code for answer in answers] == [401, 429, 429, 429, 429]
    assert log_in(shop, "other@example.com").status_code == 401


def test_who_is_stopped_by_his_address_uses_up_nobody_else_s_tries(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, **ON, LIMIT_LOGINS="account 2/hour; address 1/hour")

    assert [log_in(shop, BUYER, address="203.0.113.1").status_code for _ in range(4)] == [401, 429, 429, 429]
    assert log_in(shop, BUYER, address="203.0.113.2").status_code == 401


def test_a_form_of_another_site_uses_up_nothing(tight_shop: RunningShop) -> None:
    buyer = tight_shop.browse(None)
    foreign = [buyer.http.post(f"{tight_shop.origin}/signup", data={"email": "x"}, timeout=10) for _ in range(5)]

    assert {answer.status_code for answer in foreign} == {403}
    assert buyer.submit("/signup", "/signup", email="no address").status_code == 422


def test_creates_are_counted_by_account_and_all_together(tight_shop: RunningShop) -> None:
    mine, other = tight_shop.token(), tight_shop.token("other@example.com")

    assert [unpaid(tight_shop, mine).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert [unpaid(tight_shop, other, address="2001:db8::1").status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize(
    "language, wait, title", [("ko", "60분 뒤", "요청이 너무 많아요"), ("en", "in 60 minutes", "A little too fast")]
)
def test_the_page_says_when_to_come_back(tight_shop: RunningShop, language: str, wait: str, title: str) -> None:
    buyer = tight_shop.browse()
    buyer.http.headers["Accept-Language"] = language
    pages = [buyer.get(f"/checkout/{PRODUCT}") for _ in range(4)]

    assert [page.status_code for page in pages] == [200, 200, 200, 429]
    assert wait in pages[-1].text
    assert title in pages[-1].text
    assert int(pages[-1].headers["Retry-After"]) > 3500


@pytest.mark.parametrize("path", ["/signup", "/password/forgot"])
def test_forms_for_strangers_are_counted(tight_shop: RunningShop, path: str) -> None:
    stranger = tight_shop.browse(None)

    assert [stranger.submit(path, path, email="no address").status_code for _ in range(4)] == [422, 422, 422, 429]


def test_mails_to_one_address_are_counted_whoever_asks(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, **ON, LIMIT_MAILS="account 2/hour")
    askers = [shop.browse(BUYER), shop.browse("other@example.com")] * 2
    spelled = ["victim@example.com", "victim@example.com", "Victim@Example.com", "another@example.com"]

    answers = [
        asker.submit("/account/email", "/account/email", email=to, current=PASSWORD).status_code
        for asker, to in zip(askers, spelled, strict=True)
    ]

    assert answers == [303, 303, 429, 303]


def test_a_genuine_return_is_never_limited(make_shop: MakeShop, sqlite_url: str) -> None:
    """FM-94: the buyer sits behind the same address as whoever used everything up."""
    shop = make_shop(sqlite_url, **EXHAUSTED)
    by_page, by_call = shop.authenticated(shop.create()), shop.authenticated(shop.create())
    junk = "/payment/success?paymentKey=tviva123&orderId=ord_unknown1&amount=13000"
    buyer = shop.browse(None)
    assert [buyer.get(junk).status_code for _ in range(4)] == [404, 404, 404, 429]
    assert [buyer.get("/").status_code for _ in range(2)] == [200, 429]
    wrong = {"paymentKey": "tviva123", "orderId": "ord_unknown1", "amount": PRICE}
    assert shop.post("/payment/toss/confirm", wrong).status_code == 429

    assert buyer.back(by_page).status_code == 303
    right = {name: by_call[name] for name in ("paymentKey", "orderId", "amount")}
    assert shop.post("/payment/toss/confirm", right).status_code == 200
    assert {row["status"] for row in shop.rows("SELECT status FROM orders")} == {"completed"}


def test_a_tampered_return_is_counted(tight_shop: RunningShop) -> None:
    brought = tight_shop.authenticated(tight_shop.create())
    wrong = {"paymentKey": brought["paymentKey"], "orderId": brought["orderId"], "amount": 1}

    answers = [tight_shop.post("/payment/toss/confirm", wrong).status_code for _ in range(4)]

    assert answers == [409, 409, 409, 429]


def test_news_is_never_limited(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, **ON, LIMIT_REQUESTS="address 1/hour")

    answers = [ask(shop, "POST", "/payment/stripe/webhook", json={"id": "evt_1"}).status_code for _ in range(5)]
    assert answers == [400] * 5
    assert [ask(shop, "GET", "/healthz").status_code for _ in range(3)] == [200] * 3
    assert [ask(shop, "GET", "/").status_code for _ in range(2)] == [200, 429]


def test_a_redis_that_is_away_stops_nobody(make_shop: MakeShop, sqlite_url: str) -> None:
    """Nothing listens on port 1; each process counts by itself until Redis is back."""
    shop = make_shop(sqlite_url, **ON, LIMIT_RETURNS="address 3/hour", REDIS_URL="redis://127.0.0.1:1/0")

    assert [stray(shop) for _ in range(4)] == [404, 404, 404, 429]


def test_fm_94_forged_headers_evade_nothing(tight_shop: RunningShop) -> None:
    names = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP")
    answers = [stray(tight_shop, headers={names[n % 4]: f"10.0.0.{n}"}) for n in range(50)]

    assert answers == [404] * 3 + [429] * 47


def test_fm_94_one_network_of_new_addresses_counts_as_one(tight_shop: RunningShop) -> None:
    walk = [stray(tight_shop, address=f"2001:db8:1:2::{n:x}") for n in range(1, 6)]

    assert walk == [404, 404, 404, 429, 429]
    assert stray(tight_shop, address="2001:db8:1:3::1") == 404
    assert stray(tight_shop, address="::ffff:198.51.100.8") == 404


def test_in_development_one_person_may_play_everybody(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, **TIGHT)

    assert {stray(shop) for _ in range(6)} == {404}


def test_every_form_that_sends_or_guesses_something_is_counted(sqlite_shop: RunningShop) -> None:
    """A new form has to be thought about: it is in the table, or it is named here."""
    harmless = {
        "accounts.logout", "accounts.language", "accounts.currency", "account.name", "account.cancel_email",
        "account_access.end_session", "account_access.end_other_sessions", "account_access.revoke_token",
        "account_access.tokens", "account_links.confirm", "account_links.change", "payments.cancel",
    }  # fmt: skip
    calls = {"auth_api.token", "payments_api.create", "payments_api.confirm", "webhooks.webhook"}
    posts = {rule.endpoint for rule in sqlite_shop.app.url_map.iter_rules() if "POST" in (rule.methods or ())}

    assert posts == {*FORMS, *harmless, *calls, "account_links.reset", "landing.success_by_form"}
    assert {*FREE, *VISITS} <= set(sqlite_shop.app.view_functions)


def test_counting_costs_next_to_nothing(make_shop: MakeShop, sqlite_url: str) -> None:
    """Told by processor time of this thread, not by the clock on the wall."""
    shop = make_shop(sqlite_url, **ON)
    counters = shop.app.extensions["counters"]
    item = counters.limits["requests"]["address"]
    before = time.thread_time()
    for number in range(500):
        counters.wait_s(item, "requests", "address", str(number))

    assert (time.thread_time() - before) / 500 < 0.002
