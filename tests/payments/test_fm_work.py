"""Work that many take at once, a database that is away or busy, and readers who ask for everything."""

import ast
import re
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.conftest import MakeShop
from tests.failures.deliveries import genuine, raw, send
from tests.failures.purchase import wait_until
from tests.failures.races import at_once
from tests.shop_server import NAME, PRICE, RunningShop
from webapp.db import jobs as table
from webapp.doctor import Level, examine
from webapp.services import jobs
from webapp.services.health import Pulse

ROOT = Path(__file__).resolve().parents[2]
JOBS = 40
SECRETS = re.compile(r"(^|_)(secret|token|signature|password)$")
AWAY = ("postgresql://nobody@127.0.0.1:9/none", "sqlite:////proc/nowhere.sqlite3")


def stage(shop: RunningShop, count: int) -> None:
    with shop.context.sessions.write() as session:
        for number in range(count):
            table.stage(session, "send_mail", f"mail {number}", shop.context.now())


def taken(shop: RunningShop) -> list[int]:
    """Everything that one worker gets hold of."""
    return [task.id for task in iter(lambda: jobs.take(shop.context), None)]


def test_fm_117_of_many_workers_each_job_is_taken_by_one(shop: RunningShop) -> None:
    stage(shop, JOBS)

    shares = at_once(*[lambda: taken(shop)] * 6)

    assert sorted(number for share in shares for number in share) == sorted(
        row["id"] for row in shop.rows("SELECT id FROM jobs WHERE kind = 'send_mail'")
    )
    assert {row["tries"] for row in shop.rows("SELECT tries FROM jobs")} == {1}


def test_fm_117_a_job_whose_worker_died_is_taken_again_after_its_lease(shop: RunningShop) -> None:
    stage(shop, 1)
    (number,) = taken(shop)

    assert taken(shop) == []
    shop.clock.advance(jobs.LEASE_S + 1)
    assert at_once(*[lambda: taken(shop)] * 4).count([number]) == 1


@pytest.mark.parametrize("url", AWAY)
def test_fm_18_without_a_database_nothing_is_sent_and_everybody_is_told_when_to_come_back(
    make_shop: MakeShop, url: str
) -> None:
    shop = make_shop(url)
    calls = len(shop.sandbox.calls())
    back: dict[str, str | int] = {
        "paymentKey": "tviva20261123140000AbCd",
        "orderId": "ord_Kb7vNs2cKb7vNs2cKb7vNs",
        "amount": PRICE,
    }

    answers = [
        shop.post("/payment/toss/create", {"amount": PRICE, "orderName": NAME}, token="cc_" + "a" * 43),
        shop.post("/payment/toss/confirm", back),
        requests.get(f"{shop.origin}/payment/success", params=back, timeout=30),
        send(shop, "toss", raw(genuine("toss"))),
        send(shop, "stripe", raw(genuine("stripe"))),
        requests.get(f"{shop.origin}/readyz", timeout=30),
    ]

    assert [(answer.status_code, "Retry-After" in answer.headers) for answer in answers] == [(503, True)] * 6
    assert requests.get(f"{shop.origin}/healthz", timeout=30).status_code == 200
    assert len(shop.sandbox.calls()) == calls


def test_fm_17_an_answer_waits_for_a_locked_file_and_is_stored_once(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url)
    shop.sandbox.mute()
    brought = shop.authenticated()
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False)
    shop.sandbox.fault(call="confirm", then="delay", delay_s=1)
    landing = threading.Thread(target=lambda: shop.browse(None).back(brought))
    landing.start()
    wait_until(lambda: bool(shop.sandbox.calls("confirm")))
    other.execute("BEGIN IMMEDIATE")  # another process writes just when the answer comes
    wait_until(lambda: shop.wiring.http._in_flight == 0)
    assert other.execute("SELECT status FROM payments").fetchall() == [("confirming",)]
    other.execute("COMMIT")
    other.close()
    landing.join(timeout=30)

    wait_until(lambda: shop.payments(brought["orderId"])[0]["status"] == "completed")
    assert len(shop.sandbox.calls("confirm")) == 1
    assert [row["captured"] for row in shop.sandbox.ledger()["payments"]] == [PRICE]


@pytest.mark.parametrize("limit", ["1000000000", "101", "0", "-1", "1e3", "١٠", "", "5&limit=5"])
def test_fm_102_nobody_reads_more_than_a_hundred_at_once(shop: RunningShop, limit: str) -> None:
    headers = {"Authorization": f"Bearer {shop.token()}"}

    answer = requests.get(f"{shop.origin}/payment/history/me?limit={limit}", headers=headers, timeout=30)

    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_fm_100_calls_go_by_the_token_and_pages_by_the_cookie(shop: RunningShop) -> None:
    order = shop.create("other@example.com")["orderId"]
    mine, theirs = shop.browse(), {"Authorization": f"Bearer {shop.token('other@example.com')}"}
    url, page = f"{shop.origin}/payment/{order}", f"/payments/{order}"

    assert mine.http.get(url, headers=theirs, timeout=30).status_code == 200, "the token decides, whatever the cookie"
    assert mine.http.get(url, timeout=30).status_code == 401, "a cookie opens no call"
    assert mine.get(page, headers=theirs).status_code == 404, "a token opens no page"
    assert "data-status" not in requests.get(shop.origin + page, headers=theirs, timeout=30).text


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_fm_100_what_a_form_of_another_site_can_send_is_no_call(shop: RunningShop, kind: str) -> None:
    headers = {"Authorization": f"Bearer {shop.token()}", "Content-Type": kind, "Origin": "https://evil.example"}

    answer = requests.post(
        f"{shop.origin}/payment/toss/create", data='{"product": "saju-premium"}', headers=headers, timeout=30
    )

    assert (answer.status_code, answer.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert shop.rows("SELECT id FROM orders") == []


def compared(code: str) -> Iterator[str]:
    """Comparisons by `==` and `!=` of what is named like a secret, not with a constant; a hash tells nothing."""
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
            continue
        sides = [node.left, *node.comparators]
        names = [getattr(side, "attr", getattr(side, "id", "")) for side in sides]
        if any(SECRETS.search(name) for name in names) and not any(isinstance(side, ast.Constant) for side in sides):
            yield f"line {node.lineno}"


def test_fm_101_no_secret_is_compared_letter_by_letter() -> None:
    files = [p for p in (ROOT / "webapp").rglob("*.py") if "emulator" not in p.parts and "sandbox" not in p.parts]

    assert [(str(p), line) for p in files for line in compared(p.read_text("utf-8"))] == []
    assert list(compared("if given.token == wanted: pass")) == ["line 1"]


def test_fm_118_a_sweeper_that_stopped_is_seen_and_three_at_once_do_no_harm(shop: RunningShop) -> None:
    brought = shop.authenticated()
    shop.sandbox.mute()
    shop.sandbox.fault(call="confirm", then="reset")
    shop.browse(None).back(brought)
    Pulse(shop.context, "sweeper").beat()
    shop.advance(3600)
    (told,) = (each for each in examine(shop.wiring) if each.name == "sweeper")
    assert (told.level, told.says) == (Level.FAIL, "last seen 60 min ago")

    at_once(*[shop.sweep] * 3)
    shop.work()

    assert shop.payments(brought["orderId"])[0]["status"] == "completed"
    assert len([call for call in shop.sandbox.calls("confirm") if call["applied"]]) == 1
    assert [row["template"] for row in shop.mails()] == ["receipt"]
