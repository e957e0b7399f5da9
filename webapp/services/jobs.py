"""Promised work, one piece at a time: taken with a lease, finished, put back, or given up loudly."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from webapp.db.alerts import raise_alert
from webapp.db.jobs import Job, lease_job
from webapp.services.context import Context

#: Seconds; longer than any handler takes: one look-up (10), one changing call (60), or one mail.
LEASE_S = 180.0

#: Seconds between tries, doubling up to an hour; the last try is about two days after the first.
_FIRST_WAIT_S, _LONGEST_WAIT_S, _MAX_TRIES = 2.0, 3600.0, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A job that is this worker's for now; `tries` counts this one."""

    id: int
    kind: str
    subject: str
    payload: Mapping[str, Any]
    tries: int
    #: When it was due.
    run_at: datetime


def take(context: Context, *, but: Collection[str] = ()) -> Task | None:
    """Lease the job that has waited longest, of no kind among `but`; None when nothing is due."""
    with context.sessions.write() as session:
        job = lease_job(session, context.now(), LEASE_S, but)
        if job is None:
            return None
        return Task(
            id=job.id,
            kind=job.kind,
            subject=job.subject,
            payload=job.payload,
            tries=job.tries,
            run_at=job.run_at,
        )


def finish(context: Context, task: Task) -> None:
    """It is done."""
    with context.sessions.write() as session:
        row = session.get_one(Job, task.id)
        row.state, row.done_at, row.leased_until = "done", context.now(), None


def put_back(context: Context, task: Task, error: Exception) -> None:
    """It did not work this time; after too many tries a person is told."""
    wait = min(_FIRST_WAIT_S * 2 ** min(task.tries - 1, 20), _LONGEST_WAIT_S)
    wait = max(wait, getattr(error, "wait_s", 0))
    now = context.now()
    with context.sessions.write() as session:
        row = session.get_one(Job, task.id)
        row.leased_until = None
        row.last_error = f"{type(error).__name__}: {error}"[:500]
        # What was hastened meanwhile has had its reason to wait taken away since it looked.
        row.state, row.run_at = "queued", now if row.run_at > task.run_at else now + timedelta(seconds=wait)
        if task.tries >= _MAX_TRIES and getattr(error, "ends", True):
            row.state = "dead"
            raise_alert(session, "dead_job", str(task.id), f"{task.kind} gave up: {type(error).__name__}", now)
