"""What it costs to have it: long histories, memory at rest, the first answer after a start."""

import statistics
from collections.abc import Iterator
from contextlib import ExitStack

from tests.bench.bench import Bench, Figure, Target, creates, token
from tests.bench.filling import cursor, fill
from tests.bench.load import closed, request, run, same
from tests.bench.served import Process, Shop, bare_app
from tests.bench.taking import confirms

STARTS = 5


def history(bench: Bench) -> Iterator[Figure]:
    """The newest page, and one from the middle, of a buyer's history of each size; sizes are asked in turns."""
    for kind in bench.databases:
        with ExitStack() as stack:
            shops = {size: stack.enter_context(_filled(bench, kind, size)) for size in bench.rows}
            for what, middle in (("newest page", False), ("page from the middle", True)):
                ms = _in_turns(bench, shops, middle=middle)
                least = bench.rows[0]
                for size in bench.rows[1:]:
                    yield Figure(
                        scenario=f"history, {kind}",
                        what=f"{what}, {size:,} rows",
                        value=ms[size],
                        unit="ms",
                        beside=f"{least:,} rows",
                        base=ms[least],
                        target=Target(bound=1.2 if size <= 1_000_000 else 1.3),
                    )


def _filled(bench: Bench, kind: str, size: int) -> Shop:
    database_url = bench.database(kind)
    fill(database_url, size)
    return Shop(database_url, bench.folder, bench.stub)


def _in_turns(bench: Bench, shops: dict[int, Shop], *, middle: bool) -> dict[int, float]:
    """The median of each, in milliseconds: what disturbs this machine disturbs all of them alike."""
    times: dict[int, list[float]] = {size: [] for size in shops}
    asked = {}
    for size, shop in shops.items():
        query = f"?cursor={cursor(size // 2)}" if middle else ""
        raw = request("GET", f"/payment/history/me{query}", shop.port, Authorization=f"Bearer {token(shop)}")
        asked[size] = raw
    for turn in range(3 if bench.quick else 40):
        for size, shop in shops.items():
            answers = run(closed(shop.port, same(asked[size]), connections=1, count=10))
            times[size] += answers.need(200).latencies if turn else []
    return {size: statistics.median(found) * 1000 for size, found in times.items()}


def memory(bench: Bench) -> Iterator[Figure]:
    """What the site holds when nothing happens: after fifty pages, and once it has sold something at each provider."""
    with bench.shop("sqlite") as shop:
        for path in ("/", "/login", "/signup", "/healthz", "/payments"):
            run(closed(shop.port, same(request("GET", path, shop.port)), connections=1, count=10))
        base, pss = bench.bare.pss_mib(), shop.pss_mib()
        rss, bare_rss = shop.rss_mib(), bench.bare.rss_mib()
        orders = [run(closed(shop.port, creates(shop, name), connections=1, count=10)) for name in ("toss", "stripe")]
        orders[1].need(200)
        run(closed(shop.port, confirms(shop, orders[0].need(200)), connections=1, count=10)).need(200)
        sold = shop.pss_mib()
    yield Figure(
        scenario="at rest",
        what="memory (PSS) of the site after fifty pages",
        value=pss,
        unit="MiB",
        beside="the bare app",
        base=base,
        target=Target(bound=100, of_ratio=False),
    )
    yield Figure(
        scenario="at rest",
        what="the same, once it has called each provider",
        value=sold,
        unit="MiB",
        beside="the bare app",
        base=base,
    )
    yield Figure(
        scenario="at rest",
        what="the first, shared pages counted twice (RSS)",
        value=rss,
        unit="MiB",
        beside="the bare app",
        base=bare_rss,
    )


def start(bench: Bench) -> Iterator[Figure]:
    """From the start of the server's process to its first answer, in turns; the first ones compile and don't count."""
    database_url, starts = bench.database("sqlite"), 2 if bench.quick else STARTS
    pairs = [(_started(Shop(database_url, bench.folder)), _started(bare_app(bench.folder))) for _ in range(starts + 1)]
    shops, bare = zip(*pairs[1:], strict=True)
    yield Figure(
        scenario="cold start",
        what=f"first answer, modules compiled before, median of {starts}",
        value=statistics.median(shops),
        unit="s",
        beside="the bare app",
        base=statistics.median(bare),
        target=Target(bound=0.75, of_ratio=False),
    )


def _started(process: Process) -> float:
    with process:
        return process.first_answer_s
