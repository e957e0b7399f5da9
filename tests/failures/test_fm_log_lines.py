"""What strangers write, in the log: one JSON object a line, with the id of the request that it belongs to."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from tests.conftest import MakeShop
from tests.failures.conftest import Buy
from tests.shop_server import BUYER, RunningShop

#: Line breaks of every kind, colours, an object of its own, the end of a string.
FORGED = (
    '"}\r\n{"event": "forged", "level": "critical"}',
    "\x1b[31mforged\x1b[0m\x07",
    '\u2028{"event": "forged"}\u2029\x85\x0b\x0c',
    '\\", "event": "forged',
    "\u202e{}forged",
)
WORDS = {"request", "provider.call", "webhook", "webhook refused", "log-in refused", "log-in"}


@contextmanager
def logged() -> Iterator[list[str]]:
    """The lines, as the shop's own handler writes them, complete when the block is over."""
    (handler,), lines, stream = logging.getLogger().handlers, list[str](), io.StringIO()
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(stream)
    try:
        yield lines
    finally:
        handler.setStream(before)
        lines += stream.getvalue().rstrip("\n").split("\n")


def attack(shop: RunningShop, word: str) -> list[str]:
    """Put the word wherever a stranger can; the ids of the requests."""
    web = shop.browse(None)
    web.http.headers["User-Agent"] = "".join(char for char in word if char.isprintable() and char.isascii())
    key = {"X-Request-Id": quote(word), "Authorization": f"Bearer {quote(word)}"}
    answers = [
        web.get(f"/payments/{quote(word)}", headers=key),
        web.get("/payment/success", params={"paymentKey": word, "orderId": word, "amount": word}),
        web.get("/payment/fail", params={"code": word, "message": word, "orderId": word}),
        shop.post("/payment/toss/webhook", {"eventType": word, "createdAt": word, "data": {"paymentKey": word}}),
        shop.post("/payment/stripe/webhook", {"id": word, "type": word}),
        shop.post("/payment/toss/create", {"product": word, word: word}, token=shop.token()),
        shop.post("/auth/token", {"email": f"{BUYER}{word}", "password": word}),
        web.submit("/login", "/login", email=word, password=word),
    ]
    assert all(answer.status_code < 500 for answer in answers)
    return [answer.headers["X-Request-Id"] for answer in answers]


def test_fm_106_no_stranger_writes_a_line_of_his_own(make_shop: MakeShop, database_url: str, buy: Buy) -> None:
    shop = make_shop(database_url, LOG_LEVEL="INFO")
    shop.sandbox.mute()
    purchase, ids = buy(shop), []

    with logged() as lines:
        for word in FORGED:
            ids += attack(shop, word)
        purchase.back()
        shop.work()

    found = [json.loads(line) for line in lines]
    assert {entry["event"] for entry in found} <= WORDS
    assert {entry["level"] for entry in found} <= {"info", "warning"}
    assert [line for line in lines if not line.isprintable()] == []
    requests = [entry["request_id"] for entry in found if entry["event"] == "request"]
    assert set(ids) <= set(requests)
    assert len(ids) == len(set(ids)), "no request takes another's id"
    purchase.is_sold_once()
