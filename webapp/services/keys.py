"""Seal what is sealed with the first of the encryption keys, so that an older one may go."""

from collections.abc import Generator
from dataclasses import dataclass

from webapp.db.encryption import Unopened, reseal
from webapp.db.sealed import list_sealed, replace_sealed, sample_sealed, sealed_columns
from webapp.services.context import Context

__all__ = ["Rotation", "Unopened", "opens_secrets", "rotate"]

_BATCH = 500
_SAMPLE = 50


@dataclass(slots=True)
class Rotation:
    """What became of one column's values."""

    column: str
    resealed: int = 0
    already: int = 0
    #: No key of ours opens them; they stay as they are.
    unopened: int = 0


def opens_secrets(context: Context) -> bool:
    """Whether `ENCRYPTION_KEYS` open what is sealed: a sample of every column, of the old and of the new."""
    with context.sessions.read() as session:
        for table, column in sealed_columns():
            for stored in sample_sealed(session, table, column, _SAMPLE):
                try:
                    reseal(stored)
                except Unopened:
                    return False
    return True


def rotate(context: Context, *, batch: int = _BATCH) -> Generator[Rotation, None, None]:
    """Reseal every column, `batch` values in one transaction; begun anew after a stop, it goes on where it was."""
    for table, column in sealed_columns():
        done = Rotation(f"{table.name}.{column.name}")
        after: tuple[object, ...] | None = None
        while True:
            with context.sessions.write() as session:
                found = list_sealed(session, table, column, after, batch)
                for key, stored in found:
                    try:
                        fresh = reseal(stored)
                    except Unopened:
                        done.unopened += 1
                        continue
                    if fresh is None:
                        done.already += 1
                    else:
                        session.execute(replace_sealed(table, column, key, stored, fresh))
                        done.resealed += 1
            if len(found) < batch:
                break
            after = found[-1][0]
        yield done
