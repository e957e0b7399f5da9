"""The receiver that the documentation prints, run as it is printed."""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.conftest import ROOT, MakeShop
from tests.crash.served_shop import free_port
from tests.fulfilment.conftest import SECRET
from tests.fulfilment.test_telling import give_back
from tests.mail.paid_orders import pay
from tests.shop_server import BUYER


def printed() -> str:
    return (ROOT / "docs" / "fulfilment.md").read_text("utf-8").split("```python\n", 1)[1].split("```", 1)[0]


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[str]:
    """Where it listens."""
    (tmp_path / "receiver.py").write_text(printed(), "utf-8")
    port = free_port()
    command = [sys.executable, "-m", "flask", "--app", "receiver", "run", "--port", str(port)]
    given = {**os.environ, "FULFILMENT_SECRET": SECRET, "BOOKS": str(tmp_path / "readings.sqlite3")}
    with subprocess.Popen(command, cwd=tmp_path, env=given, stderr=subprocess.DEVNULL) as process:
        url = f"http://127.0.0.1:{port}/paid"
        for _ in range(400):
            try:
                requests.get(url, timeout=5)
                break
            except requests.ConnectionError:
                time.sleep(0.05)
        yield url
        process.terminate()


def readings(folder: Path) -> list[tuple[str, str, int]]:
    with sqlite3.connect(folder / "readings.sqlite3") as books:
        return books.execute("SELECT order_id, email, open FROM readings").fetchall()


def test_the_printed_receiver_has_forty_lines_of_code_at_most() -> None:
    assert len([line for line in printed().splitlines() if line.strip()]) <= 40


def test_the_printed_receiver_opens_once_and_closes_on_a_refund(
    make_shop: MakeShop, sqlite_url: str, receiver: str, tmp_path: Path
) -> None:
    shop = make_shop(sqlite_url, FULFILMENT_URL=receiver, FULFILMENT_SECRET=SECRET)
    order_id = pay(shop)
    shop.work()
    assert readings(tmp_path) == [(order_id, BUYER, 1)]

    (row,) = shop.rows("SELECT id FROM fulfilments")
    shop.app.test_cli_runner().invoke(args=["fulfilments", "resend", row["id"]])
    give_back(shop, order_id, amount=3000)
    assert readings(tmp_path) == [(order_id, BUYER, 1)], "a repeat and a part refunded change nothing"
    give_back(shop, order_id, amount=10000)
    assert readings(tmp_path) == [(order_id, BUYER, 0)]
    assert {r["state"] for r in shop.rows("SELECT state FROM fulfilments")} == {"delivered"}
    assert requests.post(receiver, json={"type": "payment.completed"}, timeout=5).status_code == 400
