"""`/metrics`: the shop's state as monitoring reads it, and who may."""

import re

import pytest
import requests
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.conftest import MakeShop
from tests.failures.door import Door
from tests.failures.purchase import wait_until
from tests.sandbox_server import RunningSandbox
from tests.shop_server import PASSWORD, RunningShop
from webapp.db.alerts import raise_alert
from webapp.domain.breaker import FAILURES
from webapp.domain.tally import Tally
from webapp.providers.port import PaymentRef, ProviderUnavailable
from webapp.security import MAX_BODY
from webapp.services.health import CallReport, Pulse
from webapp.web.metrics import gauge

TOKEN = "zqx-metrics-token-zqx-metrics-token"
LINE = re.compile(r"(# (HELP|TYPE) shop_\w+ .+|shop_\w+(\{\w+=\"\w+\"(,\w+=\"\w+\")*\})? [0-9.e+]+)\Z")


def read(shop: RunningShop, **headers: str) -> requests.Response:
    return requests.get(f"{shop.origin}/metrics", headers=headers, timeout=30)


def figure(shop: RunningShop, name: str) -> float | None:
    """The sample of this name and labels, if there is one."""
    samples = dict(line.rsplit(" ", 1) for line in read(shop).text.splitlines() if not line.startswith("#"))
    return float(samples[name]) if name in samples else None


def test_every_line_is_one_that_monitoring_reads(shop: RunningShop) -> None:
    answer = read(shop)

    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert [line for line in answer.text.splitlines() if not LINE.match(line)] == []
    assert answer.text.endswith("\n")
    assert figure(shop, 'shop_last_seen_seconds{who="worker"}') is None


def test_what_waits_is_counted(shop: RunningShop) -> None:
    brought = shop.authenticated()
    shop.sandbox.mute()
    shop.sandbox.fault(call="confirm", then="reset")
    shop.browse(None).back(brought)
    Pulse(shop.context, "worker").beat()
    with shop.context.sessions.write() as session:
        raise_alert(session, "mismatch", "p1", "another sum", shop.context.now())
    shop.clock.advance(30)

    assert figure(shop, 'shop_payments_open{provider="toss",status="confirming"}') == 1
    assert figure(shop, 'shop_alerts_open{kind="mismatch"}') == 1
    assert 30 <= (figure(shop, 'shop_last_seen_seconds{who="worker"}') or 0) < 60
    assert figure(shop, "shop_jobs_dead") == 0


def test_a_provider_that_is_left_alone_is_one(make_shop: MakeShop, sqlite_url: str, sandbox: RunningSandbox) -> None:
    with Door(sandbox.port) as shut:
        shop = make_shop(sqlite_url, TOSS_API_BASE=shut.api_base)
        provider = shop.context.provider("toss")
        for _ in range(FAILURES):
            with pytest.raises(ProviderUnavailable):
                provider.fetch(PaymentRef(provider_ref=None, order_ref="ord_00000000", key_pair="api"))

        assert figure(shop, 'shop_provider_down{provider="toss"}') == 1
        assert figure(shop, 'shop_provider_down{provider="stripe"}') == 0


def test_in_production_strangers_find_nothing(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url, METRICS_TOKEN=TOKEN)
    settings = shop.wiring.settings.model_copy(update={"app_env": "production"})
    object.__setattr__(shop.wiring, "settings", settings)
    with shop.db() as session:
        session.execute(text("UPDATE users SET role = 'owner' WHERE email = 'owner@example.com'"))

    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN[:-1]}):
        assert read(shop, **headers).status_code == 404
    assert shop.browse().get("/metrics").status_code == 404
    assert read(shop, Authorization=f"Bearer {TOKEN}").status_code == 200
    owner = shop.browse(None)
    owner.submit("/login", "/login", email="owner@example.com", password=PASSWORD)
    assert owner.get("/metrics").status_code == 200


def test_an_unset_token_lets_nobody_in(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url)
    settings = shop.wiring.settings.model_copy(update={"app_env": "production"})
    object.__setattr__(shop.wiring, "settings", settings)

    assert read(shop, Authorization="Bearer ").status_code == 404


def test_calls_to_providers_are_counted_with_their_time_and_no_names(shop: RunningShop) -> None:
    assert "shop_provider_call_seconds_count{" not in read(shop).text
    brought = shop.authenticated()
    assert shop.browse(None).back(brought).status_code == 303
    shop.sandbox.mute()
    shop.sandbox.fault(call="confirm", then="reset")
    shop.browse(None).back(shop.authenticated())

    name = "shop_provider_call_seconds"
    assert figure(shop, f'{name}_count{{process="site",provider="toss",call="confirm",status="2xx"}}') == 1
    assert figure(shop, f'{name}_count{{process="site",provider="toss",call="confirm",status="none"}}') == 1
    assert 0 < (figure(shop, f'{name}_sum{{process="site",provider="toss",call="confirm",status="2xx"}}') or 0) < 600
    text = read(shop).text
    assert [line for line in text.splitlines() if not LINE.match(line)] == []
    assert f"# TYPE {name} summary" in text
    assert brought["orderId"] not in text
    assert brought["paymentKey"] not in text


def test_the_calls_of_every_worker_are_added_up_and_outlive_it(shop: RunningShop) -> None:
    """A worker has a memory of its own and serves no page: two of them, one after the other, and a bad moment."""
    labels = '{process="worker",provider="toss",call="lookup",status="2xx"}'
    name, words = "shop_provider_call_seconds", ("toss", "lookup", "2xx")
    first, second = Tally(), Tally()
    report = CallReport(shop.context, first)
    report.tell()
    assert figure(shop, name + "_count" + labels) is None
    first.add(words, 0.25)
    report.tell()
    assert figure(shop, name + "_count" + labels) is None, "wrote again within the same ten seconds"
    report.tell(at_once=True)
    report.tell(at_once=True)
    first.add(words, 0.5)
    with shop.db() as session:
        session.execute(text("ALTER TABLE worker_calls RENAME TO away"))
    with pytest.raises(DBAPIError):
        report.tell(at_once=True)
    with shop.db() as session:
        session.execute(text("ALTER TABLE away RENAME TO worker_calls"))
    report.tell(at_once=True)
    second.add(words, 1.0)
    CallReport(shop.context, second).tell()

    assert figure(shop, name + "_count" + labels) == 3
    assert figure(shop, name + "_sum" + labels) == 1.75
    assert [line for line in read(shop).text.splitlines() if not LINE.match(line)] == []


def test_a_worker_tells_its_calls_when_it_is_stopped(sqlite_shop: RunningShop) -> None:
    shop = sqlite_shop
    with shop.working():
        wait_until(lambda: figure(shop, 'shop_last_seen_seconds{who="sweeper"}') is not None)
        shop.wiring.http.calls.add(("toss", "lookup", "2xx"), 0.5)

    assert [row["times"] for row in shop.rows("SELECT times FROM worker_calls")] == [1]


def test_what_was_not_sent_is_counted_as_turned_away(sqlite_shop: RunningShop) -> None:
    shop = sqlite_shop
    shop.wiring.http._limit = 0
    with pytest.raises(ProviderUnavailable):
        shop.context.provider("toss").fetch(PaymentRef(provider_ref=None, order_ref="ord_00000000", key_pair="api"))

    calls = shop.wiring.http.calls.read()
    assert [(provider, status, count) for (provider, _, status), (count, _) in calls.items()] == [
        ("toss", "turned_away", 1)
    ]


def test_refused_webhooks_are_counted_by_provider(sqlite_shop: RunningShop) -> None:
    shop = sqlite_shop
    for path, body in (("stripe", b"{}"), ("stripe", b"{}"), ("toss", b"no JSON"), ("toss", b"x" * (MAX_BODY + 1))):
        requests.post(f"{shop.origin}/payment/{path}/webhook", data=body, timeout=30)
    assert shop.post("/payment/nobody/webhook", {}).status_code == 404

    name = "shop_webhooks_refused_total"
    assert figure(shop, f'{name}{{provider="stripe",why="webhook_signature_invalid"}}') == 2
    assert figure(shop, f'{name}{{provider="toss",why="malformed"}}') == 1
    assert figure(shop, f'{name}{{provider="toss",why="too_large"}}') == 1
    assert read(shop).text.count(f"{name}{{") == 3


def test_a_large_count_does_not_stand_still() -> None:
    assert list(gauge("n", "s", [({}, 12_345_678)]))[-1] == "n 12345678"
