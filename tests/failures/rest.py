"""Letting time pass until nobody owes anything."""

import requests

from tests.failures.purchase import wait_until
from tests.shop_server import RunningShop

_OWED = (
    "SELECT 1 FROM jobs WHERE state IN ('queued', 'running') UNION ALL"
    " SELECT 1 FROM payments WHERE next_check_at IS NOT NULL"
)


def deliver(shop: RunningShop) -> None:
    """Wait until every event has been tried once."""

    def tried() -> bool:
        events = requests.get(f"http://127.0.0.1:{shop.sandbox.port}/sandbox/webhooks", timeout=10).json()["events"]
        return not any(event["state"] == "due" and event["tries"] == 0 for event in events)

    wait_until(tried)


def come_to_rest(shop: RunningShop) -> None:
    """Faults over, news delivered, jobs done, look-ups made; then a day more, so that no clock is left running."""
    shop.sandbox.clear_faults()
    _pass_time(shop)
    shop.advance(26 * 3600)
    _pass_time(shop)


def _pass_time(shop: RunningShop) -> None:
    step_s, passed = 90.0, 0.0
    while passed < 30 * 3600:
        _work(shop)
        if not shop.rows(_OWED):
            return
        shop.advance(step_s)
        passed, step_s = passed + step_s, min(step_s * 1.6, 3600)


def _work(shop: RunningShop) -> None:
    deliver(shop)
    shop.work()
    shop.sweep()
    shop.work()
