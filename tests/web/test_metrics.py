"""`/metrics`: the shop's state as monitoring reads it, and who may."""

import re

import pytest
import requests
from sqlalchemy import text

from tests.conftest import MakeShop
from tests.failures.door import Door
from tests.sandbox_server import RunningSandbox
from tests.shop_server import PASSWORD, RunningShop
from webapp.db.alerts import raise_alert
from webapp.domain.breaker import FAILURES
from webapp.providers.port import PaymentRef, ProviderUnavailable
from webapp.services.health import Pulse

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
