"""Take due jobs, do them, back off, give up loudly; and sweep, so that nothing stays unanswered."""

import threading
from collections.abc import Collection

import structlog
from flask import Flask

from webapp.domain import trace
from webapp.jobs.handlers import HANDLERS
from webapp.services import jobs, kept_returns
from webapp.services.health import CallReport, Pulse
from webapp.services.sweep import sweep
from webapp.wiring import Wiring

log = structlog.get_logger(__name__)

#: Seconds between looks for work, and between rounds of the sweeper.
_IDLE_S = 0.25
_SWEEP_EVERY_S = 1.0
THREADS = 4
#: What whoever knows an order's id can cause, and what lasts as long as its provider is silent: it holds two threads at
#: most, so that webhooks, mails and refunds go on.
HELD_BACK, SPARED = frozenset({kept_returns.KIND}), 2


def run_one(app: Flask, wired: Wiring, *, but: Collection[str] = ()) -> bool:
    """Do one due job of no kind among `but`, if there is one."""
    task = jobs.take(wired.context, but=but)
    if task is None:
        return False
    token = trace.request_id.set(f"job_{task.id}_{task.tries}")
    try:
        with app.app_context(), app.test_request_context(base_url=wired.settings.public_url):
            HANDLERS[task.kind](wired, task)
    except Exception as error:  # noqa: BLE001 (the worker's loop: one bad job must not stop the others)
        log.warning("job put back", kind=task.kind, subject=task.subject, tries=task.tries, error=type(error).__name__)
        jobs.put_back(wired.context, task, error)
    else:
        jobs.finish(wired.context, task)
    finally:
        trace.request_id.reset(token)
    return True


def drain(app: Flask, wired: Wiring, *, most: int = 1000) -> int:
    """Do due jobs until none is left, at most `most`; how many were done."""
    return sum(1 for _ in iter(lambda: run_one(app, wired), False) if (most := most - 1) >= 0)


def _sweep_quietly(wired: Wiring, pulse: Pulse) -> None:
    try:
        sweep(wired.context)
        pulse.beat()
    except Exception as error:
        log.exception("sweep", error=type(error).__name__)


def _tell_quietly(report: CallReport, *, at_once: bool = False) -> None:
    try:
        report.tell(at_once=at_once)
    except Exception as error:
        log.exception("call report", error=type(error).__name__)


def serve(app: Flask, wired: Wiring, stop: threading.Event) -> None:
    """Work until `stop` is set: a few threads for jobs, one for the sweeper."""

    working, sweeping = Pulse(wired.context, "worker"), Pulse(wired.context, "sweeper")
    report = CallReport(wired.context, wired.http.calls)

    def work(but: Collection[str] = ()) -> None:
        while not stop.is_set():
            try:
                working.beat()
                busy = run_one(app, wired, but=but)
            except Exception as error:
                log.exception("worker", error=type(error).__name__)
                busy = False
            if not busy:
                stop.wait(_IDLE_S)

    def watch() -> None:
        while not stop.wait(_SWEEP_EVERY_S):
            _sweep_quietly(wired, sweeping)
            _tell_quietly(report)

    spared = [HELD_BACK] * SPARED + [frozenset()] * (THREADS - SPARED)
    threads = [threading.Thread(target=work, args=(but,), name=f"job-{n}") for n, but in enumerate(spared)]
    threads.append(threading.Thread(target=watch, name="sweeper"))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _tell_quietly(report, at_once=True)
