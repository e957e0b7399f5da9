"""Processes under measurement: the shop as it ships, a bare Flask app under the same server, the stub provider."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.crash.served_shop import NO_KEYS, free_port
from tests.processes.process_table import family
from webapp.devserver import FRUGAL, GRANIAN, ROOT, Command, commands, is_serving
from webapp.settings import load_settings
from webapp.wiring import wire

WEBHOOK_SECRET = "whsec_Kb7vNs2cYtDq4mXw"
KEYS = {
    "TOSS_CLIENT_KEY": "test_ck_KbVNsYtDqmXwAaBbCc",
    "TOSS_SECRET_KEY": "test_sk_KbVNsYtDqmXwAaBbCc",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_KbVNsYtDqmXwAaBbCc",
    "STRIPE_SECRET_KEY": "sk_test_KbVNsYtDqmXwAaBbCc",
    "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
}
#: An environment with what the shop installs and nothing else; `make bench` makes it.
SHIPPED = ROOT / ".venv" / "shipped" / "bin" / "python"
#: What an ordinary machine doesn't set: it would have every start compile every module anew.
_UNUSUAL = "PYTHONDONTWRITEBYTECODE"
_TICK = os.sysconf("SC_CLK_TCK")
_START_S = 90.0


def interpreter() -> str:
    """What the shop and the bare app run with: `SHIPPED`, or where that is missing this one."""
    return str(SHIPPED) if SHIPPED.exists() else sys.executable


def packages() -> str:
    """Whose packages `interpreter` finds: some of them load others when they happen to be there."""
    return "the shop's own" if SHIPPED.exists() else "the tests' too"


class Process:
    """A server process on a port; a context manager that waits until it answers."""

    def __init__(self, command: Command, port: int, journal: Path, env: dict[str, str] | None = None, path: str = "/"):
        self.port, self._path, self.journal = port, path, journal
        usual = {name: value for name, value in os.environ.items() if name != _UNUSUAL}
        self._command, self._env = command, {**FRUGAL, **usual, **(env or {})}
        #: Seconds from its start to its first answer.
        self.first_answer_s = 0.0

    def __enter__(self) -> Self:
        with self.journal.open("ab") as log:
            began = time.perf_counter()
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._env, stdout=log, stderr=log, start_new_session=True
            )
        while not is_serving(self.port, self._path):
            if self._process.poll() is not None or time.perf_counter() - began > _START_S:
                raise RuntimeError(f"{self._command} did not start:\n{self.journal.read_text(errors='replace')}")
            time.sleep(0.002)
        self.first_answer_s = time.perf_counter() - began
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def cpu_s(self) -> float:
        """Seconds of processor time that it and its children have used, by the system's own count."""
        used = 0
        for pid in family(self._process.pid):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            used += int(fields[11]) + int(fields[12])
        return used / _TICK

    def pss_mib(self) -> float:
        """Memory of it and its children in MiB; what they share is counted once."""
        kib = 0
        for pid in family(self._process.pid):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            kib += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return kib / 1024

    def rss_mib(self) -> float:
        """Memory of it and its children in MiB, what they share counted for each."""
        return sum(family(self._process.pid).values())


def ask(port: int, method: str, path: str, body: Any = None, **headers: str) -> Any:
    """One JSON call that must succeed; its answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        sent = None if body is None else json.dumps(body)
        connection.request(method, path, sent, {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]!r}")
        return json.loads(text)
    finally:
        connection.close()


class StubProvider(Process):
    """The stub, in a process of its own."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        super().__init__([sys.executable, "-m", "tests.bench.stub", str(port)], port, folder / "stub.log", path="/stub")

    def set(self, *, latency_s: float = 0.0, hangs: bool = False) -> None:
        """From the next call on."""
        ask(self.port, "POST", "/stub", {"latency_s": latency_s, "hangs": hangs})

    def calls(self) -> dict[str, int]:
        """Provider → calls so far."""
        found: dict[str, int] = ask(self.port, "GET", "/stub")
        return found


def bare_app(folder: Path) -> Process:
    """The bare route under the server that the shop ships with."""
    port = free_port()
    serving = [*GRANIAN, "--host", "127.0.0.1", "--port", str(port), "--blocking-threads", "128"]
    command = [interpreter(), "-m", "granian", *serving, "tests.bench.bare:app"]
    return Process(command, port, folder / "bare.log")


class Shop(Process):
    """The site as `make run` serves it, on a migrated and seeded database; the job worker doesn't run."""

    def __init__(self, database_url: str, folder: Path, stub: StubProvider | None = None, **env: str) -> None:
        port = free_port()
        base = f"http://127.0.0.1:{stub.port if stub else 9}"
        self.database_url = database_url
        keys = {**KEYS, "TOSS_API_BASE": base, "STRIPE_API_BASE": base} if stub else {}
        given = {**NO_KEYS, "APP_ENV": "development", "DATABASE_URL": database_url, "PORT": str(port), **keys, **env}
        self.settings = load_settings(given)
        command = [interpreter(), *commands(self.settings)["site"][1:]]
        super().__init__(command, port, folder / f"shop-{port}.log", given, "/healthz")

    def with_context(self, work: Callable[[Any], Any]) -> Any:
        """Do something to its database from here."""
        context = wire(self.settings).context
        try:
            return work(context)
        finally:
            context.sessions.engine.dispose()
