"""Access tokens of a Supabase project: the good ones open one account, the bad ones nothing."""

import json
from collections.abc import Callable, Iterator

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.api.bad_tokens import BAD, header_with
from tests.api.issuer import SECRET, Issuer
from tests.conftest import MakeShop
from tests.shop_server import BUYER, RunningShop
from webapp.settings import SettingsError, load_settings

ME, HOUR = "/payment/history/me", 3600


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with Issuer() as found:
        yield found


@pytest.fixture
def linked_shop(make_shop: MakeShop, sqlite_url: str, issuer: Issuer) -> RunningShop:
    issuer.answer = None
    issuer.asked.clear()
    return make_shop(sqlite_url, SUPABASE_URL=issuer.url, SUPABASE_JWT_SECRET=SECRET)


@pytest.fixture
def each_shop(make_shop: MakeShop, database_url: str, issuer: Issuer) -> RunningShop:
    """The same on both databases."""
    issuer.answer = None
    issuer.asked.clear()
    return make_shop(database_url, SUPABASE_URL=issuer.url, SUPABASE_JWT_SECRET=SECRET)


def call(shop: RunningShop, token: str, path: str = ME) -> requests.Response:
    return requests.get(shop.origin + path, headers={"Authorization": f"Bearer {token}"}, timeout=15)


def buy(shop: RunningShop, token: str) -> str:
    answer = shop.post("/payment/toss/create", {"product": "saju-premium"}, token=token)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["orderId"])


@pytest.mark.parametrize("kid", ["es", "rs", "ed", "legacy"])
def test_a_good_token_of_every_kind_buys_and_reads(each_shop: RunningShop, issuer: Issuer, kid: str) -> None:
    shop = each_shop
    token = issuer.legacy() if kid == "legacy" else issuer.token(kid)
    order_id = buy(shop, token)

    assert call(shop, token, f"/payment/{order_id}").json()["payment"]["status"] == "pending"
    assert call(shop, token).json()["count"] == 1
    assert len(shop.rows("SELECT * FROM identities")) == 1
    assert call(shop, shop.token(), f"/payment/{order_id}").status_code == 404
    assert len(issuer.asked) == (kid != "legacy"), "the keys are fetched once, not for each call"


def test_the_same_person_is_known_by_issuer_and_subject_whatever_her_address(
    linked_shop: RunningShop, issuer: Issuer
) -> None:
    order_id = buy(linked_shop, issuer.token())
    moved = issuer.token(claims=issuer.claims(email="other-address@example.com"))

    assert call(linked_shop, moved, f"/payment/{order_id}").status_code == 200
    (person,) = linked_shop.rows("SELECT * FROM users WHERE contact_email IS NOT NULL")
    assert person["contact_email"] == "other-address@example.com"


def test_an_address_that_has_an_account_here_opens_and_takes_nothing(linked_shop: RunningShop, issuer: Issuer) -> None:
    hers = linked_shop.create()["orderId"]
    token = issuer.token(claims=issuer.claims(email=BUYER))

    assert call(linked_shop, token).json()["count"] == 0
    assert call(linked_shop, token, f"/payment/{hers}").status_code == 404
    sent = linked_shop.browse(None).submit("/password/forgot", "/password/forgot", email=BUYER)
    assert sent.status_code == 303
    linked_shop.work()
    owners = linked_shop.rows("SELECT l.user_id, u.email FROM account_links l JOIN users u ON u.id = l.user_id")
    assert [each["email"] for each in owners] == [BUYER]


def test_an_address_of_a_linked_account_can_still_sign_up(linked_shop: RunningShop, issuer: Issuer) -> None:
    buy(linked_shop, issuer.token())
    form = {"email": "hana@example.com", "password": "a password of her own 77", "name": ""}
    web = linked_shop.browse(None)

    assert web.submit("/signup", "/signup", **form).status_code == 303
    assert linked_shop.post("/auth/token", {"email": "hana@example.com", "password": form["password"]}).ok


def test_a_receipt_goes_to_the_token_s_address(linked_shop: RunningShop, issuer: Issuer) -> None:
    made = linked_shop.post("/payment/toss/create", {"product": "saju-premium"}, token=issuer.token()).json()
    paid = linked_shop.authenticated(made)
    body = {name: paid[name] for name in ("paymentKey", "orderId", "amount")}
    assert linked_shop.post("/payment/toss/confirm", body).status_code == 200

    assert [mail["recipient"] for mail in linked_shop.mails()] == ["hana@example.com"]


def test_a_closed_account_s_token_is_refused(linked_shop: RunningShop, issuer: Issuer) -> None:
    call(linked_shop, issuer.token())
    (user,) = linked_shop.rows("SELECT id FROM users WHERE contact_email IS NOT NULL")
    closing = linked_shop.app.test_cli_runner().invoke(args=["users", "close", "--id", user["id"]])
    assert closing.exit_code == 0, closing.output

    assert call(linked_shop, issuer.token()).status_code == 401
    assert linked_shop.rows("SELECT id FROM users WHERE contact_email IS NOT NULL") == []
    (left,) = linked_shop.rows("SELECT subject FROM identities")
    assert left["subject"].startswith("closed:")
    assert [mail["template"] for mail in linked_shop.mails()] == ["account_closed"]


def test_a_shop_without_a_project_takes_no_such_token(sqlite_shop: RunningShop, issuer: Issuer) -> None:
    assert call(sqlite_shop, issuer.token()).status_code == 401


def test_fm_98_a_bad_token_opens_nothing_and_makes_no_account(each_shop: RunningShop, issuer: Issuer) -> None:
    before = each_shop.rows("SELECT count(*) AS n FROM users")
    for name, make in BAD.items():
        answer = call(each_shop, make(issuer))
        assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED"), name
        assert answer.headers["WWW-Authenticate"] == "Bearer", name
    assert each_shop.rows("SELECT count(*) AS n FROM users") == before
    assert each_shop.rows("SELECT * FROM identities") == []
    assert len(BAD) >= 40
    assert call(each_shop, issuer.token()).status_code == 200, "a good one still opens"


def test_fm_98_a_good_token_ends_when_it_says(each_shop: RunningShop, issuer: Issuer) -> None:
    token = issuer.token()
    each_shop.clock.advance(HOUR - 60)
    assert call(each_shop, token).status_code == 200
    each_shop.clock.advance(120)
    assert call(each_shop, token).status_code == 401


def test_fm_99_unknown_key_ids_ask_the_issuer_once_a_minute(each_shop: RunningShop, issuer: Issuer) -> None:
    assert call(each_shop, issuer.token()).status_code == 200
    for number in range(50):
        assert call(each_shop, header_with(kid=f"made-up-{number}")(issuer)).status_code == 401
    assert len(issuer.asked) == 1
    each_shop.clock.advance(61)
    for number in range(50):
        call(each_shop, header_with(kid=f"more-{number}")(issuer))
    assert len(issuer.asked) == 2
    assert set(issuer.asked) == {"/auth/v1/.well-known/jwks.json"}


def test_fm_99_a_new_key_is_found_and_a_retired_one_forgotten(linked_shop: RunningShop, issuer: Issuer) -> None:
    assert call(linked_shop, issuer.token()).status_code == 200
    issuer.keys["es2"] = ec.generate_private_key(ec.SECP256R1())
    try:
        linked_shop.clock.advance(61)
        assert call(linked_shop, issuer.token("es2")).status_code == 200
        retired = issuer.token("es2")
    finally:
        del issuer.keys["es2"]
    linked_shop.clock.advance(601)
    assert call(linked_shop, retired).status_code == 401


WEAK = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 (that is the point)
ANSWERS: dict[str, Callable[[Issuer], tuple[int, bytes, dict[str, str]]]] = {
    "500": lambda _: (500, b"", {}),
    "404": lambda _: (404, b"{}", {}),
    "no JSON": lambda _: (200, b"<html>", {}),
    "a list": lambda _: (200, b"[]", {}),
    "keys no list": lambda _: (200, b'{"keys": {}}', {}),
    "a key no object": lambda _: (200, b'{"keys": ["a"]}', {}),
    "an id twice": lambda i: (200, json.dumps({"keys": [i.jwk("es")] * 2}).encode(), {}),
    "too many": lambda i: (200, json.dumps({"keys": [{**i.jwk("es"), "kid": str(n)} for n in range(51)]}).encode(), {}),
    "too large": lambda i: (200, i.key_set() + b" " * 70_000, {}),
    "a redirect": lambda i: (302, b"", {"Location": f"{i.url}/elsewhere"}),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_fm_99_a_key_set_that_is_none_opens_nothing_and_is_told_as_an_outage(
    linked_shop: RunningShop, issuer: Issuer, name: str
) -> None:
    issuer.answer = ANSWERS[name](issuer)
    answers = [call(linked_shop, issuer.token()) for _ in range(3)]

    assert {(each.status_code, each.json()["code"]) for each in answers} == {(503, "ISSUER_AWAY")}
    assert answers[0].headers["Retry-After"] == "60"
    assert len(issuer.asked) == 1, "no redirect is followed, and the next try waits"
    assert call(linked_shop, linked_shop.token()).status_code == 200, "our own tokens need nobody"
    assert call(linked_shop, issuer.legacy()).status_code == 200
    issuer.answer = None
    linked_shop.clock.advance(61)
    assert call(linked_shop, issuer.token()).status_code == 200


@pytest.mark.parametrize("more", [{"use": "enc"}, {"key_ops": ["sign"]}, {"alg": "ES384"}, {"kty": "oct", "k": "AAAA"}])
def test_fm_99_a_key_for_something_else_checks_no_token(
    linked_shop: RunningShop, issuer: Issuer, more: dict[str, object]
) -> None:
    issuer.answer = (200, json.dumps({"keys": [issuer.jwk("es", **more), issuer.jwk("rs")]}).encode(), {})

    assert call(linked_shop, issuer.token("es")).status_code == 401
    assert call(linked_shop, issuer.token("rs")).status_code == 200


@pytest.mark.filterwarnings("ignore:The RSA key is 1024 bits")
def test_fm_99_a_weak_key_checks_no_token(linked_shop: RunningShop, issuer: Issuer) -> None:
    issuer.keys["rs-weak"] = WEAK
    try:
        assert call(linked_shop, issuer.token("rs-weak")).status_code == 401
    finally:
        del issuer.keys["rs-weak"]


def test_fm_99_while_the_issuer_is_away_known_keys_are_good_for_a_day(each_shop: RunningShop, issuer: Issuer) -> None:
    assert call(each_shop, issuer.token()).status_code == 200
    issuer.answer = (503, b"", {})
    each_shop.clock.advance(20 * HOUR)
    now = issuer.claims()["iat"] + 20 * HOUR
    assert call(each_shop, issuer.token(claims=issuer.claims(iat=now, exp=now + HOUR))).status_code == 200
    each_shop.clock.advance(5 * HOUR)
    now += 5 * HOUR
    assert call(each_shop, issuer.token(claims=issuer.claims(iat=now, exp=now + HOUR))).status_code == 503


@pytest.mark.parametrize(
    "given, name",
    [
        ({"SUPABASE_URL": "http://project.supabase.co"}, "SUPABASE_URL"),
        ({"SUPABASE_URL": "https://project.supabase.co/auth"}, "SUPABASE_URL"),
        ({"SUPABASE_URL": "https://a:b@project.supabase.co"}, "SUPABASE_URL"),
        ({"SUPABASE_URL": "project"}, "SUPABASE_URL"),
        ({"SUPABASE_JWT_SECRET": SECRET}, "SUPABASE_URL is missing"),
        ({"SUPABASE_URL": "https://a.supabase.co", "SUPABASE_JWT_SECRET": "short"}, "SUPABASE_JWT_SECRET"),
    ],
)
def test_wrong_settings_stop_the_start(given: dict[str, str], name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load_settings(given)
