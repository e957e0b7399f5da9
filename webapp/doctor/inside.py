"""What the shop can find out about itself: settings, database, worker and sweeper, what waits, disk."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from webapp.doctor.line import Line, age, fail, ok, warn
from webapp.services.health import Vitals, can_write, is_migrated, vitals
from webapp.services.keys import opens_secrets
from webapp.settings import ROOT, Settings, production_problems
from webapp.wiring import Wiring

#: Seconds after which something that beats every ten is taken for dead.
_SILENT_S = 60.0
#: Seconds that a due job may wait before somebody should look.
_LATE_S = 300.0
#: Bytes that have to be free.
_ENOUGH, _LITTLE = 1 << 30, 200 << 20
_MEND_DATABASE = "check DATABASE_URL, its server, room on its disk and the right to write there, then make migrate"


def inside(wired: Wiring) -> Iterator[Line]:
    """Every finding that needs nobody else but the database."""
    yield from _settings(wired.settings)
    yield from _database(wired)
    yield _disk(wired.settings)
    yield _open_amounts(wired)


def _settings(settings: Settings) -> Iterator[Line]:
    modes = ", ".join(f"{name}: {config.mode}" for name, config in settings.providers.items())
    yield _modes(settings, modes or "no provider")
    wrong = [] if settings.is_production else production_problems(settings)
    if settings.is_production:
        yield ok("settings", "production, nothing missing")
    elif wrong:
        yield warn("settings", f"development; production would refuse: {'; '.join(wrong)}", "see docs/going-live.md")
    else:
        yield warn("settings", "development, with everything that production needs", "set APP_ENV=production")


def _open_amounts(wired: Wiring) -> Line:
    ranges = wired.settings.open_ranges
    says = ", ".join(f"{currency} {least} to {most}" for currency, (least, most) in ranges.items())
    taken = {currency for each in wired.context.providers.values() for currency in each.capabilities.currencies}
    if idle := ", ".join(currency for currency in ranges if currency not in taken):
        return warn("OPEN_AMOUNTS", f"{says}; no provider takes {idle}", "set one up that does, or leave it out")
    return ok("OPEN_AMOUNTS", f"callers may name sums: {says}" if says else "off: the catalogue alone sets prices")


def _modes(settings: Settings, modes: str) -> Line:
    kinds = {config.mode for config in settings.providers.values()}
    if settings.is_production and "test" in kinds:
        return warn("keys", modes, "no real money moves with test keys: put the live ones in")
    if not settings.is_production and "live" in kinds:
        return warn("keys", modes, "real money moves: set APP_ENV=production, or use test keys")
    return ok("keys", modes)


def _database(wired: Wiring) -> Iterator[Line]:
    settings, context = wired.settings, wired.context
    kind = make_url(settings.database_url).get_backend_name()
    try:
        migrated = is_migrated(context)
        if migrated:
            can_write(context)
    except SQLAlchemyError as error:
        yield fail("database", f"{kind} does not answer as it should: {_reason(error)}", _MEND_DATABASE)
        return
    if not migrated:
        yield fail("database", f"{kind}, but its tables are older than this code", "make migrate")
        return
    if settings.is_production and kind == "sqlite":
        yield warn("database", "SQLite: one machine, one process", "use PostgreSQL for a shop that sells")
    else:
        yield ok("database", f"{kind}, written to; its tables are up to date")
    if not opens_secrets(context):
        yield fail("secrets", "ENCRYPTION_KEYS don't open what is stored", "put the older key back, behind the new one")
    yield from _work(vitals(context))


def _reason(error: SQLAlchemyError) -> str:
    """In the database's own words, which hold no statement: away, full and read-only are mended in different ways."""
    said: object = getattr(error, "orig", None) or type(error).__name__
    return next(iter(str(said).strip().splitlines()), type(said).__name__)


def _work(found: Vitals) -> Iterator[Line]:
    for name, seconds in (("worker", found.worker_s), ("sweeper", found.sweeper_s)):
        if seconds is None or seconds > _SILENT_S:
            last = "never seen" if seconds is None else f"last seen {age(seconds)} ago"
            yield fail(name, last, "start flask --app wsgi worker, and keep it running")
        else:
            yield ok(name, f"seen {age(seconds)} ago")
    late = found.oldest_job_s or 0
    if late > _LATE_S:
        yield warn("jobs", f"one has been due for {age(late)}", "look at the worker's log")
    elif found.dead_jobs:
        yield warn("jobs", f"{found.dead_jobs} given up", "flask --app wsgi alerts list names them")
    else:
        yield ok("jobs", "none is late, none was given up")
    waiting = ", ".join(f"{kind} ({count})" for kind, count in sorted(found.alerts.items()))
    if waiting:
        yield warn(
            "alerts", f"for a person: {waiting}", "flask --app wsgi alerts list; docs/operations.md says what to do"
        )
    else:
        yield ok("alerts", "none is open")
    if found.on_sale:
        yield ok("catalogue", f"{found.on_sale} on sale")
    else:
        yield warn("catalogue", "nothing is on sale", "flask --app wsgi catalog load FILE")


def _disk(settings: Settings) -> Line:
    url = make_url(settings.database_url)
    on_file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    place = Path(url.database or ".").resolve().parent if on_file else ROOT
    free = shutil.disk_usage(place if place.exists() else ROOT).free
    says = f"{free / (1 << 30):.1f} GiB free"
    if free < _LITTLE:
        return fail("disk", says, "make room: without it no payment is taken")
    return warn("disk", says, "make room soon") if free < _ENOUGH else ok("disk", says)
