"""Planted secrets turn up in no log line, page, error, table or mail of a run over every route (INV-40, INV-41)."""

import json
import re
import sqlite3
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.conftest import MakeShop
from tests.sandbox_server import STRIPE_SECRET, STRIPE_WEBHOOK_SECRET
from tests.security.matrix import MATRIX
from tests.security.principals import People
from tests.shop_server import BUYER, PASSWORD, PRODUCT, RunningShop

SESSION_KEY = "marker-session-key-3f9a1c77e2"
SEALING_KEY = Fernet.generate_key().decode()
TYPED = "marker typed password 81"
BEARER = "cc_marker0bearer0token0nobody0has"
CARD, SPACED = "4242424242424242", "5555 5555 5555 4444"
#: Never in anything that leaves the process, in no table and no line.
OURS = (SESSION_KEY, SEALING_KEY, "test_gsk_sandbox", "test_sk_sandbox", STRIPE_SECRET, STRIPE_WEBHOOK_SECRET)
#: What somebody else sends us in the wrong place: it may be shown back to her, and is kept by nobody.
THEIRS = (TYPED, PASSWORD, BEARER, CARD, SPACED)
_BOUNDARY = re.compile(r'boundary="=+\d+=+"')
_DIGITS = re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w.-])")


def cards_in(text: str) -> list[str]:
    """Numbers that could be a card's, as Luhn counts."""
    found = (re.sub(r"\D", "", hit.group()) for hit in _DIGITS.finditer(text))
    return [digits for digits in found if _luhn(digits)]


def _luhn(digits: str) -> bool:
    doubled = [int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits))]
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def dump(shop: RunningShop) -> str:
    """Every table as it lies on the disk."""
    path = shop.context.sessions.engine.url.database
    assert path is not None
    with sqlite3.connect(path) as database:
        return "\n".join(database.iterdump())


def mails(folder: Path) -> str:
    """Headers and texts of all mails, without the mark between parts: its digits are a card's number by chance."""
    read = (message_from_bytes(path.read_bytes(), policy=policy.default) for path in folder.glob("*.eml"))
    said = "\n".join(f"{m.items()} {part.get_content()}" for m in read for part in m.walk() if not part.is_multipart())
    return _BOUNDARY.sub("", said)


def visit_everything(shop: RunningShop) -> Iterator[str]:
    """Every route as everybody, then every route again with secrets where they don't belong; what came back."""
    people = People(shop)
    for route in MATRIX:
        for who in ("anonymous", "buyer"):
            answer = people.ask(who, route, "own")
            yield f"{answer.headers}{answer.text}"
    junk = {"card": CARD, "number": SPACED, "password": TYPED, "token": BEARER, "name": "김사주"}
    headers = {"Authorization": f"Bearer {BEARER}", "Cookie": f"session={BEARER}"}
    client = shop.app.test_client()
    for route in MATRIX:
        method, rule = route.split(" ", 1)
        path = re.sub(r"<[^>]+>", "x", rule)
        form = None if path.startswith(("/payment/", "/auth/")) or method == "GET" else junk
        body = junk if form is None and method == "POST" else None
        answer = client.open(path, method=method, headers=headers, query_string=junk, data=form, json=body)
        assert answer.status_code < 500, route
        yield f"{answer.headers}{answer.text}"


def buy(shop: RunningShop) -> tuple[str, ...]:
    """A payment at each provider, one of them declined; the secrets that belong to them."""
    brought = shop.authenticated()
    shop.browse().back(brought)
    abroad = shop.create_abroad()
    shop.sandbox.stripe_pay(order_id=abroad["orderId"], card="4000000000000002")
    shop.sandbox.stripe_pay(order_id=abroad["orderId"], card=CARD)
    shop.work()
    token = shop.token()
    shop.post("/payment/toss/create", {"product": PRODUCT}, token=token)
    return (token, abroad["clientSecret"])


@pytest.mark.timeout(240)
def test_fm_107_planted_secrets_turn_up_nowhere(
    make_shop: MakeShop, sqlite_url: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    shop = make_shop(sqlite_url, SECRET_KEY=SESSION_KEY, ENCRYPTION_KEYS=SEALING_KEY, LOG_LEVEL="DEBUG")
    assert [shop.wiring.settings.providers[name].mode for name in ("toss", "stripe")] == ["sandbox"] * 2
    pages = [*visit_everything(shop)]
    dealt = buy(shop)
    shop.work()
    lines = capfd.readouterr().err.splitlines()
    shown, stored, sent = "\n".join(pages), dump(shop), mails(shop.outbox)

    assert len(lines) > 200
    assert {email for email in (BUYER,) if email in sent} == {BUYER}
    for secret in OURS:
        assert secret not in shown
    for secret in (*OURS, *THEIRS, *dealt):
        assert secret not in "\n".join(lines), "in a line of the log"
        assert secret not in stored, "in a table"
        assert secret not in sent, "in a mail"
    assert cards_in("\n".join(lines)) == []
    assert cards_in(stored) == []
    assert cards_in(sent) == []
    ours = [json.loads(line) for line in lines if line.startswith("{")]
    assert [entry for entry in ours if not {"timestamp", "level", "request_id"} <= set(entry)] == []


def test_a_card_number_is_found() -> None:
    assert cards_in(f"paid with {SPACED}, or {CARD}") == [SPACED.replace(" ", ""), CARD]
    assert cards_in("order 13000 at 1764180000000") == []
