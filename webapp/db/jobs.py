"""Jobs: work promised by a commit. Written in the transaction that owes it, taken with a lease."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    JSON,
    ColumnElement,
    Index,
    String,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.db.base import Base, BigId, Json, UtcDateTime, insert_once, insert_or_change, table_of
from webapp.db.mails import Mail

_WAITING = text("state IN ('queued', 'running')")


class Job(Base):
    """One promise. `kind` and `subject` together are said once: a repeat of the promise is the same promise."""

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("kind", "subject", name="uq_jobs_kind_subject"),
        Index("ix_jobs_waiting", "patient", "run_at", sqlite_where=_WAITING),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(300))
    payload: Mapped[Json] = mapped_column(JSON)
    #: `queued`, `running`, `done`, `dead`.
    state: Mapped[str] = mapped_column(String(12), default="queued")
    #: Stands behind all other work: what strangers caused must not keep a receipt waiting.
    patient: Mapped[bool] = mapped_column(default=False)
    run_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def stage(
    session: Session,
    kind: str,
    subject: str,
    now: datetime,
    *,
    payload: Json | None = None,
    delay_s: float = 0,
    again: bool = False,
    patient: bool = False,
) -> None:
    """Promise a piece of work with this transaction; saying it again changes nothing.

    `again` renews a promise that was already kept or given up. `patient` work stands behind all other work.
    """
    run_at = now + timedelta(seconds=delay_s)
    promise = {"kind": kind, "subject": subject, "payload": payload or {}, "run_at": run_at, "patient": patient}
    if again:
        _renew(session, **promise, created_at=now)
    else:
        insert_once(session, Job, **promise, created_at=now)


def _renew(session: Session, **promise: object) -> None:
    """Insert the promise or say it anew, in one statement: what was done may be forgotten at this very moment."""
    if session.new:
        session.flush()
    connection = session.connection()
    anew = {"state": "queued", "run_at": promise["run_at"], "tries": 0, "leased_until": None, "done_at": None}
    over = Job.state.in_(("done", "dead"))
    statement = insert_or_change(table_of(Job), connection.dialect.name, ("kind", "subject"), anew, over)
    connection.execute(statement, promise)


def list_waiting(session: Session, kind: str, prefix: str, limit: int) -> list[str]:
    """Subjects of this kind that begin so and are not done, at most `limit`."""
    waiting = select(Job.subject).where(_is_waiting(kind, prefix))
    return list(session.scalars(waiting.limit(limit)))


def hasten(session: Session, kind: str, prefix: str, now: datetime) -> None:
    """Make what waits under subjects that begin so due now; among itself it keeps its sequence.

    What is being tried at this moment as well: it may have looked too early.
    """
    session.execute(
        update(Job)
        .where(_is_waiting(kind, prefix), or_(Job.state == "running", Job.run_at > now))
        .values(run_at=now)
        .execution_options(synchronize_session=False)
    )


def _is_waiting(kind: str, prefix: str) -> ColumnElement[bool]:
    return and_(Job.kind == kind, Job.subject.startswith(prefix, autoescape=True), Job.state.in_(("queued", "running")))


def lease_job(session: Session, now: datetime, lease_s: float, but: Collection[str] = ()) -> Job | None:
    """Take the job that has waited longest, for `lease_s` seconds, of no kind among `but`; None when nothing is due.

    A job whose lease ran out belongs to a worker that died: it is taken again.
    """
    job = session.scalars(
        select(Job)
        .where(Job.run_at <= now, Job.state.in_(("queued", "running")), Job.kind.not_in(but))
        .where(or_(Job.leased_until.is_(None), Job.leased_until <= now))
        .order_by(Job.patient, Job.run_at, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if job is not None:
        job.state = "running"
        job.tries += 1
        job.leased_until = now + timedelta(seconds=lease_s)
    return job


def oldest_due(session: Session, now: datetime) -> datetime | None:
    """Since when the work that has waited longest has been due; strangers' work, which waits on purpose, left out."""
    waiting = select(func.min(Job.run_at)).where(Job.run_at <= now, Job.state == "queued", Job.patient.is_(False))
    return session.scalar(waiting)


# One mail at a time by its key: an EXISTS makes PostgreSQL look through all mails first.
_MAIL = func.coalesce(select(Mail.state).where(Mail.id == Job.subject).scalar_subquery(), "")
_DECIDED = or_(Job.kind != "send_mail", _MAIL != "perhaps_sent")
#: Done, and not waiting for a person to have it done once more.
_OVER = select(Job.id, Job.done_at).where(Job.state == "done", _DECIDED).order_by(Job.id).limit(bindparam("most"))


def list_forgettable(session: Session, before: datetime, limit: int) -> list[int]:
    """Ids of jobs that were done before that, among the first `limit` that are over.

    By the sequence in which they were promised, which is nearly that in which they were done, and needs no index.
    """
    first = _OVER.subquery()
    return list(session.scalars(select(first.c.id).where(first.c.done_at < before), {"most": limit}))


def delete_jobs(session: Session, ids: Sequence[int], before: datetime) -> int:
    """Delete those of them that are still over: a promise may be renewed meanwhile; how many."""
    # Whoever is just renewing one is not waited for.
    free = select(Job.id).where(Job.id.in_(ids), Job.state == "done", Job.done_at < before)
    old = delete(Job).where(Job.id.in_(free.with_for_update(skip_locked=True)))
    gone = session.execute(old.execution_options(synchronize_session=False))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def count_dead(session: Session) -> int:
    """How many pieces of work were given up."""
    return session.scalar(select(func.count()).select_from(Job).where(Job.state == "dead")) or 0
