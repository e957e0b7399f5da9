"""What takes money: webhooks stored, orders created, payments confirmed."""

import json
from collections.abc import Iterator

from tests.bench.bench import AT_ONCE, Bench, Figure, Target, creates, webhooks
from tests.bench.load import Answers, Make, closed, later, paced, request, run
from tests.bench.served import Shop
from tests.bench.writes import count_writes

#: Provider time in milliseconds -> what is measured.
LATENCIES_MS = (0, 200)
IN_FLIGHT = 128
CONFIRM_MS = 500
RATE = 100


def webhook(bench: Bench) -> Iterator[Figure]:
    """Stripe events stored a second, and what one costs."""
    bounds = {
        "sqlite": Target(bound=0.15, better=0.30, at_least=True),
        "postgres": Target(bound=0.45, better=0.75, at_least=True),
    }
    for kind in bench.databases:
        with bench.shop(kind) as shop:
            calls = bench.stub.calls()
            writes = _writes_each(shop, webhooks(shop, 900_000))
            cost = bench.loaded(shop, webhooks(shop))
            asked = sum(bench.stub.calls().values()) - sum(calls.values())
            raw = bench.raw(kind, bench.database(kind))
        name = f"webhook, {kind}"
        yield Figure(
            scenario=name,
            what="stored a second, 16 connections",
            value=cost.answers.rate,
            unit="/s",
            beside="raw commits a second",
            base=raw,
            target=bounds[kind],
        )
        yield cost.figure(name, 130)
        yield Figure(
            scenario=name,
            what="the same",
            value=cost.cpu_us,
            unit="µs",
            beside="the bare route",
            base=bench.bare_cpu_us,
        )
        yield Figure(
            scenario=name, what="durable writes", value=writes, unit="", target=Target(bound=1, of_ratio=False)
        )
        yield Figure(scenario=name, what="provider calls", value=asked, unit="", target=Target(bound=0, of_ratio=False))


def create(bench: Bench) -> Iterator[Figure]:
    """Orders created at a hundred a second, and what one costs."""
    for kind in bench.databases:
        with bench.shop(kind) as shop:
            yield from _created(bench, shop, f"create at Toss, {kind}", creates(shop, "toss"), 0)
            for latency_ms in LATENCIES_MS:
                bench.stub.set(latency_s=latency_ms / 1000)
                name = f"create at Stripe ({latency_ms} ms), {kind}"
                yield from _created(bench, shop, name, creates(shop, "stripe"), latency_ms)


def _created(bench: Bench, shop: Shop, name: str, make: Make, latency_ms: int) -> Iterator[Figure]:
    run(closed(shop.port, make, connections=4, count=40)).need(200)
    writes = _writes_each(shop, make)
    cost = bench.cost(shop, paced(shop.port, make, rate=RATE, seconds=bench.seconds), 200)
    answers, bare = cost.answers, bench.bare_paced
    yield cost.figure(name, 230)
    for share, target in ((0.5, None), (0.99, Target(bound=15, better=9, of_ratio=False))):
        yield Figure(
            scenario=name,
            what=f"added to the provider's time, p{share * 100:.0f} at {RATE}/s",
            value=answers.ms(share) - latency_ms,
            unit="ms",
            beside="the bare route",
            base=bare.ms(share),
            target=target,
        )
    yield Figure(scenario=name, what="durable writes", value=writes, unit="", target=Target(bound=2, of_ratio=False))


def _writes_each(shop: Shop, make: Make) -> float:
    """Writing transactions for each request; the least of three counts, as PostgreSQL's own cleaning counts too."""
    counts = []
    for turn in range(3):
        before = count_writes(shop.database_url)
        run(closed(shop.port, later(make, 10 * turn), connections=1, count=10)).need(200)
        counts.append((count_writes(shop.database_url) - before) / 10)
    return min(counts)


def confirm(bench: Bench) -> Iterator[Figure]:
    """Confirms kept in flight while the provider takes half a second for each."""
    rounds = 1 if bench.quick else 6
    room = {"PROVIDER_CALLS": str(IN_FLIGHT), "SERVER_THREADS": str(IN_FLIGHT + 32)}
    for kind in bench.databases:
        with bench.shop(kind, env=room) as shop:
            make = confirms(
                shop,
                run(closed(shop.port, creates(shop, "toss"), connections=AT_ONCE, count=IN_FLIGHT * (rounds + 1))).need(
                    200
                ),
            )
            warm = run(closed(shop.port, later(make, IN_FLIGHT * rounds), connections=IN_FLIGHT, count=IN_FLIGHT))
            warm.need(200, 202)
            bench.stub.set(latency_s=CONFIRM_MS / 1000)
            load = closed(shop.port, make, connections=IN_FLIGHT, count=IN_FLIGHT * rounds)
            # One that takes longer than the page waits is told "checking" (202), and counts as none taken.
            cost = bench.cost(shop, load, 200, 202)
        name = f"confirm ({CONFIRM_MS} ms), {kind}"
        yield Figure(
            scenario=name,
            what=f"a second, {IN_FLIGHT} in flight",
            value=cost.answers.statuses[200] / cost.answers.seconds,
            unit="/s",
            beside="no cost of ours at all",
            base=IN_FLIGHT * 1000 / CONFIRM_MS,
            target=Target(bound=0.75, at_least=True),
        )
        yield cost.figure(name, None)


def confirms(shop: Shop, created: Answers) -> Make:
    """A confirm for each of these orders."""
    orders = [json.loads(body)["orderId"] for body in created.bodies]

    def make(number: int) -> bytes:
        order = orders[number]
        body = {"paymentKey": f"tviva{order[4:]}", "orderId": order, "amount": 13000}
        return request(
            "POST", "/payment/toss/confirm", shop.port, json.dumps(body).encode(), Content_Type="application/json"
        )

    return make
