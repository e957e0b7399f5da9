"""What the processes hold in memory when nothing happens."""

import pytest
import requests

from tests.crash.conftest import ServeShop
from tests.processes.process_table import family
from tests.shop_server import PRODUCT

LIMIT_MIB = 150
REQUESTS = 50
PAGES = ("/", "/payments", f"/checkout/{PRODUCT}", "/healthz", "/login")


def test_every_process_stays_small_at_rest(serve: ServeShop, capsys: pytest.CaptureFixture[str]) -> None:
    shop = serve()
    site, worker = shop.start_site(), shop.start_worker()
    visitor = shop.browse()
    for number in range(REQUESTS):
        assert visitor.get(PAGES[number % len(PAGES)]).status_code in (200, 303)
    requests.get(shop.origin + "/", timeout=20).raise_for_status()
    held = {"site": family(site.process.pid), "worker": family(worker.process.pid)}
    with capsys.disabled():
        for name, sizes in held.items():
            figures = ", ".join(f"{size:.0f} MiB" for size in sizes.values())
            print(f"\n  {name}: {figures}")  # noqa: T201 (a figure to read)
    assert len(held["site"]) >= 2, "granian keeps a parent and a worker"
    for sizes in held.values():
        assert all(size < LIMIT_MIB for size in sizes.values()), held
