"""Who may do what: every route × everybody × {own, another's, nobody's}. A route that isn't in the table fails."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import pytest

from tests.security.matrix import MATRIX, cells
from tests.security.principals import OTHER, OWNED, TOKENS, WHOSE, People
from tests.shop_server import RunningShop

WHO = ("anonymous", "buyer", "staff", *TOKENS)
_CHANGING = re.compile(r"(req_|nonce-|nonce=\"|csrf_token\" value=\")[\w.-]+|ord_[\w-]+|[0-9a-f]{8}-[0-9a-f-]{27}")


def routes(shop: RunningShop) -> Iterator[str]:
    for rule in shop.app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            yield f"{method} {rule.rule}"


def things(shop: RunningShop) -> list[Mapping[str, object]]:
    """What another person has: none of it may change, whoever asks."""
    return [
        row
        for table, columns in (("orders", "status"), ("user_sessions", "id"), ("access_tokens", "id, revoked_at"))
        for row in shop.rows(
            f"SELECT {columns} FROM {table} WHERE user_id = (SELECT id FROM users WHERE email = :e)", e=OTHER
        )
    ]


def outcome(people: People, who: str, route: str, whose: str) -> str:
    """The status; `login` where a stranger is led to the log-in page."""
    answer = people.ask(who, route, whose)
    return "login" if urlsplit(answer.headers.get("Location", "")).path == "/login" else str(answer.status_code)


def test_fm_97_every_route_answers_each_as_the_table_says(sqlite_shop: RunningShop) -> None:
    people = People(sqlite_shop)
    before, wrong = things(sqlite_shop), []
    assert set(routes(sqlite_shop)) == set(MATRIX), "every route is in tests/security/matrix.py, and no other"
    assert [route for route in MATRIX if len(cells(route)) != len(WHO)] == [], "a cell for everybody"

    for route in MATRIX:
        for who, cell in zip(WHO, cells(route), strict=True):
            expected = dict(zip(("own", "foreign", "missing"), cell.split("/"), strict=False))
            for whose in (each for each in WHOSE if each in expected):
                told = outcome(people, who, route, whose)
                if told != expected[whose]:
                    wrong.append(f"{who}: {route} ({whose}) is {told}, not {expected[whose]}")

    assert not wrong, "\n".join(wrong)
    assert things(sqlite_shop) == before, "somebody else's things were changed"


def test_a_route_that_names_a_thing_tells_for_each_whose(sqlite_shop: RunningShop) -> None:
    owned = {route for route in MATRIX if any(f"<{name}>" in route for name in OWNED)}

    assert owned
    assert [r for r in owned if [cell.count("/") for cell in cells(r)] != [2] * len(WHO)] == []


@pytest.mark.parametrize(
    "who, route",
    [
        ("anonymous", "GET /payments/<order_id>"), ("buyer", "GET /payments/<order_id>"),
        ("buyer", "GET /payments/<order_id>/receipt"), ("buyer", "POST /payments/<order_id>/cancel"),
        ("token", "GET /payment/<order_id>"), ("read", "GET /payment/<order_id>"),
        ("pay", "GET /payment/<order_id>"),
    ],
)  # fmt: skip
def test_fm_96_foreign_and_missing_answer_alike(sqlite_shop: RunningShop, who: str, route: str) -> None:
    """Byte for byte, but for what is new in every answer and the id that was asked for."""
    people = People(sqlite_shop)
    answers = [people.ask(who, route, whose) for whose in ("foreign", "missing")]
    bodies = [_CHANGING.sub("…", answer.text) for answer in answers]
    headers = [{k: _CHANGING.sub("…", v) for k, v in answer.headers if k != "Set-Cookie"} for answer in answers]

    assert bodies[0] == bodies[1]
    assert {k for k in headers[0] if k != "Content-Length"} == {k for k in headers[1] if k != "Content-Length"}
    assert answers[0].status_code == answers[1].status_code
