"""Webhooks that are huge, slow or many, at the real server; and a database that is away (FM-46, FM-52)."""

import itertools
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
import requests

from tests.crash.conftest import ServeShop
from tests.crash.served_shop import Child, ServedShop
from tests.failures.deliveries import PROVIDERS, genuine, raw, send, signed, stored
from tests.processes.conftest import _mailbox, mailbox, serve
from tests.processes.process_table import family
from tests.shop_server import RunningShop
from tests.tooling.postgres import PostgresServer
from webapp.security import MAX_BODY
from webapp.webhooks import PLACES, READ_S

__all__ = ["_mailbox", "mailbox", "serve"]

#: At once, and how many of them the sender has under way at a time.
MANY, AT_A_TIME = 200, 16
#: Seconds. Well below one on a machine that does nothing else; a provider that was waited for would make it thirty.
P99_S = 10.0
#: How much a server may grow while it is sent a hundred megabytes that it doesn't take.
GROWTH_MIB = 40


def pieces(total: int, size: int = 65_536) -> Iterator[bytes]:
    """So many bytes without a length announced."""
    return itertools.chain(itertools.repeat(b"x" * size, total // size), [b"x" * (total % size)])


def post_large(shop: ServedShop, provider: str, total: int, *, announced: bool) -> int | None:
    """The answer's status; None when the server hung up while it was still being sent to."""
    address = f"{shop.origin}/payment/{provider}/webhook"
    body = b"x" * total if announced else pieces(total)
    try:
        return requests.post(address, data=body, timeout=30).status_code
    except requests.ConnectionError:
        return None


@contextmanager
def silent(shop: ServedShop, senders: int) -> Iterator[None]:
    """So many who begin a body and send nothing more, for as long as the block lasts."""
    head = b"POST /payment/stripe/webhook HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5000\r\n\r\n{"
    with ExitStack() as stack:
        for _ in range(senders):
            stack.enter_context(socket.create_connection(("127.0.0.1", shop.port))).sendall(head)
        time.sleep(0.5)
        yield


def drip(
    shop: ServedShop, provider: str, *, chunked: bool, at_once: int = 0, pause_s: float = 0.5
) -> tuple[float, bytes]:
    """So much at once, then one byte now and then; seconds until the answer, and the answer."""
    kind = "Transfer-Encoding: chunked" if chunked else "Content-Length: 5000"
    head = f"POST /payment/{provider}/webhook HTTP/1.1\r\nHost: 127.0.0.1\r\n{kind}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", shop.port)) as line:
        start = b" " * at_once
        line.sendall(head.encode() + (b"%x\r\n%b\r\n" % (at_once, start) if chunked and at_once else start))
        began = time.monotonic()
        line.settimeout(pause_s)
        while time.monotonic() < began + 3 * READ_S:
            line.sendall(b"1\r\n \r\n" if chunked else b" ")
            with suppress(TimeoutError):
                answer = line.recv(4096)
                return time.monotonic() - began, answer
    raise AssertionError("it reads on and on")


def held_mib(site: Child) -> float:
    return sum(family(site.process.pid).values())


def test_fm_46_huge_and_slow_bodies_are_not_waited_for(serve: ServeShop) -> None:
    """One server for all of it: a start costs more than the rest."""
    shop = serve()
    site = shop.start_site()
    for provider in PROVIDERS:
        for total in (MAX_BODY + 1, 1_000_000):
            assert post_large(shop, provider, total, announced=True) == 413, total
            assert post_large(shop, provider, total, announced=False) in (413, None), total
        before = held_mib(site)
        with ThreadPoolExecutor(1) as pool:
            sending = pool.submit(post_large, shop, provider, 100_000_000, announced=False)
            most = before
            while not sending.done():
                most = max(most, held_mib(site))
        assert sending.result() in (413, None)
        assert most < before + GROWTH_MIB
    slow = [(p, chunked) for p in PROVIDERS for chunked in (True, False)]
    with ThreadPoolExecutor(2 * len(slow)) as pool, silent(shop, PLACES - 2 * len(slow) - 4):
        dripping = [pool.submit(drip, shop, p, chunked=chunked) for p, chunked in slow]
        # Who begins like a provider is read in larger pieces, and the last of them is waited for.
        dripping += [pool.submit(drip, shop, p, chunked=c, at_once=600, pause_s=0.05) for p, c in slow]
        good = raw(genuine("stripe"))
        assert send(shop, "stripe", good).status_code == 200, "the others are served meanwhile"
        for future in dripping:
            took_s, answer = future.result()
            assert READ_S - 1 < took_s < READ_S + 6
            assert answer.startswith(b"HTTP/1.1 400 "), answer[:80]
            assert requests.get(f"{shop.origin}/healthz", timeout=5).status_code == 200
    with silent(shop, PLACES):
        assert requests.get(f"{shop.origin}/healthz", timeout=5).status_code == 200, "silence holds webhooks, not pages"
        assert send(shop, "stripe", raw(genuine("stripe"))).status_code == 429
    assert send(shop, "stripe", good).status_code == 200
    assert [row["event_id"] for row in stored(shop)] == [json.loads(good)["id"]]


def test_fm_46_without_a_length_one_byte_too_many_is_413_and_the_limit_itself_is_read(shop: RunningShop) -> None:
    for provider in PROVIDERS:
        address = f"{shop.origin}/payment/{provider}/webhook"
        assert requests.post(address, data=pieces(MAX_BODY + 1), timeout=30).status_code == 413
        body = raw(genuine(provider, note=""))
        body = body[:-1] + b" " * (MAX_BODY - len(body)) + b"}"
        assert len(body) == MAX_BODY
        headers = signed(shop, body) if provider == "stripe" else {}
        assert requests.post(address, data=iter([body]), headers=headers, timeout=30).status_code == 200
    assert len(stored(shop)) == len(PROVIDERS)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_fm_52_two_hundred_at_once_are_stored_while_the_provider_hangs_and_nobody_works(
    serve: ServeShop, provider: str
) -> None:
    shop = serve()
    shop.start_site()  # and no worker
    shop.sandbox.fault(provider=provider, call="any", then="delay", delay_s=30, times=10 * MANY)
    bodies = [raw(genuine(provider, id=f"evt_many{number}", number=number)) for number in range(MANY)]
    with requests.Session() as http, ThreadPoolExecutor(AT_A_TIME) as pool:

        def deliver(body: bytes) -> tuple[float, int]:
            headers = signed(shop, body) if provider == "stripe" else {}
            began = time.monotonic()
            answer = http.post(f"{shop.origin}/payment/{provider}/webhook", data=body, headers=headers, timeout=30)
            return time.monotonic() - began, answer.status_code

        deliver(raw(genuine(provider, id="evt_warm")))
        took = sorted(pool.map(deliver, bodies))
    assert {status for _, status in took} == {200}
    assert took[int(MANY * 0.99)][0] < P99_S
    assert len(stored(shop)) == MANY + 1
    assert len(shop.rows("SELECT id FROM jobs WHERE kind = 'process_event' AND state = 'queued'")) == MANY + 1
    assert shop.sandbox.ledger()["calls"] == [], "nobody was asked on the way"


@contextmanager
def away(shop: RunningShop, request: pytest.FixtureRequest) -> Iterator[None]:
    """Let the shop's database be gone inside: the server lets nobody in, or the file is not where it was."""
    url = shop.context.sessions.engine.url
    if url.get_backend_name() == "sqlite":
        shop.context.sessions.engine.dispose()
        file = Path(str(url.database))
        hidden = file.rename(file.with_suffix(".hidden"))
        file.mkdir()
        yield
        file.rmdir()
        hidden.rename(file)
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with psycopg.connect(server.url("postgres"), autocommit=True) as owner:
        owner.execute(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS false')
        owner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [url.database])
        yield
        owner.execute(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS true')


@pytest.mark.parametrize("provider", PROVIDERS)
def test_fm_52_what_cannot_be_stored_is_not_accepted(
    shop: RunningShop, request: pytest.FixtureRequest, provider: str
) -> None:
    body = raw(genuine(provider))
    with away(shop, request):
        answers = [send(shop, provider, body) for _ in range(2)]
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE_AWAY")
        assert int(answer.headers["Retry-After"]) > 0
    assert stored(shop) == []
    assert send(shop, provider, body).status_code == 200
    assert len(stored(shop)) == 1, "taken when it is sent again"
