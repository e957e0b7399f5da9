"""How often workers called a provider, and how long that took: all of them together, since the shop began."""

from collections.abc import Mapping

from sqlalchemy import BigInteger, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.db.base import Base, insert_once


class WorkerCall(Base):
    """One kind of call with one kind of answer. Counts only grow, whichever worker adds to them, and when it stops."""

    __tablename__ = "worker_calls"

    provider: Mapped[str] = mapped_column(String(20), primary_key=True)
    call: Mapped[str] = mapped_column(String(40), primary_key=True)
    #: `2xx` to `5xx`, `none`, `turned_away`.
    status: Mapped[str] = mapped_column(String(20), primary_key=True)
    times: Mapped[int] = mapped_column(BigInteger)
    #: Microseconds that they took together.
    took_us: Mapped[int] = mapped_column(BigInteger)


def add_worker_calls(session: Session, words: tuple[str, ...], times: int, took_us: int) -> None:
    """So many more, and the microseconds that they took; `words` are provider, call and status."""
    key = dict(zip(("provider", "call", "status"), words, strict=True))
    if not insert_once(session, WorkerCall, **key, times=times, took_us=took_us):
        session.execute(
            update(WorkerCall)
            .filter_by(**key)
            .values(times=WorkerCall.times + times, took_us=WorkerCall.took_us + took_us)
            .execution_options(synchronize_session=False)
        )


def read_worker_calls(session: Session) -> Mapping[tuple[str, ...], tuple[int, float]]:
    """(Provider, call, status) → (how often, seconds in all), in the order of the words."""
    rows = session.scalars(select(WorkerCall).order_by(WorkerCall.provider, WorkerCall.call, WorkerCall.status))
    return {(row.provider, row.call, row.status): (row.times, row.took_us / 1_000_000) for row in rows}
