"""The sandbox: its parts, tied together once."""

import threading
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

from flask import Response

from webapp.sandbox.calls import CallBook
from webapp.sandbox.clock import SandboxClock
from webapp.sandbox.config import SandboxConfig
from webapp.sandbox.delivery import Mailroom
from webapp.sandbox.emulators import Emulator
from webapp.sandbox.faults import FaultBook
from webapp.sandbox.store import Document, Store
from webapp.sandbox.wire import Answer, respond


class Sandbox:
    """Everything the providers' emulators share: memory, time, trouble, webhooks, the record of calls."""

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.origin = config.origin
        self.store = Store(config.store)
        self.clock = SandboxClock(self.store)
        self.faults = FaultBook()
        self.calls = CallBook(self.store, self.clock)
        self.mailroom = Mailroom(self.store, self.clock, self.faults, config.webhook_timeout_s)
        self._release = threading.Event()
        self.emulators = build_emulators(config.providers, self)
        for provider, url in config.webhooks.items():
            self.mailroom.aim(provider, url)
        self.mailroom.on_poll = self.tick

    def tick(self) -> None:
        """Let every emulator do what its clock has made due."""
        for emulator in self.emulators.values():
            emulator.tick()

    def pause(self, seconds: float) -> None:
        """Wait in real time; cut short when the sandbox is reset or closed."""
        if seconds > 0:
            self._release.wait(seconds)

    def ledger(self) -> dict[str, list[Document]]:
        """The truth: payments, refunds, calls and deliveries as the providers know them."""
        emulators = self.emulators.values()
        return {
            "payments": [row for emulator in emulators for row in emulator.payments()],
            "refunds": [row for emulator in emulators for row in emulator.refunds()],
            "calls": self.calls.list(),
            "deliveries": self.mailroom.attempts(),
        }

    def reset(self) -> None:
        """Forget payments, calls, faults, deliveries and clock offset; webhook addresses stay."""
        targets = {name: self.mailroom.target(name) for name in self.emulators}
        self._release.set()
        self._release = threading.Event()
        with self.store.transaction():
            self.store.clear()
            for provider, url in targets.items():
                self.mailroom.aim(provider, url)
        self.faults.clear()
        self.calls.restart()

    def close(self) -> None:
        """Stop the threads and close the store."""
        self._release.set()
        self.mailroom.close()
        self.store.close()


def build_emulators(names: Iterable[str], sandbox: Sandbox) -> dict[str, Emulator]:
    """Import `webapp.providers.<name>.emulator` for each name and call its `build(sandbox)`."""
    built: dict[str, Emulator] = {}
    for name in names:
        module = import_module(f"webapp.providers.{name}.emulator")
        built[name] = module.build(sandbox)
    return built


class Exchange:
    """One API call on its way through the sandbox, with the fault it drew."""

    def __init__(self, sandbox: Sandbox, record: Document) -> None:
        self.sandbox, self.record = sandbox, record
        text = record["path"] + record["body"]
        self.fault = sandbox.faults.take(record["provider"], record["call"], text)

    def wait_before(self) -> None:
        """The time a slow provider takes before anything happens."""
        if self.fault is not None:
            self.sandbox.pause(self.fault.before_s)

    def run(self, work: Callable[[], Answer]) -> Answer:
        """Do the work in one transaction; undo it when the fault says that it took no effect."""
        keep = self.fault is None or self.fault.apply
        with self.sandbox.store.transaction(keep=keep):
            answer = work()
        if keep and self.record["changing"] and answer.status == 200 and not self.record["replayed"]:
            self.record["applied"] = 1
            self.sandbox.calls.update(self.record)
        return answer

    def reply(self, answer: Answer, error_body: Callable[[str], Any]) -> Response:
        """The response, spoiled if need be, and the end of the call's record."""
        fault = self.fault or answer.trouble
        sandbox = self.sandbox
        response = respond(answer, fault, pause=sandbox.pause, hold_s=sandbox.config.hold_s, error_body=error_body)
        silent = fault is not None and fault.then in ("hold", "reset")
        sandbox.calls.update(self.record, status=None if silent else response.status_code)
        return response
