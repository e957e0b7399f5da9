"""What every provider in the registry keeps to, the next one included."""

import socket
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import webapp.providers
from tests.providers.calling import say
from tests.providers.raw_server import RawServer, answer
from tests.providers.toss_attempts import EMPTY, authenticated
from tests.sandbox_server import RunningSandbox
from webapp.domain.clock import SystemClock
from webapp.domain.money import EXPONENTS, Money
from webapp.domain.reasons import Reason
from webapp.domain.states import PaymentStatus
from webapp.providers.http import HttpClient
from webapp.providers.port import (
    Attempt,
    EventRefused,
    PaymentRef,
    Provider,
    ProviderCrowded,
    ProviderError,
    ProviderUnavailable,
    RefundCall,
)
from webapp.providers.registry import PROVIDERS

FOLDERS = Path(webapp.providers.__path__[0])

#: How a buyer gets through this provider's own pages: provider → what she brings back (`paymentKey`).
#: A new provider adds its line, so that the whole payment below is tried with it.
BUYERS: Mapping[str, Callable[..., dict[str, Any]]] = {"toss": authenticated}

Verb = Callable[[Provider, Attempt], object]


def _refund(provider: Provider, attempt: Attempt) -> object:
    call = RefundCall(
        provider_ref=attempt.provider_ref or "",
        order_ref=attempt.order_ref,
        key_pair=attempt.key_pair,
        amount=None,
        reason="asked for",
        idempotency_key="refund-1",
    )
    return provider.refund(call)


def _fetch(provider: Provider, attempt: Attempt) -> object:
    return provider.fetch(
        PaymentRef(provider_ref=attempt.provider_ref, order_ref=attempt.order_ref, key_pair=attempt.key_pair)
    )


def _list(provider: Provider, _attempt: Attempt) -> object:
    now = datetime.now(UTC)
    return list(provider.list_between(now - timedelta(hours=1), now))


def _confirm(provider: Provider, attempt: Attempt) -> object:
    return provider.confirm(attempt, idempotency_key="confirm-1")


CALLS: dict[str, Verb] = {"confirm": _confirm, "fetch": _fetch, "refund": _refund, "list_between": _list}


@pytest.fixture(params=sorted(PROVIDERS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=sorted(CALLS))
def verb(request: pytest.FixtureRequest) -> Verb:
    return CALLS[request.param]


def built(name: str, origin: str, http: HttpClient | None = None, **env: str) -> Provider:
    config = PROVIDERS[name].Config.from_env(env, sandbox_origin=origin)
    assert config.problems() == []
    return PROVIDERS[name].build(config, http or HttpClient(), SystemClock())


def led_to(name: str, url: str, http: HttpClient | None = None) -> Provider:
    """The provider with the sandbox's keys, its API at another address."""
    return built(name, "http://localhost:1", http, **{f"{name.upper()}_API_BASE": url})


def attempt_for(provider: Provider, **change: Any) -> Attempt:
    currency = "KRW" if "KRW" in provider.capabilities.currencies else min(provider.capabilities.currencies)
    pair = provider.default_key_pair(page=True)
    basics = replace(EMPTY, amount=Money(13000, currency), key_pair=pair, provider_ref="ref_1")
    return replace(basics, **change)


def test_a_folder_holds_what_the_house_expects(name: str) -> None:
    folder = FOLDERS / name
    for part in ("adapter.py", "mapping.py", "events.py", "config.py", "pane/pane.html", "pane/pane.js", "README.md"):
        assert (folder / part).is_file(), part
    assert import_module(f"webapp.providers.{name}.emulator").build


def test_its_codes_agree_with_the_documented_ones(name: str) -> None:
    codes = PROVIDERS[name].codes
    assert codes.audit() == []
    assert codes.reason_for_fail_url("NOBODY_HAS_SEEN_THIS") is Reason.UNKNOWN
    assert codes.hint_for("NOBODY_HAS_SEEN_THIS", "ko") == ""


def test_without_keys_it_is_not_configured_and_the_sandbox_plays_it(name: str) -> None:
    folder = PROVIDERS[name]
    assert not folder.Config.is_configured({})
    config = folder.Config.from_env({}, sandbox_origin="http://localhost:3001")
    assert (config.problems(), config.mode) == ([], "sandbox")


def test_it_says_what_it_can_do(name: str) -> None:
    provider = built(name, "http://localhost:3001")
    can = provider.capabilities
    assert (provider.name, provider.mode) == (name, "sandbox")
    assert can.currencies
    assert can.currencies <= set(EXPONENTS)
    for page in (True, False):
        assert provider.default_key_pair(page=page) in (can.key_pairs or ("",))
    assert can.sources.script


def test_opening_gives_the_page_everything_and_no_secret(name: str, sandbox: RunningSandbox) -> None:
    provider = built(name, sandbox.origin)
    opened = provider.open(attempt_for(provider, provider_ref=None), idempotency_key="open-1")
    for file in (opened.pane.template, opened.pane.script):
        folder, _, rest = file.partition("/")
        assert (FOLDERS / folder / "pane" / rest).is_file()
    assert all(isinstance(value, str) for value in opened.pane.values.values())
    origin = "/".join(opened.pane.sdk_url.split("/")[:3])
    assert origin in provider.capabilities.sources.script
    shown = f"{opened.pane} {opened.client}"
    assert "_sk_" not in shown
    assert "_gsk_" not in shown
    assert "whsec_" not in shown


def test_fm_02_a_closed_port_is_told_as_nothing_sent(name: str, verb: Verb) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    provider = led_to(name, f"http://127.0.0.1:{port}")
    with pytest.raises(ProviderUnavailable) as caught:
        verb(provider, attempt_for(provider))
    assert not caught.value.sent


def test_a_full_bulkhead_is_told_at_once(name: str, verb: Verb) -> None:
    provider = led_to(name, "http://127.0.0.1:9", HttpClient(limit=0))
    with pytest.raises(ProviderCrowded):
        verb(provider, attempt_for(provider))


NONSENSE = {
    "empty": answer(b""),
    "html": answer(b"<!doctype html><h1>Hello</h1>", headers="Content-Type: text/html\r\n"),
    "null": answer(b"null"),
    "text": answer(b'"ok"'),
    "number": answer(b"1"),
    "empty object": answer(b"{}"),
    "list of nothing known": answer(b'[{"a":1}]'),
    "cut json": answer(b'{"status":"DO'),
    "not utf-8": answer(b'{"status":"\xff"}'),
    "deep": answer(b"[" * 5000 + b"]" * 5000),
    "redirect": answer(b"", "302 Found", "Location: /elsewhere\r\n"),
    "no content": answer(b"", "204 No Content"),
    "bare 401": answer(b"", "401 Unauthorized"),
    "bare 404": answer(b"", "404 Not Found"),
    "bad gateway": answer(b"<html>", "502 Bad Gateway"),
    "unknown code": answer(b'{"code":"NOBODY_HAS_SEEN_THIS","message":"m"}', "400 Bad Request"),
}


@pytest.mark.parametrize("kind", sorted(NONSENSE))
def test_fm_69_nonsense_ends_in_a_provider_error_and_in_nothing_else(name: str, verb: Verb, kind: str) -> None:
    with RawServer(say(NONSENSE[kind])) as server:
        provider = led_to(name, server.url)
        with pytest.raises(ProviderError):
            verb(provider, attempt_for(provider))
    assert len(server.requests) == 1, "a call that failed is not repeated by itself"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"a":1,"a":2}', b"x" * 300_000])
def test_fm_48_hostile_events_are_refused(name: str, body: bytes) -> None:
    with pytest.raises(EventRefused):
        built(name, "http://localhost:3001").parse_event(body, {})


def test_every_provider_has_a_buyer_for_these_tests() -> None:
    assert set(BUYERS) == set(PROVIDERS)


def test_a_whole_payment_and_its_refund(name: str, sandbox: RunningSandbox) -> None:
    provider = built(name, sandbox.origin)
    came_back = BUYERS[name](sandbox)
    attempt = attempt_for(provider, provider_ref=came_back["paymentKey"], order_ref=came_back["orderId"])
    before = datetime.now(UTC)
    for _ in range(3):
        paid = provider.confirm(attempt, idempotency_key="confirm-1")
        assert (paid.status, paid.captured) == (PaymentStatus.COMPLETED, attempt.amount)
        assert (paid.provider_ref, paid.order_ref) == (attempt.provider_ref, attempt.order_ref)
        assert before <= paid.asked_at <= datetime.now(UTC)
    by_order = provider.fetch(PaymentRef(provider_ref=None, order_ref=attempt.order_ref, key_pair=attempt.key_pair))
    assert by_order is not None
    assert by_order.status is PaymentStatus.COMPLETED
    assert provider.fetch(PaymentRef(provider_ref="ref_x", order_ref="ord_unknown", key_pair=attempt.key_pair)) is None
    _refund(provider, attempt)
    _fetched = _fetch(provider, attempt)
    assert _fetched is not None
    listed = list(provider.list_between(before - timedelta(minutes=1), datetime.now(UTC) + timedelta(minutes=1)))
    assert [(found.status, found.refunded) for found in listed] == [(PaymentStatus.REFUNDED, attempt.amount)]
    assert len([payment for payment in sandbox.ledger()["payments"] if payment["captured"]]) == 1
    assert len(sandbox.ledger()["refunds"]) == 1
