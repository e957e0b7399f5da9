"""One run: its databases, the stub provider, the baselines, each made when the first scenario asks for it."""

import sqlite3
import time
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.bench.baselines import Unit, event_body, raw_commits
from tests.bench.figures import Figure, Target
from tests.bench.load import Answers, Make, closed, later, paced, request, run, same
from tests.bench.served import WEBHOOK_SECRET, Process, Shop, StubProvider, bare_app
from tests.conftest import migrate
from tests.providers.stripe_events import signed
from tests.shop_server import BUYER, DOLLARS, NAME, PRICE, READING, seed
from tests.tooling.postgres import PostgresServer, postgres_server
from webapp.services.access_tokens import make_token

#: Connections at once where figures are taken "as fast as it answers".
AT_ONCE = 16
DATABASES = ("sqlite", "postgres")


@dataclass(frozen=True)
class Cost:
    """What answering cost the server: microseconds of its processor time for each, beside the unit's meanwhile."""

    answers: Answers
    cpu_us: float
    unit_us: float

    def figure(self, scenario: str, bound: float | None) -> Figure:
        """The line about the processor's time."""
        return Figure(
            scenario=scenario,
            what="processor time of the server",
            value=self.cpu_us,
            unit="µs",
            beside="one HMAC and parse",
            base=self.unit_us,
            target=None if bound is None else Target(bound=bound),
        )


class Bench:
    """`quick` measures for a moment only, to see that all of it runs; `rows` are the history's sizes."""

    def __init__(self, folder: Path, stack: ExitStack, *, quick: bool, rows: tuple[int, ...]) -> None:
        self.folder, self.quick, self.rows = folder, quick, rows
        self._stack, self._made = stack, 0
        self._raw: dict[str, float] = {}
        self._templates: dict[str, str] = {}
        self.databases: tuple[str, ...] = DATABASES

    @property
    def seconds(self) -> float:
        """How long one figure is measured for."""
        return 0.5 if self.quick else 10.0

    @cached_property
    def postgres(self) -> PostgresServer:
        """A server whose commits are durable."""
        return self._stack.enter_context(postgres_server(durable=True))

    @cached_property
    def stub(self) -> StubProvider:
        """The provider that answers when it is told to."""
        stub = StubProvider(self.folder)
        self._stack.enter_context(stub)
        return stub

    @cached_property
    def bare(self) -> Process:
        """The bare route; it rests unless it is asked."""
        return self._stack.enter_context(bare_app(self.folder))

    @cached_property
    def bare_cpu_us(self) -> float:
        """Processor time of the bare route for a body of an event's size."""
        return self.loaded(self.bare, same(request("POST", "/", self.bare.port, event_body(0)))).cpu_us

    @cached_property
    def bare_paced(self) -> Answers:
        """The bare route at a hundred a second."""
        return run(paced(self.bare.port, same(request("GET", "/", self.bare.port)), rate=100, seconds=self.seconds))

    def raw(self, kind: str, database_url: str) -> float:
        """Raw commits a second on this database, of a row of an event's size."""
        if kind not in self._raw:
            self._raw[kind] = raw_commits(database_url, AT_ONCE, self.seconds)
        return self._raw[kind]

    def database(self, kind: str) -> str:
        """A new database with the demo in it."""
        self._made += 1
        if kind == "sqlite":
            path = self.folder / f"{self._made}.sqlite3"
            with closing(sqlite3.connect(self._template(kind))) as full, closing(sqlite3.connect(path)) as empty:
                full.backup(empty)
            return f"sqlite:///{path}"
        return self.postgres.url(self.postgres.create_database(template=self._template(kind)))

    def _template(self, kind: str) -> str:
        """What databases of this kind are copied from: a file, or a database's name."""
        if kind not in self._templates:
            name = str(self.folder / "template.sqlite3") if kind == "sqlite" else self.postgres.create_database()
            url = f"sqlite:///{name}" if kind == "sqlite" else self.postgres.url(name)
            migrate(url)
            seed(url)
            self._templates[kind] = name
        return self._templates[kind]

    @contextmanager
    def shop(self, kind: str, *, stubbed: bool = True, env: Mapping[str, str] | None = None) -> Iterator[Shop]:
        """A served shop, warmed by a few requests."""
        if stubbed:
            self.stub.set()
        shop = Shop(self.database(kind), self.folder, self.stub if stubbed else None, **(env or {}))
        with shop:
            for path in ("/healthz", "/", "/login"):
                run(closed(shop.port, same(request("GET", path, shop.port)), connections=8, count=24))
            yield shop

    def loaded(self, process: Process, make: Make) -> Cost:
        """What it costs as fast as it answers."""
        run(closed(process.port, make, connections=AT_ONCE, count=4 * AT_ONCE)).need(200)
        load = closed(process.port, later(make, 1000), connections=AT_ONCE, seconds=self.seconds)
        return self.cost(process, load, 200)

    def cost(self, process: Process, load: Coroutine[Any, Any, Answers], *need: int) -> Cost:
        """The answers to this load, each of which has one of these statuses, and what they cost the server."""
        with Unit() as unit:
            before = process.cpu_s()
            answers = run(load).need(*need)
            used_s = process.cpu_s() - before
        return Cost(answers, used_s / answers.count * 1e6, unit.us)


def token(shop: Shop) -> str:
    """A bearer token of the demo's buyer."""
    found: str = shop.with_context(lambda context: make_token(context, BUYER)[0])
    return found


def webhooks(shop: Shop, first: int = 0) -> Make:
    """Signed Stripe events, each with an id of its own."""

    def make(number: int) -> bytes:
        body = event_body(first + number)
        signature = signed(body, WEBHOOK_SECRET, int(time.time()))["Stripe-Signature"]
        headers = {"Content_Type": "application/json", "Stripe_Signature": signature}
        return request("POST", "/payment/stripe/webhook", shop.port, body, **headers)

    return make


def creates(shop: Shop, provider: str) -> Make:
    """Orders for the demo's product: in won at Toss, in dollars at Stripe."""
    bodies = {
        "toss": f'{{"amount": {PRICE}, "orderName": "{NAME}"}}',
        "stripe": f'{{"amount": {DOLLARS}, "description": "{READING}"}}',
    }
    headers = {"Content_Type": "application/json", "Authorization": f"Bearer {token(shop)}"}
    raw = request("POST", f"/payment/{provider}/create", shop.port, bodies[provider].encode(), **headers)
    return same(raw)


__all__ = ["AT_ONCE", "Bench", "Figure", "Target", "creates", "token", "webhooks"]
