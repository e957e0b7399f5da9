"""Reading what Toss booked in a stretch of time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.providers.calling import say
from tests.providers.raw_server import RawServer, answer
from tests.providers.toss_attempts import attempt, authenticated, led_to, ref
from tests.sandbox_server import RunningSandbox
from webapp.domain.states import PaymentStatus
from webapp.providers.port import (
    Provider,
    ProviderUnclear,
)

S = PaymentStatus


def test_fm_53_the_list_gives_each_payment_of_both_pairs_once(provider: Provider, sandbox: RunningSandbox) -> None:
    start = datetime.now(UTC) - timedelta(minutes=1)
    for number, pair in enumerate(("widget", "api", "widget")):
        paid = attempt(authenticated(sandbox, pair=pair, order_id=f"ord_number_{number}"), key_pair=pair)
        provider.confirm(paid, idempotency_key=f"k{number}")
    refunded = provider.fetch(ref(None, "ord_number_0"))
    assert refunded is not None
    sandbox.dashboard_cancel(payment_key=refunded.provider_ref, amount=1000)
    found = list(provider.list_between(start, datetime.now(UTC)))
    assert sorted((s.order_ref, s.key_pair, s.refunded.minor) for s in found) == [
        ("ord_number_0", "widget", 1000),
        ("ord_number_1", "api", 0),
        ("ord_number_2", "widget", 0),
    ]
    assert list(provider.list_between(start - timedelta(days=1), start)) == []


def test_the_list_is_read_page_by_page(provider: Provider, sandbox: RunningSandbox, monkeypatch: Any) -> None:
    monkeypatch.setattr("webapp.providers.toss.adapter._PAGE", 2)
    start = datetime.now(UTC) - timedelta(minutes=1)
    for number in range(5):
        sandbox.charge(order_id=f"ord_number_{number}", amount=1000 + number)
    found = list(provider.list_between(start, datetime.now(UTC)))
    assert [snapshot.order_ref for snapshot in found] == [f"ord_number_{number}" for number in range(5)]


def test_a_list_that_turns_in_circles_is_given_up(monkeypatch: Any) -> None:
    monkeypatch.setattr("webapp.providers.toss.adapter._PAGE", 1)
    page = b'[{"transactionKey":"t","paymentKey":"k","transactionAt":"2026-11-23T14:00:00+09:00"}]'
    with (
        RawServer(say(answer(page))) as server,
        pytest.raises(ProviderUnclear, match="endless_list"),
    ):
        list(led_to(server.url).list_between(datetime.now(UTC), datetime.now(UTC)))
    assert len(server.requests) == 2


@pytest.mark.parametrize("page", [b"{}", b'[{"transactionKey":"t"}]', b"[7]", b"null"])
def test_a_list_that_cannot_be_read_is_unclear(page: bytes) -> None:
    with (
        RawServer(say(answer(page))) as server,
        pytest.raises(ProviderUnclear, match="nonsense_answer"),
    ):
        list(led_to(server.url).list_between(datetime.now(UTC), datetime.now(UTC)))


def test_the_list_asks_in_korean_time() -> None:
    with RawServer(say(answer(b"[]"))) as server:
        start = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
        assert list(led_to(server.url).list_between(start, start + timedelta(hours=1))) == []
    line = server.requests[0].split(b"\r\n")[0]
    assert b"startDate=2026-11-24T00%3A00%3A00&endDate=2026-11-24T01%3A00%3A01&limit=1000" in line


def test_every_call_carries_the_secret_key_and_a_colon(sandbox: RunningSandbox) -> None:
    with RawServer(say(answer(b"[]"))) as server:
        list(led_to(server.url).list_between(datetime.now(UTC), datetime.now(UTC)))
    sent = [line for request in server.requests for line in request.split(b"\r\n") if line.startswith(b"Authorization")]
    assert sent == [
        b"Authorization: Basic dGVzdF9nc2tfc2FuZGJveF93aWRnZXQ6",
        b"Authorization: Basic dGVzdF9za19zYW5kYm94X2FwaTo=",
    ]
