"""The longest that a page keeps its buyer waiting for a provider; what was begun goes on without her."""

from collections.abc import Callable
from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress
from typing import TypeVar

from webapp.domain.failures import ProviderSilent
from webapp.wiring import wiring

T = TypeVar("T")


def patiently(work: Callable[[], T]) -> T:
    """What the work gives, or raises, if it is done within the landing wait; else it runs on, and a reload meets it.

    Raises:
        ProviderSilent: not done yet.
    """
    wired = wiring()
    if not wired.http.has_room:
        return work()  # whoever calls a provider now is refused at once: there is nothing to wait for
    ended: list[T] = []
    failed: list[Exception] = []

    def to_the_end() -> None:
        try:
            ended.append(work())
        except Exception as error:  # noqa: BLE001 (raised again where somebody still waits)
            failed.append(error)

    with suppress(NotYet):
        wired.background.start(to_the_end).result(timeout=wired.settings.landing_wait_s)
    if failed:
        raise failed[0]
    if not ended:
        raise ProviderSilent
    return ended[0]
