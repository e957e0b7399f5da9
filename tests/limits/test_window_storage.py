"""What the limits count in: windows that end, so many keys and no more, and nobody's count is lost for others' sake."""

import hashlib
import threading

from limits import parse
from limits.strategies import FixedWindowRateLimiter

from tests.shop_server import MovableClock
from webapp.window_storage import WindowStorage

TEN = parse("10/minute")


def name(number: int) -> str:
    return hashlib.blake2b(str(number).encode(), digest_size=16).hexdigest()


def counting(own: int) -> tuple[FixedWindowRateLimiter, WindowStorage, MovableClock]:
    clock = MovableClock()
    storage = WindowStorage(clock, own)
    return FixedWindowRateLimiter(storage), storage, clock


def test_a_window_ends_by_the_clock_and_says_when() -> None:
    counter, storage, clock = counting(own=10)

    assert [counter.hit(TEN, "logins", name(1)) for _ in range(12)] == [True] * 10 + [False] * 2
    ends = counter.get_window_stats(TEN, "logins", name(1)).reset_time
    assert 59 < ends - clock.now().timestamp() <= 60
    assert counter.hit(TEN, "logins", name(2))
    assert counter.hit(TEN, "resets", name(1))

    clock.advance(61)
    assert counter.get_window_stats(TEN, "logins", name(1)).remaining == 10
    assert counter.hit(TEN, "logins", name(1))
    assert len(storage) == 1, "what is over takes no memory"


def test_any_number_of_callers_takes_so_much_memory_and_no_more() -> None:
    counter, storage, _ = counting(own := 50)
    threads = threading.active_count()
    for number in range(20_000):
        counter.hit(TEN, "requests", name(number))

    assert own < len(storage) <= own + 4096
    assert threading.active_count() == threads


def test_a_flood_wipes_out_nobody_s_count_and_stops_few_others() -> None:
    counter, _, _ = counting(own=50)
    assert [counter.hit(TEN, "logins", name(1)) for _ in range(11)][-1] is False
    for number in range(2, 4000):
        counter.hit(TEN, "logins", name(number))

    assert not counter.hit(TEN, "logins", name(1)), "who was stopped before stays stopped"
    newcomers = [counter.hit(TEN, "logins", name(number)) for number in range(10_000, 10_100)]
    assert newcomers.count(True) >= 95
    assert [counter.hit(TEN, "logins", name(20_000)) for _ in range(11)][-1] is False, "and newcomers are counted too"
    assert counter.hit(TEN, "resets", name(20_000)), "each limit by itself"


def test_many_threads_count_every_hit() -> None:
    counter, storage, _ = counting(own=10)
    wide = parse("100000/minute")
    threads = [
        threading.Thread(target=lambda: [counter.hit(wide, "requests", name(1)) for _ in range(500)]) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert storage.get(wide.key_for("requests", name(1))) == 4000
