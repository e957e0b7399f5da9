"""`make run`: the whole shop on this machine, for development.

Brings the database up to date, seeds the demo, then keeps three processes: the site, the sandbox that plays
the payment providers, and the job worker. One of them ending ends them all, and so does Ctrl-C.
"""

import http.client
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from webapp import addresses
from webapp.cli import DEMO_PASSWORD, DEMO_USERS
from webapp.settings import Settings, SettingsError, load_settings

ROOT = Path(__file__).parents[1]
READY_SECONDS = 60
STOP_SECONDS = 4
TICK_SECONDS = 0.05
# One process, since SQLite wants one writer. No WebSockets: nothing here speaks them.
GRANIAN = ["--interface", "wsgi", "--http", "1", "--no-ws", "--workers", "1", "--log-level", "error"]
#: A process with many threads would keep a heap for each few of them, half empty.
FRUGAL = {"MALLOC_ARENA_MAX": "2"}

Command = Sequence[str]


def main() -> int:
    """Serve until told to stop. Returns 0 then, and 1 if something is wrong or a part ends by itself."""
    try:
        settings = load_settings()
    except SettingsError as error:
        return _refuse(f"The settings can't be used: {error}")
    if problem := refusal(settings):
        return _refuse(problem)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: stop.set())
    prepare()
    ports = [settings.port, settings.sandbox_port] if settings.sandbox else [settings.port]
    return Household(commands(settings)).run(
        stop, ready=lambda: all(map(is_serving, ports)), announce=lambda: print(greeting(settings), flush=True)
    )


def _refuse(problem: str) -> int:
    print(problem, file=sys.stderr)
    return 1


def refusal(settings: Settings) -> str | None:
    """Why this can't start, in one sentence; None if it can."""
    if settings.is_production:
        return "`make run` is for development; docs/operations.md says how to serve in production."
    ports = [settings.port, settings.sandbox_port] if settings.sandbox else [settings.port]
    for port in ports:
        if is_taken(settings.host, port):
            return f"Port {port} is in use. Stop what holds it, or move the shop: make run PORT={port + 100}"
    return None


def prepare() -> None:
    """Bring the tables up to date and seed the demo; both leave what is already there alone."""
    from alembic import command
    from alembic.config import Config

    from wsgi import app

    (ROOT / "instance").mkdir(exist_ok=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    command.upgrade(Config(str(ROOT / "alembic.ini")), "head")
    seeded = app.test_cli_runner().invoke(args=["catalog", "seed"])
    if seeded.exit_code != 0:
        raise SystemExit(f"The demo could not be seeded: {seeded.output}") from seeded.exception


def commands(settings: Settings) -> dict[str, Command]:
    """The processes to keep, by the name that a person would call them."""
    site = f"http://127.0.0.1:{settings.port}"
    serving = ["--host", settings.host, "--port", str(settings.port)]
    serving += ["--blocking-threads", str(settings.server_threads)]
    parts: dict[str, Command] = {
        "site": [sys.executable, "-m", "granian", *GRANIAN, *serving, "wsgi:app"],
        "worker": [sys.executable, "-m", "flask", "--app", "wsgi", "worker"],
    }
    if settings.sandbox:
        parts["sandbox"] = [
            *(sys.executable, "-m", "webapp.sandbox", "--host", "127.0.0.1"),
            *("--port", str(settings.sandbox_port), "--store", str(sandbox_store(settings.database_url))),
            *(part for name in settings.providers for part in ("--webhook", f"{name}={site}/payment/{name}/webhook")),
        ]
    return parts


def sandbox_store(database_url: str) -> Path:
    """Where the sandbox remembers its payments: beside the shop's own file, so that both are kept or lost."""
    scheme, _, path = database_url.partition(":///")
    folder = Path(path).parent if scheme.startswith("sqlite") and path else ROOT / "instance"
    return ROOT / folder / "sandbox.sqlite3"


def greeting(settings: Settings) -> str:
    """Where everything is and who can log in."""
    lines = ["", f"  Shop     {addresses.own_origin(settings.host, settings.port)}"]
    if settings.sandbox:
        lines.append(f"  Sandbox  {settings.sandbox_origin}/sandbox  (no real money moves)")
    emails = " or ".join(email for email, _role in DEMO_USERS)
    lines.append(f"  Log in   {emails}, password {DEMO_PASSWORD}")
    return "\n".join([*lines, "  Stop     Ctrl-C", ""])


def is_taken(host: str, port: int) -> bool:
    """Whether something listens on that port already."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def is_serving(port: int, path: str = "/healthz") -> bool:
    """Whether the site answers its health check with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class Household:
    """A few processes that live and die together, each in a process group of its own."""

    def __init__(self, parts: Mapping[str, Command]) -> None:
        self._parts = parts
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def run(self, stop: threading.Event, ready: Callable[[], bool], announce: Callable[[], None]) -> int:
        """Start all, announce once `ready`, and keep them until `stop` is set or one ends."""
        try:
            for name, command in self._parts.items():
                self._running[name] = subprocess.Popen(
                    command, cwd=ROOT, env={**FRUGAL, **os.environ}, start_new_session=True
                )
            if not self._await(stop, ready):
                return 0 if stop.is_set() else 1
            announce()
            while not stop.wait(TICK_SECONDS * 4):
                if self._has_lost_one():
                    return 1
            return 0
        finally:
            self._end()

    def _await(self, stop: threading.Event, ready: Callable[[], bool]) -> bool:
        give_up = time.monotonic() + READY_SECONDS
        while not stop.wait(TICK_SECONDS):
            if self._has_lost_one():
                return False
            if ready():
                return True
            if time.monotonic() > give_up:
                print(f"The site did not answer within {READY_SECONDS} seconds.", file=sys.stderr)
                return False
        return False

    def _has_lost_one(self) -> bool:
        for name, process in self._running.items():
            if process.poll() is not None:
                print(f"The {name} ended by itself (exit {process.returncode}).", file=sys.stderr)
                return True
        return False

    def _end(self) -> None:
        """Ask first, then insist: a request that hangs on a provider would hold the site open."""
        give_up = time.monotonic() + STOP_SECONDS
        self._signal(signal.SIGTERM)
        for process in self._running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, give_up - time.monotonic()))
        self._signal(signal.SIGKILL)
        for process in self._running.values():
            process.wait()

    def _signal(self, number: signal.Signals) -> None:
        """To the whole group: the site's own workers would outlive it otherwise."""
        for process in self._running.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)


if __name__ == "__main__":
    sys.exit(main())
