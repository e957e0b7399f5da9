"""`flask doctor`: every finding, good and bad, with what to do; and what it may not say."""

import json
from collections import namedtuple
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from click.testing import Result
from cryptography.fernet import Fernet
from sqlalchemy import text

from tests.conftest import MakeShop
from tests.failures.deliveries import stripe_settings
from tests.failures.purchase import wait_until
from tests.mail.conftest import _mailbox, mailbox
from tests.mail.mail_server import RunningMailServer
from tests.sandbox_server import API_CLIENT, API_SECRET, RunningSandbox
from tests.shop_server import RunningShop
from webapp.db import alerts, jobs
from webapp.db.revisions import known_revisions
from webapp.doctor import Level, Line, examine
from webapp.doctor.inside import inside
from webapp.services.health import Pulse

__all__ = ["_mailbox", "mailbox"]

#: A port where nobody listens.
NOBODY = "127.0.0.1:9"
SECRET = "whsec_" + "A" * 43 + "="


def alive(shop: RunningShop) -> RunningShop:
    """The shop after its worker and its sweeper were seen."""
    for name in ("worker", "sweeper"):
        Pulse(shop.context, name).beat()
    return shop


def line(shop: RunningShop, name: str) -> Line:
    (found,) = (each for each in examine(shop.wiring) if each.name == name)
    return found


def is_bad(found: Line, level: Level, says: str, todo: str) -> bool:
    return found.level is level and says in found.says and todo in found.todo


def as_production(shop: RunningShop) -> RunningShop:
    """The same shop, judged as if it sold for real; a true production refuses the sandbox."""
    settings = shop.wiring.settings.model_copy(update={"app_env": "production"})
    object.__setattr__(shop.wiring, "settings", settings)
    return shop


def toss_at(base: str, **keys: str) -> dict[str, str]:
    return {"TOSS_CLIENT_KEY": API_CLIENT, "TOSS_SECRET_KEY": API_SECRET, "TOSS_API_BASE": base, **keys}


def test_a_healthy_shop_has_nothing_to_do_but_to_go_live(shop: RunningShop) -> None:
    found = examine(alive(shop).wiring)

    assert {each.name for each in found if each.level is Level.FAIL} == set()
    assert {each.name for each in found if each.level is Level.WARN} == {"settings", "mail"}
    good = {each.name for each in found if each.level is Level.OK}
    assert {"keys", "database", "worker", "sweeper", "jobs", "alerts", "catalogue", "disk", "clock"} <= good
    assert {"toss widget keys", "toss api keys", "stripe keys", "PUBLIC_URL", "toss webhook", "stripe webhook"} <= good
    assert all(each.todo for each in found if each.level is not Level.OK)


def test_the_command_fails_where_something_is_broken_and_only_there(sqlite_shop: RunningShop) -> None:
    def run(*options: str) -> Result:
        return sqlite_shop.app.test_cli_runner().invoke(args=["doctor", *options])

    broken, listed = run(), run("--json")
    alive(sqlite_shop)
    well = run()

    assert (broken.exit_code, listed.exit_code, well.exit_code) == (1, 1, 0), repr(well)
    assert "fail  worker" in broken.output
    assert "→ start flask --app wsgi worker" in broken.output
    lines: list[dict[str, Any]] = json.loads(listed.output)
    assert {"name": "sweeper", "level": "fail", "says": "never seen"}.items() <= lines[4].items()
    assert all(set(each) == {"name", "level", "says", "todo"} for each in lines)


def test_no_secret_is_printed(make_shop: MakeShop, sqlite_url: str, mailbox: RunningMailServer) -> None:
    markers = {
        "SECRET_KEY": "zqx-session-key-zqx-session-key-zqx",
        "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "FULFILMENT_SECRET": SECRET,
        "FULFILMENT_URL": f"http://{NOBODY}/",
        "SMTP_URL": mailbox.url.replace("://", "://shop:zqx-mail-password@"),
        **toss_at(f"http://{NOBODY}", TOSS_SECRET_KEY="test_sk_zqxzqxzqx"),
    }
    shop = make_shop(sqlite_url, **markers)

    said = shop.app.test_cli_runner().invoke(args=["doctor", "--json"]).output

    hidden = [markers[n] for n in ("SECRET_KEY", "ENCRYPTION_KEYS", "FULFILMENT_SECRET", "TOSS_SECRET_KEY")]
    assert [secret for secret in (*hidden, "zqx-mail-password") if secret in said] == []


def test_fm_129_tables_that_are_behind_are_told_by_both(shop: RunningShop) -> None:
    with shop.db() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": known_revisions()[0]})

    assert is_bad(line(shop, "database"), Level.FAIL, "older than this code", "make migrate")
    assert requests.get(f"{shop.origin}/readyz", timeout=10).status_code == 503
    assert requests.get(f"{shop.origin}/healthz", timeout=10).status_code == 200
    with shop.db() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'of_a_newer_one'"))
    assert requests.get(f"{shop.origin}/readyz", timeout=10).status_code == 200, "the newer code runs beside this one"
    with shop.db() as session:
        session.execute(text("DELETE FROM alembic_version"))
    assert requests.get(f"{shop.origin}/readyz", timeout=10).status_code == 503


@pytest.mark.parametrize(
    "url, why",
    [
        (f"postgresql://nobody@{NOBODY}/none", "refused"),
        ("sqlite:////proc/nowhere.sqlite3", "unable to open database file"),
        ("sqlite:////proc/no/folder/shop.sqlite3", "unable to open database file"),
    ],
)
def test_fm_129_a_database_that_is_away_is_a_line_and_a_503(make_shop: MakeShop, url: str, why: str) -> None:
    shop = make_shop(url)

    found = line(shop, "database")
    assert is_bad(found, Level.FAIL, "does not answer", "check DATABASE_URL")
    assert why in found.says
    answer = requests.get(f"{shop.origin}/readyz", timeout=20)
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)


@pytest.mark.parametrize("name", ["worker", "sweeper"])
def test_fm_129_nobody_at_work_is_noticed(shop: RunningShop, name: str) -> None:
    assert is_bad(line(shop, name), Level.FAIL, "never seen", "flask --app wsgi worker")

    Pulse(shop.context, name).beat()
    assert line(shop, name).level is Level.OK

    shop.clock.advance(61)
    assert is_bad(line(shop, name), Level.FAIL, "last seen 6", "keep it running")


def test_fm_129_worker_and_sweeper_are_seen_while_they_work(shop: RunningShop) -> None:
    with shop.working():
        wait_until(lambda: len(shop.rows("SELECT name FROM heartbeats")) == 2)

    assert (line(shop, "worker").level, line(shop, "sweeper").level) == (Level.OK, Level.OK)


def test_work_that_is_late_or_given_up_is_told(shop: RunningShop) -> None:
    with shop.context.sessions.write() as session:
        jobs.stage(session, "send_mail", "a", shop.context.now())
    assert line(shop, "jobs").level is Level.OK
    shop.clock.advance(400)
    assert is_bad(line(shop, "jobs"), Level.WARN, "one has been due for 7 min", "worker's log")

    with shop.db() as session:
        session.execute(text("UPDATE jobs SET state = 'dead'"))
    assert is_bad(line(shop, "jobs"), Level.WARN, "1 given up", "alerts list")


def test_what_waits_for_a_person_and_an_empty_shelf_are_told(shop: RunningShop) -> None:
    with shop.context.sessions.write() as session:
        alerts.raise_alert(session, "mismatch", "p1", "another sum", shop.context.now())
        session.execute(text(f"UPDATE {prefix(shop)}products SET is_active = false"))

    assert is_bad(line(shop, "alerts"), Level.WARN, "mismatch (1)", "alerts list")
    assert is_bad(line(shop, "catalogue"), Level.WARN, "nothing is on sale", "catalog load")


def prefix(shop: RunningShop) -> str:
    return "checkout." if shop.context.sessions.engine.dialect.name == "postgresql" else ""


Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize("free, level", [(1 << 20, Level.FAIL), (500 << 20, Level.WARN), (9 << 30, Level.OK)])
def test_a_disk_that_fills_up_is_told(
    sqlite_shop: RunningShop, monkeypatch: pytest.MonkeyPatch, free: int, level: Level
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _place: Usage(10 << 30, 0, free))

    assert line(sqlite_shop, "disk").level is level


def test_keys_that_the_provider_refuses_are_told(make_shop: MakeShop, sqlite_url: str, sandbox: RunningSandbox) -> None:
    wrong = toss_at(f"{sandbox.origin}/toss", TOSS_SECRET_KEY="test_sk_nobodyknows")
    stripe = {**stripe_settings(sandbox), "STRIPE_SECRET_KEY": "sk_test_nobodyknows"}
    shop = make_shop(sqlite_url, **wrong, **stripe)

    assert is_bad(line(shop, "toss api keys"), Level.FAIL, "refuses them", "dashboard")
    assert is_bad(line(shop, "stripe keys"), Level.FAIL, "refuses them", "dashboard")
    assert is_bad(line(shop, "settings"), Level.WARN, "STRIPE_WEBHOOK_SECRET is missing", "going-live")


def test_a_provider_that_is_not_reached_tells_no_time_either(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, **toss_at(f"http://{NOBODY}"), PUBLIC_URL=f"http://{NOBODY}")

    assert is_bad(line(shop, "toss api keys"), Level.FAIL, "not reached", "port 443")
    assert is_bad(line(shop, "toss api keys"), Level.FAIL, "not reached", "make run")
    assert is_bad(line(shop, "clock"), Level.WARN, "no provider told", "again")
    assert is_bad(line(shop, "PUBLIC_URL"), Level.WARN, "no answer (ConnectionRefusedError)", "DNS, TLS, proxy")
    assert line(as_production(shop), "toss webhook").level is Level.FAIL


@pytest.mark.parametrize("shift, level", [(0, Level.OK), (30, Level.WARN), (120, Level.FAIL), (-120, Level.FAIL)])
def test_fm_120_a_clock_that_differs_from_the_providers_is_told(shop: RunningShop, shift: float, level: Level) -> None:
    shop.clock.advance(shift)

    found = line(shop, "clock")

    assert found.level is level, found
    assert level is Level.OK or ("ahead of" if shift > 0 else "behind") in found.says


def test_another_page_where_buyers_should_come_back_is_told(
    make_shop: MakeShop, sqlite_url: str, sandbox: RunningSandbox
) -> None:
    lost = make_shop(sqlite_url, FRONTEND_URL=f"{sandbox.origin}/nowhere")
    found = make_shop(sqlite_url, FRONTEND_URL=lost.origin)

    assert is_bad(line(lost, "FRONTEND_URL"), Level.WARN, "/payment/success: 404", "the page has to exist")
    assert line(found, "FRONTEND_URL").level is Level.OK


def test_a_mail_server_is_asked_to_let_us_in(make_shop: MakeShop, sqlite_url: str, mailbox: RunningMailServer) -> None:
    assert line(make_shop(sqlite_url, SMTP_URL=mailbox.url), "mail").level is Level.OK
    away = make_shop(sqlite_url, SMTP_URL=f"smtp://{NOBODY}")
    assert is_bad(line(away, "mail"), Level.FAIL, "doesn't let us in", "SMTP_URL")
    none = as_production(make_shop(sqlite_url))
    assert is_bad(line(none, "mail"), Level.FAIL, "no buyer gets one", "SMTP_URL")


def test_a_backend_that_does_not_answer_is_told(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, FULFILMENT_URL=f"http://{NOBODY}/told", FULFILMENT_SECRET=SECRET)
    heard = make_shop(sqlite_url, FULFILMENT_URL=f"{shop.origin}/healthz", FULFILMENT_SECRET=SECRET)

    assert is_bad(line(shop, "FULFILMENT_URL"), Level.FAIL, "no answer", "paid orders wait")
    assert line(heard, "FULFILMENT_URL").level is Level.OK


@pytest.fixture
def keys_put_back(make_shop: MakeShop, sqlite_url: str) -> Iterator[None]:
    yield
    make_shop(sqlite_url)


@pytest.mark.usefixtures("keys_put_back")
def test_keys_that_open_nothing_are_told(make_shop: MakeShop, sqlite_url: str) -> None:
    before = make_shop(sqlite_url)
    before.browse(None).back(before.authenticated())
    before.sandbox.wait_deliveries(1)
    assert line(before, "database").level is Level.OK
    after = make_shop(sqlite_url, ENCRYPTION_KEYS=Fernet.generate_key().decode())

    assert is_bad(line(after, "secrets"), Level.FAIL, "ENCRYPTION_KEYS", "older key back")
    after.browse(None).back(after.authenticated())
    after.sandbox.wait_deliveries(2)
    assert line(after, "secrets").level is Level.FAIL, "what came later hides nothing"


def test_test_keys_in_production_and_live_keys_elsewhere_are_told(make_shop: MakeShop, sqlite_url: str) -> None:
    live = {"TOSS_CLIENT_KEY": "live_ck_lookalike00", "TOSS_SECRET_KEY": "live_sk_lookalike00"}
    played = make_shop(sqlite_url, **toss_at(f"http://{NOBODY}", TOSS_SECRET_KEY="test_sk_lookalike0"))
    real = make_shop(sqlite_url, **live)

    (found,) = (each for each in inside(real.wiring) if each.name == "keys")  # nobody outside is asked with these
    assert is_bad(found, Level.WARN, "toss: live", "APP_ENV=production")
    played_key = {"TOSS_CLIENT_KEY": "test_ck_lookalike0", "TOSS_SECRET_KEY": "test_sk_lookalike0"}
    test = as_production(make_shop(sqlite_url, **played_key, TOSS_API_BASE=f"http://{NOBODY}"))
    assert is_bad(line(test, "keys"), Level.WARN, "toss: test", "live ones")
    assert line(played, "keys").says.startswith("toss: sandbox")


def test_sqlite_in_production_is_told(sqlite_shop: RunningShop) -> None:
    assert is_bad(line(as_production(sqlite_shop), "database"), Level.WARN, "SQLite", "PostgreSQL")


def test_sums_that_callers_may_name_are_told_and_those_that_nobody_takes(
    make_shop: MakeShop, sqlite_url: str, sandbox: RunningSandbox
) -> None:
    def told(**env: str) -> Line:
        (found,) = (each for each in inside(make_shop(sqlite_url, **env).wiring) if each.name == "OPEN_AMOUNTS")
        return found

    assert (told().level, told().says) == (Level.OK, "off: the catalogue alone sets prices")
    on = told(OPEN_AMOUNTS="KRW:1000-500000,USD:100-50000")
    assert (on.level, on.says) == (Level.OK, "callers may name sums: KRW 1000 to 500000, USD 100 to 50000")
    idle = told(OPEN_AMOUNTS="KRW:1000-500000,USD:100-50000", **toss_at(f"{sandbox.origin}/toss"))
    assert is_bad(idle, Level.WARN, "no provider takes USD", "set one up that does")
