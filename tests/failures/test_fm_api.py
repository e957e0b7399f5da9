"""FM-100 to FM-102 for the JSON calls: cookie beside token, comparing secrets, reads that cost too much."""

import ast
import re

import pytest
import requests

from tests.mail.paid_orders import pay
from tests.shop_server import BUYER, RunningShop
from tests.tooling.house import ROOT

OTHER = "other@example.com"
CALLS = ("/payment/toss/create", "/payment/stripe/create", "/payment/toss/confirm", "/auth/token")
_SECRET = re.compile(r"(^|_)(secret|signature|token|password|digest|mac)$")


def test_fm_100_a_cookie_is_no_token_and_a_token_no_cookie(shop: RunningShop) -> None:
    hers, web = pay(shop), shop.browse(BUYER)
    theirs = {"Authorization": f"Bearer {shop.token(OTHER)}"}

    assert web.get("/payment/history/me").status_code == 401
    both = web.get("/payment/history/me", headers=theirs)
    assert (both.status_code, both.json()["count"]) == (200, 0), "the token decides, not the cookie"
    assert web.get(f"/payment/{hers}", headers=theirs).status_code == 404
    assert web.get("/payments", headers=theirs).text.count(hers) > 0, "on a page the cookie decides"
    alone = requests.get(f"{shop.origin}/payments", headers=theirs, allow_redirects=False, timeout=10)
    assert (alone.status_code, "/login" in alone.headers["Location"]) == (303, True)
    made = web.http.post(f"{shop.origin}/payment/toss/create", json={"product": "saju-premium"}, headers=theirs)
    owner = shop.rows("SELECT email FROM users WHERE id = :u", u=shop.order(made.json()["orderId"])["user_id"])
    assert owner[0]["email"] == OTHER


@pytest.mark.parametrize("path", CALLS)
def test_fm_100_a_form_of_another_site_reaches_no_call(shop: RunningShop, path: str) -> None:
    web = shop.browse(BUYER)
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        sent = web.http.post(
            shop.origin + path,
            data=b'{"product": "saju-premium"}',
            headers={"Content-Type": kind, "Origin": "https://evil.example"},
            timeout=10,
        )
        assert sent.status_code in (401, 415), kind
        assert "Access-Control-Allow-Origin" not in sent.headers
    assert shop.rows("SELECT id FROM orders") == []


def compared(code: str) -> list[int]:
    """Lines that compare a secret byte by byte. A fixed word, as in `kind == "token"`, is no secret."""
    lines = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
            sides = [node.left, *node.comparators]
            names = [
                n.id if isinstance(n, ast.Name) else n.attr for n in sides if isinstance(n, ast.Name | ast.Attribute)
            ]
            if any(map(_SECRET.search, names)) and not any(isinstance(side, ast.Constant) for side in sides):
                lines.append(node.lineno)
    return lines


def test_fm_101_no_secret_is_compared_byte_by_byte() -> None:
    played = ("emulator", "sandbox")
    files = [path for path in (ROOT / "webapp").rglob("*.py") if not set(path.parts) & set(played)]

    assert len(files) > 100
    assert {f"{path.name}:{line}" for path in files for line in compared(path.read_text("utf-8"))} == set()


@pytest.mark.parametrize("code", ["token == given", "if event.secret != row.secret: pass", "a.signature == b"])
def test_fm_101_such_a_comparison_would_be_found(code: str) -> None:
    assert compared(code)


@pytest.mark.parametrize("wish", ["limit=1000000000", "limit=101", "offset=1000000", "limit=100&cursor=" + "A" * 200])
def test_fm_102_a_read_that_would_cost_too_much_is_refused(shop: RunningShop, wish: str) -> None:
    token = {"Authorization": f"Bearer {shop.token()}"}
    answer = requests.get(f"{shop.origin}/payment/history/me?{wish}", headers=token, timeout=10)

    assert answer.status_code in (400, 422)
    assert answer.json()["code"] in ("INVALID", "MALFORMED")
