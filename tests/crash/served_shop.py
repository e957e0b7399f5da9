"""The shop as real processes that can be killed; this process shares their database and moves the time."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import pytest
import requests

from tests.sandbox_server import RunningSandbox
from tests.shop_server import RunningShop
from tests.tooling.sockets import guarded_environment
from webapp import devserver

#: A busy machine starts a server in several seconds; an idle one in less than one.
PATIENCE_S = 60.0

#: Whoever runs the tests may have keys of their own: the sandbox is meant, whatever they are.
NO_KEYS = dict.fromkeys(
    (
        *("TOSS_CLIENT_KEY", "TOSS_SECRET_KEY", "TOSS_WIDGET_CLIENT_KEY", "TOSS_WIDGET_SECRET_KEY"),
        *("STRIPE_PUBLISHABLE_KEY", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_API_BASE", "STRIPE_SDK_URL"),
    ),
    "",
)


def wait_until(condition: Callable[[], object], what: str, within_s: float = PATIENCE_S) -> None:
    """Look now and then. Raises AssertionError with `what` when it never comes true."""
    give_up = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > give_up:
            raise AssertionError(f"not within {within_s:.0f} s: {what}")
        time.sleep(0.03)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Child:
    """One command in a process group of its own, with its output kept."""

    def __init__(self, command: devserver.Command, environment: dict[str, str], journal: Path) -> None:
        self._journal: IO[bytes] = journal.open("ab")
        self.journal = journal
        self.process = subprocess.Popen(
            command,
            cwd=devserver.ROOT,
            env=environment,
            stdout=self._journal,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @property
    def said(self) -> str:
        return self.journal.read_text(errors="replace")

    def wait_end(self, within_s: float = PATIENCE_S) -> int:
        """Wait for its end; the exit code, negative for a signal."""
        try:
            return self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it lives on:\n{self.said}") from None

    def signal(self, number: signal.Signals) -> None:
        """To the whole group."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """`kill -9`, all of it, and wait."""
        self.signal(signal.SIGKILL)
        self.process.wait()
        self._journal.close()


class ServedShop(RunningShop):
    """A shop whose site is a real server process, once `start_site` was called, and whose worker may be one.

    Rows, and a worker and sweeper with a clock to move (`work`, `sweep`, `settle_down`), are this process's.
    `own_site` leaves the site in this process too: for tests that kill only the worker.
    """

    def __init__(
        self, database_url: str, sandbox: RunningSandbox, folder: Path, *, own_site: bool = False, **env: str
    ) -> None:
        self.folder, self._own_site = folder, own_site
        given = env if own_site else {"PORT": str(free_port()), **env}
        super().__init__(database_url, sandbox, folder / "outbox", **given)
        if not own_site:
            self.port = self.wiring.settings.port
            self.origin = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            **guarded_environment(),
            **NO_KEYS,
            "APP_ENV": "development",
            "DATABASE_URL": database_url,
            "PORT": str(self.port),
            "SANDBOX_PORT": str(sandbox.port),
            "LOG_LEVEL": "WARNING",
            **env,
        }
        self._children: list[Child] = []

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._children:
            child.kill()
        super().__exit__(kind, error, trace)

    def settle_down(self, *, hours: float = 30, step_s: float = 120) -> None:
        """Let time pass, and wait for the webhooks that it brought: those arrive in real time."""
        if not self._own_site:
            self._hear_stripe_out()
        super().settle_down(hours=hours, step_s=step_s)
        with suppress(AssertionError):  # one that never arrives is for the books to judge
            wait_until(lambda: not self._undelivered(), "every webhook was taken", within_s=10)
        for _ in range(20):  # an event that comes right after another look at its payment waits a little
            self.work()
            self.advance(10)
            time.sleep(0.1)
            if not self.rows("SELECT id FROM webhook_events WHERE outcome IS NULL") and not self._undelivered():
                break
        self.work()

    def _hear_stripe_out(self) -> None:
        """Stripe's news is signed for its hour, and a process lives in real time: it is told now, or not at all."""
        if devserver.is_serving(self.port):  # what is on its way for the first time is in no list of deliveries yet
            with suppress(AssertionError):
                wait_until(lambda: not self.sandbox.untried("stripe"), "what is new is told", within_s=10)
        for event_id in self._undelivered("stripe"):
            self.sandbox.replay(event_id)
        if devserver.is_serving(self.port):
            wait_until(lambda: not self._undelivered("stripe"), "what was missed is told again", within_s=10)
        self.sandbox.set_webhook(None, provider="stripe")

    def _undelivered(self, provider: str = "") -> set[str]:
        tries = [row for row in self.sandbox.ledger()["deliveries"] if provider in ("", row["provider"])]
        return {t["event_id"] for t in tries} - {t["event_id"] for t in tries if t["response_status"] == 200}

    def start_site(self, failpoint: str = "") -> Child:
        """Start the server as `make run` does, and wait until it serves."""
        site = self._start("site", failpoint)
        wait_until(lambda: devserver.is_serving(self.port) or site.process.poll() is not None, "the site serves")
        assert site.process.poll() is None, site.said
        return site

    def start_worker(self, failpoint: str = "") -> Child:
        """Start `flask worker`; it works as soon as it can."""
        return self._start("worker", failpoint)

    def _start(self, name: str, failpoint: str) -> Child:
        command = devserver.commands(self.wiring.settings)[name]
        journal = self.folder / f"{name}-{len(self._children)}.log"
        child = Child(command, {**self.environment, "FAILPOINT": failpoint}, journal)
        self._children.append(child)
        return child

    @contextmanager
    def dying(self, site: Child) -> Iterator[None]:
        """The call inside finds its server killed under it."""
        with pytest.raises(requests.ConnectionError):
            yield
        assert site.wait_end() != 0
        assert "Unexpected exit from worker" in site.said, site.said
        assert not devserver.is_serving(self.port)

    def command(self, *words: str, **pipes: Any) -> subprocess.Popen[bytes]:
        """Begin `flask …` in a process of its own; `pipes` are those of `Popen`."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
        return subprocess.Popen(command, cwd=devserver.ROOT, env={**self.environment, "FAILPOINT": ""}, **pipes)

    def audits(self, order_id: str) -> list[dict[str, Any]]:
        """Every move of the order's attempts, oldest first."""
        ids = [payment["id"] for payment in self.payments(order_id)]
        rows = [dict(row) for row in self.rows("SELECT * FROM audit_log WHERE object_type = 'payment' ORDER BY id")]
        return [row for row in rows if row["object_id"] in ids]
