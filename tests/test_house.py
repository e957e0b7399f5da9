"""The house keeps its shape: who may import whom, how long a file gets, where time and chance come from."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.tooling import house
from tests.tooling.house import ROOT, Rule, source_files
from webapp.providers.registry import PROVIDERS

FILE_LINES, SCRIPT_LINES, FUNCTION_LINES = 300, 120, 50
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "core", "lib"}


def _rule(units: str, packages: str | None = "") -> Rule:
    return Rule(frozenset(units.split()), None if packages is None else frozenset(packages.split()))


ENTRY = "services domain wiring errors security rate_limits"
WEB = "flask werkzeug jinja2 markupsafe flask_login flask_wtf wtforms flask_babel babel structlog pydantic itsdangerous"

# unit of webapp -> what it may import from webapp, and which packages it may use beside the standard library
MAY_IMPORT = {
    "domain": _rule(""),
    "db": _rule("domain", "sqlalchemy cryptography"),
    "providers": _rule(""),
    "providers.port": _rule("domain"),
    "providers.timed": _rule("domain", "requests urllib3"),
    "providers.exchange": _rule("domain providers.port providers.timed", "requests urllib3"),
    "providers.http": _rule("domain providers.port providers.exchange", "structlog"),
    "providers.bodies": _rule("domain", "pydantic"),
    "providers.registry": _rule("domain providers.port providers.http providers.bodies providers.*", "pydantic"),
    "providers.*": _rule("domain providers.port providers.http providers.bodies", "requests pydantic"),
    "providers.stripe": _rule("domain providers.port providers.http providers.bodies", "requests pydantic stripe"),
    "providers.*.emulator": _rule("sandbox", "flask werkzeug jinja2 markupsafe"),
    "services": _rule("domain db providers.port", "sqlalchemy structlog argon2 email_validator"),
    "mail": _rule("domain", "jinja2 markupsafe babel"),
    "fulfilment": _rule("domain providers.port providers.http"),
    "supabase": _rule("addresses domain providers.port providers.http", "jwt cryptography structlog"),
    "settings": _rule(
        "addresses domain fulfilment supabase limit_settings open_amount_settings providers.registry",
        "pydantic dotenv cryptography",
    ),
    "addresses": _rule("", "sqlalchemy"),
    "logs": _rule("domain", "structlog"),
    "signing": _rule("", "itsdangerous"),
    "limit_settings": _rule("", "pydantic limits"),
    "open_amount_settings": _rule("domain", "pydantic"),
    "proxies": _rule("limit_settings", "werkzeug"),
    "window_storage": _rule("domain", "limits"),
    "rate_limits": _rule(
        "domain services settings limit_settings proxies window_storage", "flask flask_login limits structlog"
    ),
    "refusals": _rule("domain services wiring errors rate_limits", "flask limits structlog"),
    "errors": _rule("domain security providers.port", WEB + " sqlalchemy"),
    "security": _rule("domain settings proxies rate_limits providers.port", WEB),
    "wiring": _rule(
        "settings logs signing domain db services mail fulfilment supabase "
        "providers.port providers.http providers.registry providers.*",
        None,
    ),
    "web": _rule(ENTRY + " api", WEB),
    "api": _rule(ENTRY + " settings providers.bodies providers.registry", WEB + " flask_cors"),
    "webhooks": _rule(ENTRY, WEB),
    "jobs": _rule(ENTRY + " mail signing fulfilment", WEB),
    "doctor": _rule("domain providers.port settings services mail wiring", "sqlalchemy"),
    "cli": _rule(ENTRY + " jobs settings doctor", WEB + " click"),
    "sandbox": _rule("providers.registry", "flask werkzeug jinja2 markupsafe"),
    "commands": _rule("cli", "click flask"),
    "devserver": _rule("addresses settings cli", "alembic wsgi"),
    "": _rule(
        "settings wiring errors refusals security logs commands web api webhooks jobs domain services db mail "
        "providers.port providers.registry providers.*",
        None,
    ),
}

# Whoever needs time, sleep or chance is given it (webapp/domain/clock.py). The sandbox has its own clock.
INJECTED = (
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "datetime.now",
    "time.time",
    "time.time_ns",
    "time.monotonic",
    "time.sleep",
    "random.*",
    "secrets.*",
    "uuid.uuid1",
    "uuid.uuid4",
    "os.urandom",
)
OWN_TIME = (
    "webapp/domain/clock.py",
    "webapp/devserver.py",
    "webapp/sandbox/",
    "webapp/providers/*/emulator/",
)
MONEY = (
    "webapp/domain/money.py",
    "webapp/db/*",
    "webapp/services/settle.py",
    "webapp/services/confirm.py",
    "webapp/services/refund.py",
)
NAMELESS = ("webapp/services/", "webapp/db/")
PROVIDER_WORDS = re.compile("|".join(map(re.escape, PROVIDERS)), re.IGNORECASE)


def rule_for(module: str) -> Rule | None:
    unit = house.unit_of(module)
    if unit in MAY_IMPORT:
        return MAY_IMPORT[unit]
    parts = unit.split(".")
    if parts[0] == "providers" and len(parts) > 1:
        return MAY_IMPORT[".".join(["providers", "*", *parts[2:]])]
    return None


def lies_in(path: Path, places: tuple[str, ...]) -> bool:
    name = path.relative_to(ROOT).as_posix()
    patterns = (re.escape(place).replace(r"\*", "[^/]+") for place in places)
    return any(
        re.match(pattern + ("" if place.endswith("/") else "$"), name)
        for place, pattern in zip(places, patterns, strict=True)
    )


def webapp_files() -> list[Path]:
    return [path for path in source_files(".py") if path.is_relative_to(ROOT / "webapp")]


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def says_nothing(path: Path) -> bool:
    return bool(BANNED_NAMES & {path.stem.lstrip("_"), path.parent.name})


def found_in(files: list[Path], check: Callable[[str], Iterable[str]]) -> list[str]:
    return [f"{shown(path)}: {problem}" for path in files for problem in check(path.read_text())]


def test_everyone_imports_downwards_only() -> None:
    breaks = []
    for path in webapp_files():
        module = house.module_name(path)
        rule = rule_for(module)
        if rule is None:
            breaks.append(f"{shown(path)} belongs to no unit of the house")
        else:
            breaks += house.import_breaks(module, path.read_text(), rule)
    assert not breaks, "\n".join(breaks)


@pytest.mark.parametrize(
    "module, code",
    [
        ("webapp.domain.money", "import sqlalchemy"),
        ("webapp.domain.money", "from webapp.db import orders"),
        ("webapp.db.orders", "import webapp.services.confirm"),
        ("webapp.db.orders", "import flask"),
        ("webapp.providers.port", "import requests"),
        ("webapp.providers.toss.adapter", "from webapp.providers import stripe"),
        ("webapp.providers.toss.adapter", "from webapp.providers.toss import emulator"),
        ("webapp.providers.toss.emulator.api", "from webapp.providers.toss import mapping"),
        ("webapp.providers.toss.emulator.api", "from webapp.domain.money import Money"),
        ("webapp.services.confirm", "from flask import current_app"),
        ("webapp.services.confirm", "import requests"),
        ("webapp.services.confirm", "from webapp.providers.registry import PROVIDERS"),
        ("webapp.services.confirm", "def later():\n    from webapp.providers import toss"),
        ("webapp.web.checkout", "from webapp.db.orders import find_order"),
        ("webapp.wiring", "import webapp.sandbox.clock"),
        ("webapp", "from webapp.sandbox import create_sandbox"),
        ("webapp", "from webapp.providers.toss.emulator import api"),
        ("webapp.sandbox.shell", "from webapp.services import confirm"),
    ],
)
def test_a_forbidden_import_is_noticed(module: str, code: str) -> None:
    rule = rule_for(module)
    assert rule is not None
    assert list(house.import_breaks(module, code, rule))


@pytest.mark.parametrize(
    "module, code",
    [
        ("webapp.domain.money", "from decimal import Decimal"),
        ("webapp.db.orders", "from webapp.domain.money import Money"),
        ("webapp.providers.toss", "from webapp.providers.toss.adapter import Toss"),
        ("webapp.providers.registry", "from webapp.providers import toss"),
        ("webapp.services.confirm", "from webapp.providers.port import Provider"),
        ("webapp.jobs.worker", "from webapp.mail import outgoing"),
    ],
)
def test_an_allowed_import_passes(module: str, code: str) -> None:
    rule = rule_for(module)
    assert rule is not None
    assert list(house.import_breaks(module, code, rule)) == []


def test_files_stay_short() -> None:
    breaks = [*found_in(source_files(".py", ".html", ".css"), lambda code: house.too_long(code, FILE_LINES))]
    breaks += found_in(source_files(".js"), lambda code: house.too_long(code, SCRIPT_LINES))
    assert not breaks, "\n".join(breaks)


def test_a_long_file_is_noticed() -> None:
    assert list(house.too_long("\n" * 301, FILE_LINES)) == ["301 lines, 300 allowed"]
    assert not list(house.too_long("\n" * 300, FILE_LINES))


def test_functions_stay_short() -> None:
    # A migration is a list of statements that nobody edits again: splitting one would only hide its order.
    files = [path for path in source_files(".py") if not lies_in(path, ("migrations/versions/",))]
    breaks = found_in(files, lambda code: house.long_functions(code, FUNCTION_LINES))
    assert not breaks, "\n".join(breaks)


def test_a_long_function_is_noticed() -> None:
    body = "    pass\n" * FUNCTION_LINES
    assert list(house.long_functions(f"@cache\ndef f():\n{body}", FUNCTION_LINES)) == ["f has 51 lines"]
    assert not list(house.long_functions(f"def f():\n{body[9:]}", FUNCTION_LINES))


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [shown(p) for p in source_files(".py", ".js", ".html", ".css") if says_nothing(p)] == []
    assert says_nothing(Path("webapp/services/helpers.py"))
    assert says_nothing(Path("webapp/core/payments.py"))


def test_time_sleep_and_chance_are_injected() -> None:
    files = [path for path in webapp_files() if not lies_in(path, OWN_TIME)]
    breaks = found_in(files, lambda code: house.uses(code, INJECTED))
    assert not breaks, "\n".join(breaks)


@pytest.mark.parametrize(
    "code",
    [
        "import time\ntime.sleep(1)",
        "from time import sleep as rest\nrest(1)",
        "from datetime import datetime, UTC\ndatetime.now(UTC)",
        "import datetime as dt\ndt.datetime.now()",
        "import random\nrandom.choice([1])",
        "from uuid import uuid4\nprint(uuid4)",
    ],
)
def test_time_taken_by_oneself_is_noticed(code: str) -> None:
    assert list(house.uses(code, INJECTED))


def test_fm_122_money_is_never_a_float() -> None:
    files = [path for path in webapp_files() if lies_in(path, MONEY)]
    breaks = found_in(files, lambda code: house.calls(code, ["float"]))
    assert not breaks, "\n".join(breaks)
    assert list(house.calls("total = float(amount)", ["float"]))


def test_the_money_rule_covers_the_tables_and_the_door() -> None:
    inside = ["webapp/domain/money.py", "webapp/db/orders.py", "webapp/services/settle.py"]
    assert all(lies_in(ROOT / name, MONEY) for name in inside)
    assert not lies_in(ROOT / "webapp/services/history.py", MONEY)


def test_services_and_tables_know_no_provider_by_name() -> None:
    files = [path for path in webapp_files() if shown(path).startswith(NAMELESS)]
    breaks = found_in(files, lambda code: PROVIDER_WORDS.findall(code)[:1])
    assert not breaks, "\n".join(breaks)
    assert PROVIDER_WORDS.search("if provider == 'Toss':")
