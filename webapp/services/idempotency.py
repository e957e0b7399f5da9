"""Say it twice, do it once: a caller's key stands for one body, and for the answer that it was given."""

from dataclasses import dataclass
from datetime import timedelta

from webapp.db.base import insert_once
from webapp.db.idempotency import IdempotencyKey, find_key, forget_old, take_over
from webapp.domain.failures import KeyReused, StillRunning
from webapp.services.context import Context

#: Seconds after which a call without an answer is taken for dead: longer than any provider call takes.
_RUNS_FOR_S = 90.0
#: Seconds for which an answer is kept: a caller that tries again for a whole day gets the same one.
_KEPT_FOR_S = 48 * 3600.0


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What this key was answered before."""

    status: int
    body: str


def begin(context: Context, scope: str, key: str, fingerprint: str) -> StoredAnswer | None:
    """The stored answer, or None when the call is this caller's to make now.

    Raises:
        KeyReused: the key came with another body before. StillRunning: the first call isn't over.
    """
    now = context.now()
    until = now + timedelta(seconds=_RUNS_FOR_S)
    with context.sessions.write() as session:
        forget_old(session, now - timedelta(seconds=_KEPT_FOR_S))
        row = {"scope": scope, "key": key, "fingerprint": fingerprint, "running_until": until, "created_at": now}
        if insert_once(session, IdempotencyKey, **row):
            return None
        found = find_key(session, scope, key)
        if found is None:
            raise StillRunning  # it was just given free
        if found.fingerprint != fingerprint:
            raise KeyReused
        if found.status is not None:
            return StoredAnswer(found.status, found.body or "")
        if not take_over(session, scope, key, now, until):
            raise StillRunning
        return None


def keep(context: Context, scope: str, key: str, status: int, body: str) -> None:
    """Store the answer of a call that is over."""
    with context.sessions.write() as session:
        found = find_key(session, scope, key)
        if found is not None:
            found.status, found.body = status, body


def release(context: Context, scope: str, key: str) -> None:
    """Give the key free: the call came to no end that would stay true."""
    with context.sessions.write() as session:
        found = find_key(session, scope, key)
        if found is not None and found.status is None:
            session.delete(found)
