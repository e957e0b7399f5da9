"""The breaker: opens after failures in a row, rests, lets one call try, and closes on the first answer."""

from datetime import UTC, datetime, timedelta

from webapp.domain.breaker import FAILURES, REST, Breaker


class Clock:
    """The present as a test sets it."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 26, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def rests(breaker: Breaker) -> bool:
    return breaker.rests


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        assert breaker.enter()
        breaker.leave(answered=False)


def test_failures_in_a_row_open_it_and_one_answer_starts_the_count_anew() -> None:
    breaker = Breaker(Clock())
    fail(breaker, FAILURES - 1)
    assert breaker.enter()
    breaker.leave(answered=True)
    fail(breaker, FAILURES - 1)
    assert not rests(breaker)

    fail(breaker, 1)

    assert rests(breaker)
    assert not breaker.enter()


def test_after_a_rest_one_call_tries_for_all() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    fail(breaker, FAILURES)
    clock.at += REST

    assert not rests(breaker)
    assert [breaker.enter() for _ in range(3)] == [True, False, False]
    breaker.leave(answered=False)
    assert rests(breaker), "it failed: another rest"

    clock.at += REST
    assert breaker.enter()
    breaker.leave(answered=True)
    assert [breaker.enter() for _ in range(3)] == [True, True, True]


def test_a_clock_that_is_set_back_makes_no_rest_longer() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    fail(breaker, FAILURES)
    clock.at -= timedelta(hours=1)

    assert not rests(breaker)
    assert breaker.enter()
