"""`POST /auth/token`: an access token by e-mail and password."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.shop_server import BUYER, NAME, PASSWORD, PRICE, RunningShop


def test_a_token_for_e_mail_and_password_works_for_thirty_days(shop: RunningShop) -> None:
    answer = shop.post("/auth/token", {"email": BUYER.upper(), "password": PASSWORD})

    assert (answer.status_code, answer.json()["success"]) == (200, True)
    ends = datetime.fromisoformat(answer.json()["expiresAt"])
    assert abs(ends - datetime.now(UTC) - timedelta(days=30)) < timedelta(minutes=1)
    assert answer.headers["Cache-Control"] == "no-store"
    token = answer.json()["accessToken"]
    wish = {"amount": PRICE, "orderName": NAME}
    assert shop.post("/payment/toss/create", wish, token=token).status_code == 200
    assert token not in str(shop.rows("SELECT * FROM access_tokens"))
    shop.advance(30 * 86_400 + 60)
    assert shop.post("/payment/toss/create", wish, token=token).status_code == 401


@pytest.mark.parametrize(
    "body, status, code",
    [
        ({"email": BUYER, "password": "wrong password"}, 401, "WRONG_CREDENTIALS"),
        ({"email": "nobody@example.com", "password": PASSWORD}, 401, "WRONG_CREDENTIALS"),
        ({"email": "no address", "password": PASSWORD}, 401, "WRONG_CREDENTIALS"),
        ({"email": BUYER}, 422, "INVALID"),
        ({"email": BUYER, "password": 5}, 422, "INVALID"),
        ({"email": BUYER, "password": ""}, 422, "INVALID"),
        ({"email": BUYER, "password": "a" * 1001}, 422, "INVALID"),
        ({"email": BUYER, "password": PASSWORD, "role": "owner"}, 422, "INVALID"),
        ([], 400, "MALFORMED"),
    ],
)
def test_anything_else_gets_no_token(sqlite_shop: RunningShop, body: object, status: int, code: str) -> None:
    answer = sqlite_shop.post("/auth/token", body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert PASSWORD not in answer.text
    assert sqlite_shop.rows("SELECT id FROM access_tokens") == []


def test_a_closed_account_gets_no_token(sqlite_shop: RunningShop) -> None:
    sqlite_shop.rows("UPDATE users SET is_active = FALSE WHERE email = :e RETURNING id", e=BUYER)

    assert sqlite_shop.post("/auth/token", {"email": BUYER, "password": PASSWORD}).status_code == 401
