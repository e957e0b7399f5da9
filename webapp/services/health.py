"""Whether the shop can keep its books, and whether somebody does its work."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from webapp.db import heartbeats
from webapp.db.alerts import count_open_alerts
from webapp.db.catalog import Product
from webapp.db.jobs import count_dead, oldest_due
from webapp.db.payments import count_to_check
from webapp.db.revisions import is_behind
from webapp.db.worker_calls import add_worker_calls, read_worker_calls
from webapp.domain.tally import Tally
from webapp.services.context import Context

#: Seconds between two heartbeats of the same process: a row is written no more often.
BEAT_EVERY_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """How the shop is, as its database tells it. Ages are in seconds; None: never, or nothing."""

    worker_s: float | None
    sweeper_s: float | None
    oldest_job_s: float | None
    dead_jobs: int
    #: Kind → how many wait for a person.
    alerts: dict[str, int]
    on_sale: int


def is_migrated(context: Context) -> bool:
    """Whether the tables are at least as new as this code; the database's own error when it is away."""
    with context.sessions.read() as session:
        return not is_behind(session)


def can_write(context: Context) -> None:
    """Return when a row could be written: a heartbeat of whoever asks; the database's own error otherwise."""
    with context.sessions.write() as session:
        heartbeats.beat(session, "doctor", context.now())


def vitals(context: Context) -> Vitals:
    """How worker, sweeper, jobs, alerts and shelf are, now."""
    now = context.now()
    with context.sessions.read() as session:
        beats = heartbeats.list_heartbeats(session)
        age = {name: max(0.0, (now - at).total_seconds()) for name, at in beats.items()}
        due = oldest_due(session, now)
        return Vitals(
            worker_s=age.get("worker"),
            sweeper_s=age.get("sweeper"),
            oldest_job_s=(now - due).total_seconds() if due else None,
            dead_jobs=count_dead(session),
            alerts=count_open_alerts(session),
            on_sale=len(session.scalars(select(Product.id).where(Product.is_active)).all()),
        )


def count_open_payments(context: Context) -> dict[tuple[str, str], int]:
    """(Provider, status) → how many payments have a look-up ahead; an index keeps it cheap."""
    with context.sessions.read() as session:
        return count_to_check(session)


def calls_of_workers(context: Context) -> Mapping[tuple[str, ...], tuple[int, float]]:
    """(Provider, call, status) → (how often, seconds in all) of what workers have told so far."""
    with context.sessions.read() as session:
        return read_worker_calls(session)


@dataclass(slots=True)
class CallReport:
    """Tells the database now and then what this process has called, for a process that serves no page; one thread's."""

    context: Context
    calls: Tally
    _told: Mapping[tuple[str, ...], tuple[int, float]] = field(default_factory=dict)
    _next: float = field(default=0.0)

    def tell(self, *, at_once: bool = False) -> None:
        """Add what is new since the last time, unless that was a moment ago; what could not be written comes along."""
        clock = self.context.nature.clock
        if clock.monotonic() < self._next and not at_once:
            return
        self._next = clock.monotonic() + BEAT_EVERY_S
        found = self.calls.read()
        new = {words: total for words, total in found.items() if total != self._told.get(words)}
        if not new:
            return
        with self.context.sessions.write() as session:
            for words, (times, seconds) in new.items():
                before = self._told.get(words, (0, 0.0))
                add_worker_calls(session, words, times - before[0], round((seconds - before[1]) * 1_000_000))
        self._told = found


@dataclass(slots=True)
class Pulse:
    """Notes now and then that something is at work; for one thread or several."""

    context: Context
    name: str
    _next: float = field(default=0.0)

    def beat(self) -> None:
        """Write the row, unless that was done a moment ago."""
        clock = self.context.nature.clock
        if clock.monotonic() < self._next:
            return
        self._next = clock.monotonic() + BEAT_EVERY_S
        with self.context.sessions.write() as session:
            heartbeats.beat(session, self.name, self.context.now())
