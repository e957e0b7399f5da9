"""Toss misbehaves: what is made of every bad answer, on every call."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.providers.calling import say
from tests.providers.raw_server import RawServer, answer
from tests.providers.toss_attempts import attempt, authenticated, led_to, ref, refund_of
from tests.sandbox_server import RunningSandbox
from webapp.domain.money import Money
from webapp.domain.states import PaymentStatus
from webapp.providers.port import (
    Provider,
    ProviderUnavailable,
    ProviderUnclear,
)

S = PaymentStatus


def test_a_key_with_odd_characters_stays_inside_its_place_in_the_address() -> None:
    with RawServer(say(answer(b'{"code":"NOT_FOUND_PAYMENT"}', "404 Not Found"))) as server:
        assert led_to(server.url).fetch(ref("a/../b?c#d%e", None)) is None
    assert server.requests[0].startswith(b"GET /v1/payments/a%2F..%2Fb%3Fc%23d%25e HTTP/1.1")


@pytest.mark.parametrize("patch", [{"paymentKey": "another_key"}, {"orderId": "ord_another"}])
def test_fm_60_an_answer_about_something_else_is_alarming(
    provider: Provider, sandbox: RunningSandbox, patch: dict[str, str]
) -> None:
    paid = attempt(authenticated(sandbox))
    sandbox.fault(call="confirm", patch=patch)
    with pytest.raises(ProviderUnclear, match="foreign_answer") as caught:
        provider.confirm(paid, idempotency_key="k")
    assert caught.value.alarming


def test_a_look_up_about_something_else_is_alarming(provider: Provider, sandbox: RunningSandbox) -> None:
    came_back = authenticated(sandbox)
    sandbox.fault(call="lookup", patch={"paymentKey": "another_key"})
    with pytest.raises(ProviderUnclear, match="foreign_answer"):
        provider.fetch(ref(came_back["paymentKey"]))
    sandbox.fault(call="lookup_order", patch={"orderId": "ord_another"})
    with pytest.raises(ProviderUnclear, match="foreign_answer"):
        provider.fetch(ref(None))


def test_fm_57_another_sum_is_told_not_judged(provider: Provider, sandbox: RunningSandbox) -> None:
    sandbox.fault(call="confirm", patch={"totalAmount": 12999, "balanceAmount": 12999})
    found = provider.confirm(attempt(authenticated(sandbox)), idempotency_key="k")
    assert found.captured == Money(12999, "KRW")


@pytest.mark.parametrize("word", ["SOMETHING_NEW", None])
def test_fm_07_an_unlisted_word_concludes_nothing(
    provider: Provider, sandbox: RunningSandbox, word: str | None
) -> None:
    sandbox.fault(call="confirm", patch={"status": word})
    assert provider.confirm(attempt(authenticated(sandbox)), idempotency_key="k").status is None


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("applied", [True, False], ids=["charged", "not charged"])
def test_fm_65_a_5xx_is_unclear_even_with_a_code_that_would_be_final(
    provider: Provider, sandbox: RunningSandbox, status: int, applied: bool
) -> None:
    paid = attempt(authenticated(sandbox))
    sandbox.fault(call="confirm", then="status", status=status, code="REJECT_CARD_COMPANY", apply=applied)
    with pytest.raises(ProviderUnclear):
        provider.confirm(paid, idempotency_key="k")


@pytest.mark.parametrize(
    "headers, wait",
    [({}, None), ({"Retry-After": "7"}, 7.0), ({"Retry-After": "999999"}, 3600.0), ({"Retry-After": "soon"}, None)],
)
def test_fm_66_too_many_requests_says_when_to_come_back(
    provider: Provider, sandbox: RunningSandbox, headers: dict[str, str], wait: float | None
) -> None:
    sandbox.fault(call="lookup", then="status", status=429, code="TOO_MANY", headers=headers)
    with pytest.raises(ProviderUnclear) as caught:
        provider.fetch(ref("some_key"))
    assert caught.value.retry_after_s == wait


def test_fm_66_retry_after_may_be_a_date(provider: Provider, sandbox: RunningSandbox) -> None:
    at = datetime.now(UTC) + timedelta(seconds=90)
    sandbox.fault(
        call="lookup", then="status", status=503, headers={"Retry-After": at.strftime("%a, %d %b %Y %H:%M:%S GMT")}
    )
    with pytest.raises(ProviderUnclear) as caught:
        provider.fetch(ref("some_key"))
    assert caught.value.retry_after_s is not None
    assert 80 <= caught.value.retry_after_s <= 91


@pytest.mark.parametrize(
    "fault",
    [
        {"then": "garbage"},
        {"body": "<html>oops</html>"},
        {"body": ""},
        {"body": "[]"},
        {"body": "null"},
        {"body": '{"status":"DONE"}'},
        {"body": '{"status":"DONE","status":"DONE"}'},
        {"patch": {"totalAmount": "13000"}},
        {"patch": {"totalAmount": None}},
        {"patch": {"balanceAmount": 13000.5}},
        {"patch": {"currency": 410}},
        {"patch": {"orderId": None}},
        {"patch": {"paymentKey": ["x"]}},
    ],
)
def test_fm_69_nonsense_is_unclear_on_every_call(
    provider: Provider, sandbox: RunningSandbox, fault: dict[str, Any]
) -> None:
    paid = attempt(authenticated(sandbox))
    sandbox.fault(call="confirm", **fault)
    with pytest.raises(ProviderUnclear):
        provider.confirm(paid, idempotency_key="k")
    sandbox.fault(call="lookup", **fault)
    with pytest.raises(ProviderUnclear):
        provider.fetch(ref(paid.provider_ref))
    sandbox.fault(call="cancel", **fault)
    with pytest.raises(ProviderUnclear):
        provider.refund(refund_of(str(paid.provider_ref), 1000))


@pytest.mark.parametrize("status", ["201 Created", "204 No Content", "302 Found", "401 Unauthorized", "418 Teapot"])
def test_a_bare_answer_of_another_kind_is_a_persons_matter(status: str) -> None:
    with (
        RawServer(say(answer(b"", status))) as server,
        pytest.raises(ProviderUnclear) as caught,
    ):
        led_to(server.url).confirm(attempt(provider_ref="key"), idempotency_key="k")
    assert (caught.value.code, caught.value.alarming) == (f"http_{status[:3]}", True)


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request", "403 Forbidden", "500 Oops"])
def test_fm_03_not_found_is_believed_only_as_a_404(status: str) -> None:
    body = b'{"code":"NOT_FOUND_PAYMENT","message":"m"}'
    with (
        RawServer(say(answer(body, status))) as server,
        pytest.raises(ProviderUnclear),
    ):
        led_to(server.url).fetch(ref("key"))


@pytest.mark.parametrize("body", [b"", b"<html>not here</html>", b'{"code":"SOMETHING_ELSE"}'])
def test_a_404_of_somebody_else_is_not_toss_saying_no(body: bytes) -> None:
    with (
        RawServer(say(answer(body, "404 Not Found"))) as server,
        pytest.raises(ProviderUnclear),
    ):
        led_to(server.url).fetch(ref("key"))


def test_fm_01_a_reset_after_the_charge_is_silence_not_a_decline(provider: Provider, sandbox: RunningSandbox) -> None:
    paid = attempt(authenticated(sandbox))
    sandbox.fault(call="confirm", then="reset", apply=True)
    with pytest.raises(ProviderUnavailable) as caught:
        provider.confirm(paid, idempotency_key="k")
    assert caught.value.sent
    found = provider.fetch(ref(paid.provider_ref))
    assert found is not None
    assert found.status is S.COMPLETED


def test_fm_67_a_look_up_ends_after_ten_seconds(provider: Provider, sandbox: RunningSandbox) -> None:
    sandbox.fault(call="lookup", then="hold", delay_s=20)
    began = time.monotonic()
    with pytest.raises(ProviderUnavailable):
        provider.fetch(ref("some_key"))
    assert 9.5 <= time.monotonic() - began <= 15
