"""Where Stripe's objects are kept: one shelf for each kind, over the sandbox's store."""

import secrets
import string
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from webapp.sandbox.store import Store

_ALPHABET = string.ascii_letters + string.digits


def token(length: int) -> str:
    """Random letters and digits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def new_id(prefix: str) -> str:
    """An id in Stripe's shape, `pi_…`."""
    return f"{prefix}_{token(24)}"


class Kept(Protocol):
    """A dataclass that a shelf can hold. `alias` and `state` are what it can be found by beside its id."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
    id: str
    created: int

    @property
    def alias(self) -> str:
        """Whatever this object belongs to."""

    @property
    def state(self) -> str:
        """Its status, or what it waits for."""


Record = TypeVar("Record", bound=Kept)


class Shelf(Generic[Record]):
    """All objects of one kind."""

    def __init__(self, store: Store, kind: str, make: Callable[..., Record]) -> None:
        self._store, self._kind, self._make = store, f"stripe_{kind}", make

    def save(self, record: Record) -> None:
        """Insert or replace."""
        self._store.put(self._kind, record.id, asdict(record), alias=record.alias, state=record.state)

    def find(self, key: object) -> Record | None:
        """By id."""
        found = self._store.get(self._kind, str(key))
        return self._make(**found) if found else None

    def of(self, alias: str) -> list[Record]:
        """By what they belong to, oldest first."""
        return [self._make(**found) for found in self._store.find_all(self._kind, alias=alias)]

    def in_state(self, state: str) -> list[Record]:
        """All in one state, oldest first."""
        return [self._make(**found) for found in self._store.find_all(self._kind, state=state)]

    def all(self) -> list[Record]:
        """Every one, oldest first."""
        return [self._make(**found) for found in self._store.find_all(self._kind)]
