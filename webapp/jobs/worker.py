"""Take due jobs, do them, back off, give up loudly; and sweep, so that nothing stays unanswered."""

import threading
from datetime import timedelta

import structlog
from flask import Flask

from webapp.db.alerts import raise_alert
from webapp.db.jobs import Job, lease_job
from webapp.domain import trace
from webapp.jobs.handlers import HANDLERS
from webapp.services.sweep import sweep
from webapp.wiring import Wiring

log = structlog.get_logger(__name__)

#: Longer than any handler takes: one look-up (10 s) and one changing call (60 s), or one mail.
LEASE_S = 180.0
#: Waits between tries, doubling up to an hour; the last try is about two days after the first.
_FIRST_WAIT_S, _LONGEST_WAIT_S, _MAX_TRIES = 2.0, 3600.0, 60
_IDLE_S = 0.25
_SWEEP_EVERY_S = 1.0
THREADS = 4


def run_one(app: Flask, wired: Wiring) -> bool:
    """Do one due job, if there is one."""
    context = wired.context
    with context.sessions.write() as session:
        job = lease_job(session, context.now(), LEASE_S)
    if job is None:
        return False
    token = trace.request_id.set(f"job_{job.id}_{job.tries}")
    try:
        with app.app_context(), app.test_request_context(base_url=wired.settings.public_url):
            HANDLERS[job.kind](wired, job)
    except Exception as error:  # noqa: BLE001 (the worker's loop: one bad job must not stop the others)
        _put_back(wired, job, error)
    else:
        _finish(wired, job)
    finally:
        trace.request_id.reset(token)
    return True


def drain(app: Flask, wired: Wiring, *, most: int = 1000) -> int:
    """Do due jobs until none is left, at most `most`; how many were done."""
    return sum(1 for _ in iter(lambda: run_one(app, wired), False) if (most := most - 1) >= 0)


def _finish(wired: Wiring, job: Job) -> None:
    with wired.context.sessions.write() as session:
        row = session.get_one(Job, job.id)
        row.state, row.done_at, row.leased_until = "done", wired.context.now(), None


def _put_back(wired: Wiring, job: Job, error: Exception) -> None:
    wait = min(_FIRST_WAIT_S * 2 ** min(job.tries - 1, 20), _LONGEST_WAIT_S)
    log.warning("job put back", kind=job.kind, subject=job.subject, tries=job.tries, error=type(error).__name__)
    now = wired.context.now()
    with wired.context.sessions.write() as session:
        row = session.get_one(Job, job.id)
        row.leased_until = None
        row.last_error = f"{type(error).__name__}: {error}"[:500]
        row.state, row.run_at = "queued", now + timedelta(seconds=wait)
        if job.tries >= _MAX_TRIES:
            row.state = "dead"
            raise_alert(session, "dead_job", str(job.id), f"{job.kind} gave up: {type(error).__name__}", now)


def _sweep_quietly(wired: Wiring) -> None:
    try:
        sweep(wired.context)
    except Exception as error:
        log.exception("sweep", error=type(error).__name__)


def serve(app: Flask, wired: Wiring, stop: threading.Event) -> None:
    """Work until `stop` is set: a few threads for jobs, one for the sweeper."""

    def work() -> None:
        while not stop.is_set():
            try:
                busy = run_one(app, wired)
            except Exception as error:
                log.exception("worker", error=type(error).__name__)
                busy = False
            if not busy:
                stop.wait(_IDLE_S)

    def watch() -> None:
        while not stop.wait(_SWEEP_EVERY_S):
            _sweep_quietly(wired)

    threads = [threading.Thread(target=work, name=f"job-{n}") for n in range(THREADS)]
    threads.append(threading.Thread(target=watch, name="sweeper"))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
