"""Headers and addresses that no client means to send: doubled, empty, over-long, not ASCII, of another length.

Sent byte by byte over a socket: no client library would.
"""

import json
import socket
from io import BytesIO

import pytest

from tests.api.test_bad_input import ORDER, books
from tests.shop_server import PRICE, RunningShop

CREATE, CONFIRM = "/payment/toss/create", "/payment/toss/confirm"
GOOD = json.dumps({"product": "saju-premium"}).encode()
JSON, BEARER, FOREIGN = (
    b"Content-Type: application/json",
    b"Authorization: Bearer {t}",
    b"Authorization: Bearer cc_" + b"x" * 43,
)
REFUSED, MALFORMED, NO_JSON = (401, "UNAUTHORIZED"), (400, "MALFORMED"), (415, "UNSUPPORTED_MEDIA_TYPE")
FORGED = (400, "WEBHOOK_SIGNATURE_INVALID")
SIGNED = b"Stripe-Signature: t=1,v1=aa"


def send(shop: RunningShop, head: str, *headers: bytes, body: bytes = b"", hang_up: bool = False) -> tuple[int, str]:
    """Status and code of one request whose head is exactly this."""
    lines = [f"{head} HTTP/1.1".encode(), f"Host: 127.0.0.1:{shop.port}".encode(), b"Connection: close", *headers]
    if not any(line.startswith((b"Content-Length", b"Transfer-Encoding")) for line in headers):
        lines.append(b"Content-Length: %d" % len(body))
    with socket.create_connection(("127.0.0.1", shop.port), timeout=30) as connection:
        connection.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        if hang_up:
            connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    top, _, rest = answer.partition(b"\r\n\r\n")
    return int(top.split()[1]), str(json.loads(rest)["code"])


@pytest.fixture
def token(sqlite_shop: RunningShop) -> bytes:
    made = sqlite_shop.token()
    used = f"Authorization: Bearer {made}".encode()
    send(
        sqlite_shop, f"POST {CREATE}", used, JSON, body=b"{}"
    )  # its last use is written down before the books are read
    return made.encode()


HEADERS: dict[str, tuple[tuple[bytes, ...], tuple[int, str]]] = {
    "Authorization twice": ((BEARER, BEARER, JSON), REFUSED),
    "another Authorization behind": ((BEARER, FOREIGN, JSON), REFUSED),
    "another Authorization before": ((FOREIGN, BEARER, JSON), REFUSED),
    "Authorization empty": ((b"Authorization:", JSON), REFUSED),
    "Authorization empty and right": ((b"Authorization:", BEARER, JSON), REFUSED),
    "Authorization not ASCII": ((b"Authorization: Bearer \xff" + b"a" * 40, JSON), REFUSED),
    "Authorization over-long": ((b"Authorization: Bearer " + b"a" * 20_000, JSON), REFUSED),
    # Of two kinds servers keep one, and not all the same; this one keeps the last.
    "another Content-Type behind": ((BEARER, JSON, b"Content-Type: text/plain"), NO_JSON),
    "Content-Type empty": ((BEARER, b"Content-Type:"), NO_JSON),
    "Content-Type not ASCII": ((BEARER, b"Content-Type: application/json\xe9"), NO_JSON),
    "Content-Type over-long": ((BEARER, b"Content-Type: application/json" + b"x" * 20_000), NO_JSON),
    "Idempotency-Key twice": ((BEARER, JSON, b"Idempotency-Key: a", b"Idempotency-Key: a"), MALFORMED),
    "two Idempotency-Keys": ((BEARER, JSON, b"Idempotency-Key: a", b"Idempotency-Key: b"), MALFORMED),
    "Idempotency-Key empty": ((BEARER, JSON, b"Idempotency-Key:"), MALFORMED),
    "Idempotency-Key over-long": ((BEARER, JSON, b"Idempotency-Key: " + b"k" * 256), MALFORMED),
    "Idempotency-Key not ASCII": ((BEARER, JSON, b"Idempotency-Key: caf\xe9"), MALFORMED),
    "Content-Length twice": ((BEARER, JSON, b"Content-Length: 27", b"Content-Length: 3"), MALFORMED),
    "Content-Length no number": ((BEARER, JSON, b"Content-Length: ten"), MALFORMED),
    "Content-Length too small": ((BEARER, JSON, b"Content-Length: 10"), MALFORMED),
}  # fmt: skip


@pytest.mark.parametrize("name", HEADERS)
def test_an_odd_header_is_refused_and_changes_nothing(sqlite_shop: RunningShop, token: bytes, name: str) -> None:
    headers, expected = HEADERS[name]
    before = books(sqlite_shop)

    filled = [header.replace(b"{t}", token) for header in headers]
    assert send(sqlite_shop, f"POST {CREATE}", *filled, body=GOOD) == expected
    assert books(sqlite_shop) == before


def test_a_body_that_is_cut_off_is_none_even_when_it_reads_well(sqlite_shop: RunningShop, token: bytes) -> None:
    announced = b"Content-Length: %d" % (len(GOOD) + 50)
    auth, before = b"Authorization: Bearer " + token, books(sqlite_shop)

    assert send(sqlite_shop, f"POST {CREATE}", auth, JSON, announced, body=GOOD, hang_up=True) == MALFORMED
    # As servers hand it over that end the body themselves, without a look at what was announced.
    served = {"wsgi.input_terminated": True, "CONTENT_LENGTH": str(len(GOOD) + 50), "wsgi.input": BytesIO(GOOD)}
    for path in (CREATE, CONFIRM, "/payment/toss/webhook"):
        answer = sqlite_shop.app.test_client().post(
            path,
            content_type="application/json",
            headers={"Authorization": auth[15:].decode()},
            environ_overrides=served,
        )
        assert (answer.status_code, answer.get_json()["code"]) == MALFORMED, path
    assert books(sqlite_shop) == before


@pytest.mark.parametrize(
    "headers",
    [(SIGNED, SIGNED), (b"Stripe-Signature:",), (b"Stripe-Signature: \xff",), (SIGNED + b",v1=aa" * 5000,)],
    ids=["twice", "empty", "not ASCII", "over-long"],
)
def test_an_odd_signature_is_none(sqlite_shop: RunningShop, headers: tuple[bytes, ...]) -> None:
    before = books(sqlite_shop)

    assert send(sqlite_shop, "POST /payment/stripe/webhook", JSON, *headers, body=b"{}") == FORGED
    assert books(sqlite_shop) == before


INVALID = (422, "INVALID")
QUERIES = {
    "limit=1&limit=2": INVALID,
    "limit=1&limit=1": INVALID,
    "status=completed&status=pending": INVALID,
    "cursor=a&cursor=b": INVALID,
    "limit=": INVALID,
    "limit=%d9%a3": INVALID,
    "limit=%ff": INVALID,
    "limit=" + "9" * 5000: INVALID,
    "status=": INVALID,
    "cursor=": INVALID,
    "cursor=" + "x" * 5000: INVALID,
    "cursor=%ff%fe": MALFORMED,
    "status=%00": MALFORMED,
    "LIMIT=1": INVALID,
}


def test_an_odd_query_is_refused(sqlite_shop: RunningShop, token: bytes) -> None:
    auth = b"Authorization: Bearer " + token

    told = {query: send(sqlite_shop, f"GET /payment/history/me?{query}", auth) for query in QUERIES}
    assert told == QUERIES


def test_a_return_with_doubled_members_is_nobody_s(sqlite_shop: RunningShop) -> None:
    brought = sqlite_shop.authenticated()
    key, order_id = brought["paymentKey"], brought["orderId"]
    right = f"paymentKey={key}&orderId={order_id}&amount={PRICE}"
    before = books(sqlite_shop)
    odd = [f"{right}&amount=1", f"amount=1&{right}", f"{right}&orderId={ORDER}", f"{right}&paymentKey={key}"]
    odd += [right.replace(key, ""), right.replace(key, "%ff"), right.replace(order_id, "o" * 5000)]

    buyer = sqlite_shop.app.test_client()
    assert {buyer.get(f"/payment/success?{query}").status_code for query in odd} == {400}
    assert books(sqlite_shop) == before
    assert buyer.get(f"/payment/success?{right}").status_code == 303
