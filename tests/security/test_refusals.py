"""Creates that were refused are kept for an audit: whose, of what kind, nothing that was sent, and not without end."""

from datetime import timedelta

from sqlalchemy import text

from tests.conftest import MakeShop
from tests.limits.crowd import ask, unpaid
from tests.shop_server import BUYER, PRODUCT, RunningShop
from webapp.db.pauses import Pause
from webapp.services.access_tokens import make_token

PLANTED = "planted-name-of-a-person"
PRICE = "the name and the amount must be those of a product in the catalogue"


def kept(shop: RunningShop) -> list[tuple[str, str, str]]:
    """Kind, whose and what, oldest first."""
    rows = shop.rows("SELECT kind, object_id, detail FROM security_events ORDER BY id")
    return [(row["kind"], row["object_id"], row["detail"]) for row in rows]


def account(shop: RunningShop, email: str = BUYER) -> str:
    user_id: str = shop.rows("SELECT id FROM users WHERE email = :e", e=email)[0]["id"]
    return user_id


def cheaper(shop: RunningShop, token: str) -> int:
    """A create with a price that nothing has; the status."""
    body = {"amount": 1, "orderName": PLANTED}
    headers = {"Authorization": f"Bearer {token}"}
    return ask(shop, "POST", "/payment/toss/create", headers=headers, json=body).status_code


def pause(shop: RunningShop, user_id: str) -> None:
    now = shop.clock.now()
    span = {"began_at": now, "ends_at": now + timedelta(hours=1)}
    with shop.db() as session:
        session.add(Pause(id="p1", scope="account", object_id=user_id, declines=9, **span))


def test_each_refused_create_leaves_one_row(make_shop: MakeShop, database_url: str) -> None:
    shop = make_shop(database_url, LIMITS="on", LIMIT_CREATES="account 2/hour")
    reader = make_token(shop.context, BUYER, scopes=("read",))[0]
    payer = make_token(shop.context, BUYER, scopes=("pay",))[0]
    buyer = account(shop)

    assert unpaid(shop, reader).status_code == 403
    assert cheaper(shop, payer) == 422
    pause(shop, buyer)
    assert unpaid(shop, payer).get_json()["code"] == "PAYMENTS_PAUSED"
    assert unpaid(shop, payer).get_json()["code"] == "TOO_MANY_REQUESTS"

    api = "payments_api.create"
    assert kept(shop) == [
        ("scope_missing", buyer, f"{api}: SCOPE_MISSING made without the scope pay"),
        ("price_mismatch", buyer, f"{api}: PRICE_MISMATCH {PRICE}"),
        ("payments_paused", buyer, f"{api}: PAYMENTS_PAUSED"),
        ("too_many_creates", buyer, f"{api}: TOO_MANY_REQUESTS"),
    ]
    assert shop.rows("SELECT id FROM orders") == []


def test_the_checkout_page_is_a_create_too(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, LIMITS="on", LIMIT_CREATES="account 1/hour")
    pause(shop, account(shop))
    page = shop.browse()

    assert [page.get(f"/checkout/{PRODUCT}").status_code for _ in range(2)] == [429, 429]
    assert [kind for kind, *_ in kept(shop)] == ["payments_paused", "too_many_creates"]


def test_what_has_no_account_or_is_no_create_leaves_none(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, LIMITS="on", LIMIT_LOGINS="account 1/hour", LIMIT_CREATES="address 1/hour")
    for _ in range(2):
        ask(shop, "POST", "/auth/token", json={"email": BUYER, "password": "wrong wrong wrong"})
        assert unpaid(shop, "cc_" + "x" * 43).status_code == 401

    assert kept(shop) == []


def test_rows_are_limited_by_account_and_kind(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url)
    mine, other = shop.token(), shop.token("other@example.com")

    assert {cheaper(shop, mine) for _ in range(30)} == {422}
    assert cheaper(shop, other) == 422

    whose = [object_id for _, object_id, _ in kept(shop)]
    # A minute may turn between them, so at most twice ten.
    assert 10 <= whose.count(account(shop)) <= 20
    assert whose.count(account(shop, "other@example.com")) == 1


def test_a_row_that_cannot_be_written_changes_no_answer(sqlite_shop: RunningShop) -> None:
    token = sqlite_shop.token()
    with sqlite_shop.db() as session:
        session.execute(text("DROP TABLE security_events"))

    assert cheaper(sqlite_shop, token) == 422
    assert unpaid(sqlite_shop, token).status_code == 200
