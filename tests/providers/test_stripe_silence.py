"""Stripe silent, slow or busy; what is tried again, and what is never written down (FM-65 to FM-68)."""

import logging
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.providers.calling import SLACK_S, say
from tests.providers.raw_server import RawServer, answer, read_request, reset
from tests.providers.stripe_attempts import attempt, close_of, led_to, made, paid, refund_of
from tests.providers.stripe_calls import NOTHING, VERBS, Verb, Watch, as_json, error
from tests.providers.stripe_intents import refund
from tests.sandbox_server import RunningSandbox
from webapp.domain.money import Money
from webapp.providers.port import ProviderError, ProviderRefused, ProviderUnavailable, ProviderUnclear
from webapp.providers.stripe import api
from webapp.providers.stripe.adapter import Stripe


@pytest.fixture(params=sorted(VERBS))
def verb(request: pytest.FixtureRequest) -> Verb:
    return VERBS[request.param]


@pytest.fixture
def provider(sandbox: RunningSandbox) -> Stripe:
    return led_to(f"{sandbox.origin}/stripe")


def test_nothing_that_stripe_words_is_kept(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("stripe").setLevel(logging.NOTSET)
    with RawServer(say(error("400 Bad Request", code="amount_too_small"))) as server:
        with pytest.raises(ProviderRefused) as caught:
            VERBS["create"](led_to(server.url))
        with pytest.raises(ProviderUnclear) as unclear:
            VERBS["close"](led_to(server.url))
    with RawServer(say(as_json(NOTHING))) as server:
        VERBS["create"](led_to(server.url))
    seen = capfd.readouterr()
    shown = f"{caught.value!r} {caught.value.evidence} {unclear.value!r} {seen.out} {seen.err} {caplog.text}"
    failures: list[BaseException | None] = [caught.value, unclear.value]
    while failures:
        if failure := failures.pop():
            shown += repr(failure.args)
            failures += [failure.__cause__, failure.__context__]
    for word in ("Words that nobody keeps", "_secret_", "sk_test_sandboxshop"):
        assert word not in shown


def test_nothing_is_measured_and_nothing_is_written_into_the_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    with RawServer(say(as_json(NOTHING, headers="Request-Id: req_1\r\nStripe-Notice: a notice\r\n"))) as server:
        provider = led_to(server.url)
        for _ in range(2):
            VERBS["confirm"](provider)
    assert not any(b"telemetry" in request.lower() for request in server.requests)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("applied", [True, False], ids=["done", "not done"])
@pytest.mark.parametrize("call", ["create", "refund", "cancel"])
def test_fm_65_a_5xx_is_unclear_even_with_a_code_that_would_be_final(
    provider: Stripe, sandbox: RunningSandbox, call: str, applied: bool, status: int
) -> None:
    begun = made(provider)
    if call == "refund":
        sandbox.stripe_pay(payment_intent=begun.provider_ref)
    sandbox.fault(provider="stripe", call=call, then="status", status=status, code="amount_too_small", apply=applied)
    again: dict[str, Verb] = {
        "create": lambda provider: provider.open(attempt(order_ref="ord_another"), idempotency_key="open-2"),
        "refund": lambda provider: provider.refund(refund_of(begun, 300)),
        "cancel": lambda provider: provider.close(close_of(begun)),
    }
    with pytest.raises(ProviderUnclear) as caught:
        again[call](provider)
    assert not caught.value.alarming


@pytest.mark.parametrize(
    "headers, wait",
    [("", None), ("Retry-After: 7\r\n", 7.0), ("Retry-After: 999999\r\n", 3600.0), ("Retry-After: soon\r\n", None)],
)
def test_fm_66_too_many_requests_says_when_to_come_back(verb: Verb, headers: str, wait: float | None) -> None:
    watch = Watch()
    with RawServer(say(error("429 Too Many Requests", headers, code="rate_limit"))) as server:
        with pytest.raises(ProviderUnclear) as caught:
            verb(led_to(server.url, watch))
        assert (caught.value.retry_after_s, caught.value.alarming) == (wait, False)
    assert (len(server.requests), watch.waits) == (1, [])


@pytest.mark.parametrize("code, status", [("idempotency_key_in_use", "409 Conflict"), ("lock_timeout", "429 Too Many")])
@pytest.mark.parametrize("name, answered", [("create", NOTHING), ("close", NOTHING | {"status": "canceled"})])
def test_what_another_request_holds_is_tried_again_with_the_same_key(
    name: str, answered: dict[str, Any], code: str, status: str
) -> None:
    watch = Watch()

    def script(connection: socket.socket, _request: bytes) -> None:
        is_late = len(server.requests) > 2
        connection.sendall(as_json(answered) if is_late else error(status, code=code))

    with RawServer(script) as server:
        assert VERBS[name](led_to(server.url, watch))
    assert watch.waits == [0.2, 0.5]
    assert len({line for request in server.requests for line in request.split(b"\r\n") if b"Idempotency" in line}) == 1
    assert len({request.split(b"\r\n\r\n")[1] for request in server.requests}) == 1


def test_it_is_not_tried_for_ever() -> None:
    watch = Watch()
    with RawServer(say(error("409 Conflict", code="idempotency_key_in_use"))) as server:
        with pytest.raises(ProviderUnclear) as caught:
            VERBS["create"](led_to(server.url, watch))
        assert not caught.value.alarming
    assert (len(server.requests), watch.waits) == (4, [0.2, 0.5, 1.0])


@pytest.mark.parametrize("name", ["refund", "confirm", "fetch"])
def test_nothing_else_is_repeated(name: str) -> None:
    watch = Watch()
    with RawServer(say(error("429 Too Many", code="lock_timeout"))) as server, pytest.raises(ProviderUnclear):
        VERBS[name](led_to(server.url, watch))
    assert (len(server.requests), watch.waits) == (1, [])


def test_fm_68_a_dead_kept_connection_is_not_written_to_twice() -> None:
    def script(connection: socket.socket, _request: bytes) -> None:
        if len(server.requests) == 1:
            connection.sendall(as_json(NOTHING))
        else:
            reset(connection)

    with RawServer(script) as server:
        provider = led_to(server.url)
        VERBS["create"](provider)
        with pytest.raises(ProviderUnavailable) as caught:
            VERBS["refund"](provider)
        assert caught.value.sent
    assert len(server.requests) == 2


def test_fm_01_a_reset_after_the_effect_is_silence_not_a_no(provider: Stripe, sandbox: RunningSandbox) -> None:
    sandbox.fault(provider="stripe", call="create", then="reset", apply=True)
    with pytest.raises(ProviderUnavailable) as caught:
        provider.open(attempt(), idempotency_key="open-1")
    assert caught.value.sent
    opened = provider.open(attempt(), idempotency_key="open-1")
    assert [payment["provider_ref"] for payment in sandbox.ledger()["payments"]] == [opened.provider_ref]


def test_fm_76_a_refund_whose_reading_fails_was_sent(provider: Stripe, sandbox: RunningSandbox) -> None:
    begun = paid(provider, sandbox)
    sandbox.fault(provider="stripe", call="lookup", then="reset")
    with pytest.raises(ProviderUnavailable) as caught:
        provider.refund(refund_of(begun, 300))
    assert caught.value.sent
    assert provider.refund(refund_of(begun, 300)).refunded == Money(300, "USD")


def test_fm_76_a_refund_after_which_nobody_listens_any_more_was_sent() -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        listener.close()
        with connection:
            read_request(connection)
            connection.sendall(as_json(refund(300), headers="Connection: close\r\n"))

    port = listener.getsockname()[1]
    threading.Thread(target=serve, daemon=True).start()
    with pytest.raises(ProviderUnavailable) as caught:
        VERBS["refund"](led_to(f"http://127.0.0.1:{port}"))
    assert caught.value.sent, "the reading was not sent, but the refund was"


def test_fm_67_one_deadline_covers_a_dripping_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "LOOK_UP_S", 1.0)

    def drip(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(60):
            connection.sendall(b" ")
            time.sleep(0.1)

    with RawServer(drip) as server:
        began = time.monotonic()
        with pytest.raises(ProviderUnavailable) as caught:
            VERBS["confirm"](led_to(server.url))
        assert time.monotonic() - began <= 1.0 + SLACK_S
        assert caught.value.sent


def test_fm_67_the_deadlines_are_those_that_were_agreed_on() -> None:
    assert (api.CHANGING_S, api.LOOK_UP_S, api.LIST_S) == (30.0, 10.0, 30.0)


def test_fm_69_an_answer_larger_than_any_genuine_one_is_not_read_to_its_end(verb: Verb) -> None:
    with RawServer(say(answer(b" " * (3 * 1024 * 1024)))) as server, pytest.raises(ProviderError):
        verb(led_to(server.url))


def test_a_request_that_cannot_be_written_is_not_called_an_answer() -> None:
    with RawServer(say(as_json(NOTHING))) as server:
        with pytest.raises(ProviderUnclear, match="request_not_written") as caught:
            led_to(server.url).open(attempt(payment_id="half a \ud800 pair"), idempotency_key="open-1")
        assert caught.value.alarming
    assert server.requests == []


def test_threads_share_one_client_and_never_one_anothers_answers() -> None:
    # Long answers and frequent turns: a thread is interrupted while the package reads.
    padding = [{"object": "padding", "id": str(number)} for number in range(300)]
    usual = sys.getswitchinterval()

    def script(connection: socket.socket, request: bytes) -> None:
        intent_id = request.split(b" ")[1].split(b"?")[0].rsplit(b"/", 1)[-1].decode()
        connection.sendall(as_json(NOTHING | {"id": intent_id, "padding": padding}))

    sys.setswitchinterval(1e-5)
    try:
        with RawServer(script) as server, ThreadPoolExecutor(8) as pool:
            provider = led_to(server.url)
            wanted = [f"pi_3Number{number:04}" for number in range(80)]
            found = pool.map(lambda each: provider.confirm(attempt(provider_ref=each), idempotency_key="k"), wanted)
            assert [one.provider_ref for one in found] == wanted
    finally:
        sys.setswitchinterval(usual)


def test_a_shop_without_stripe_never_loads_the_package() -> None:
    code = "import sys, webapp.providers.registry, webapp.providers.stripe; sys.exit('stripe' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
