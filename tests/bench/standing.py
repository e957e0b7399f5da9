"""What stands while others don't: a provider that hangs, connections that say nothing."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress

from tests.bench.bench import AT_ONCE, Bench, Figure, Target, creates, token, webhooks
from tests.bench.load import Answers, Connection, Make, closed, later, paced, request, run, same
from tests.bench.served import Shop
from tests.bench.taking import confirms

SILENT = 100


def hanging(bench: Bench) -> Iterator[Figure]:
    """Every place at the provider is taken by a call that never ends: everybody else is served."""
    for kind in bench.databases:
        with bench.shop(kind) as shop:
            places = shop.settings.provider_calls
            orders = run(closed(shop.port, creates(shop, "toss"), connections=AT_ONCE, count=places)).need(200)
            excess = creates(shop, "stripe")
            reading = request("GET", "/payment/history/me", shop.port, Authorization=f"Bearer {token(shop)}")
            health = request("GET", "/healthz", shop.port)
            loads: dict[str, Make] = {
                "health check": same(health),
                "history": same(reading),
                "webhook": webhooks(shop),
                "excess create": excess,
            }
            for make in loads.values():  # each once before it counts
                run(closed(shop.port, later(make, 5000), connections=4, count=8))
            bench.stub.set(hangs=True)
            measured = asyncio.run(_beside(bench, shop, confirms(shop, orders), places, loads))
        name = f"provider hangs, {kind}"
        for what, answers in measured.items():
            answers.need(503 if what == "excess create" else 200)
            bound = 50 if what == "excess create" else 25
            yield Figure(
                scenario=name,
                what=f"{what}, p99" + (" to its 503" if bound == 50 else ""),
                value=answers.ms(0.99),
                unit="ms",
                beside="the bare route",
                base=bench.bare_paced.ms(0.99),
                target=Target(bound=bound, of_ratio=False),
            )


async def _beside(
    bench: Bench, shop: Shop, confirming: Make, places: int, loads: dict[str, Make]
) -> dict[str, Answers]:
    """What these loads are answered, one after the other, while confirms fill every place."""
    calls = bench.stub.calls().get("toss", 0)
    house = asyncio.create_task(closed(shop.port, confirming, connections=places, count=places))
    for _ in range(500):
        if bench.stub.calls().get("toss", 0) - calls >= places:
            break
        await asyncio.sleep(0.02)
    else:
        raise RuntimeError("the house was never full")
    seconds = bench.seconds / 8
    found = {}
    for what, make in loads.items():
        found[what] = await paced(shop.port, make, rate=50, seconds=seconds, connections=16)
    house.cancel()
    with suppress(asyncio.CancelledError):
        await house
    return found


def silent(bench: Bench) -> Iterator[Figure]:
    """A page beside a hundred connections that say nothing, and a hundred that stop in the middle of a request."""
    with bench.shop("sqlite") as shop:
        for what, words in (("say nothing", b""), ("stop in mid-request", b"GET /healthz HTTP/1.1\r\nHost: 127")):
            slowest = asyncio.run(_among(shop, words))
            yield Figure(
                scenario="silent connections",
                what=f"one GET beside {SILENT} that {what}, slowest of 20",
                value=slowest * 1000,
                unit="ms",
                beside="the bare route, p99",
                base=bench.bare_paced.ms(0.99),
                target=Target(bound=50, of_ratio=False),
            )


async def _among(shop: Shop, words: bytes) -> float:
    others = [await asyncio.open_connection("127.0.0.1", shop.port) for _ in range(SILENT)]
    for _, writer in others:
        writer.write(words)
    slowest = 0.0
    for _ in range(20):
        began = time.perf_counter()
        async with Connection(shop.port) as connection:
            await connection.ask(request("GET", "/healthz", shop.port))
        slowest = max(slowest, time.perf_counter() - began)
    for _, writer in others:
        writer.close()
    return slowest
