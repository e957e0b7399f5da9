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
from tests.providers.steered import Buyer, is_steered, steered
from tests.providers.toss_attempts import EMPTY, authenticated
from tests.sandbox_server import RunningSandbox
from webapp.domain.clock import SystemClock
from webapp.domain.money import EXPONENTS, Money
from webapp.domain.reasons import Reason
from webapp.domain.snapshots import PaymentSnapshot
from webapp.domain.states import PaymentStatus
from webapp.providers.http import HttpClient
from webapp.providers.port import (
    Attempt,
    CloseCall,
    ClosesAttempts,
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


def _at_toss(sandbox: RunningSandbox, attempt: Attempt) -> str:
    return str(authenticated(sandbox, order_id=attempt.order_ref, amount=attempt.amount.minor)["paymentKey"])


def _at_stripe(sandbox: RunningSandbox, attempt: Attempt) -> str:
    return str(sandbox.stripe_pay(payment_intent=attempt.provider_ref)["paymentIntent"])


#: How a buyer gets through this provider's own pages with an opened attempt: provider → the reference she brings back.
#: One whose emulator lets a buyer through by itself (`steered`) needs no line.
BUYERS: Mapping[str, Buyer] = {"toss": _at_toss, "stripe": _at_stripe}

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


def _open(provider: Provider, attempt: Attempt) -> object:
    return provider.open(replace(attempt, provider_ref=None), idempotency_key="open-1")


def _close(provider: Provider, attempt: Attempt) -> object:
    assert isinstance(provider, ClosesAttempts)
    call = CloseCall(
        provider_ref=attempt.provider_ref or "",
        order_ref=attempt.order_ref,
        key_pair=attempt.key_pair,
        idempotency_key="close-1",
    )
    return provider.close(call)


CALLS: dict[str, Verb] = {"confirm": _confirm, "fetch": _fetch, "refund": _refund, "list_between": _list}
#: Asked of the provider too, where the browser's own call takes the money.
MORE_CALLS: dict[str, Verb] = {"open": _open, "close": _close}


@pytest.fixture(params=sorted(PROVIDERS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def charges_in_browser(name: str) -> bool:
    """Whether opening makes a payment at the provider, which has to be closed there."""
    return not built(name, "http://localhost:1").capabilities.confirm_charges


def calls_of(name: str) -> dict[str, Verb]:
    """Everything that asks this provider something."""
    return CALLS | MORE_CALLS if charges_in_browser(name) else CALLS


def built(name: str, origin: str, http: HttpClient | None = None, **env: str) -> Provider:
    config = PROVIDERS[name].Config.from_env(env, sandbox_origin=origin)
    assert config.problems() == []
    return PROVIDERS[name].build(config, http or HttpClient(), SystemClock())


def led_to(name: str, url: str, http: HttpClient | None = None) -> Provider:
    """The provider with the sandbox's keys, its API at another address."""
    return built(name, "http://localhost:1", http, **{f"{name.upper()}_API_BASE": url})


def attempt_for(provider: Provider, **change: Any) -> Attempt:
    currency = min(provider.capabilities.currencies)
    pair = provider.default_key_pair(page=True)
    basics = replace(EMPTY, amount=Money(13000, currency), key_pair=pair, provider_ref="pi_3SomeReference")
    return replace(basics, **change)


each_call = pytest.mark.parametrize(
    "name, call", [(name, call) for name in sorted(PROVIDERS) for call in calls_of(name)]
)


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
    shown = f"{opened.pane} {dict(opened.pane.values)} {dict(opened.client)}"
    assert "_sk_" not in shown
    assert "sk_test" not in shown
    assert "_gsk_" not in shown
    assert "whsec_" not in shown


@each_call
def test_fm_02_a_closed_port_is_told_as_nothing_sent(name: str, call: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    provider = led_to(name, f"http://127.0.0.1:{port}")
    with pytest.raises(ProviderUnavailable) as caught:
        calls_of(name)[call](provider, attempt_for(provider))
    assert not caught.value.sent


@each_call
def test_a_full_bulkhead_is_told_at_once(name: str, call: str) -> None:
    provider = led_to(name, "http://127.0.0.1:9", HttpClient(limit=0))
    with pytest.raises(ProviderCrowded):
        calls_of(name)[call](provider, attempt_for(provider))


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
@each_call
def test_fm_69_nonsense_ends_in_a_provider_error_and_in_nothing_else(name: str, call: str, kind: str) -> None:
    with RawServer(say(NONSENSE[kind])) as server:
        provider = led_to(name, server.url)
        with pytest.raises(ProviderError):
            calls_of(name)[call](provider, attempt_for(provider))
    assert len(server.requests) == 1, "a call that failed is not repeated by itself"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"a":1,"a":2}', b"x" * 300_000])
def test_fm_48_hostile_events_are_refused(name: str, body: bytes) -> None:
    with pytest.raises(EventRefused):
        built(name, "http://localhost:3001").parse_event(body, {})


def test_every_provider_has_a_buyer_for_these_tests(sandbox: RunningSandbox) -> None:
    assert set(BUYERS) <= set(PROVIDERS)
    assert [name for name in PROVIDERS if name not in BUYERS and not is_steered(sandbox, name)] == []


def through_checkout(name: str, provider: Provider, sandbox: RunningSandbox) -> Attempt:
    """An attempt that was opened, and whose buyer has come back."""
    begun = attempt_for(provider, provider_ref=None)
    opened = provider.open(begun, idempotency_key="open-1")
    begun = replace(begun, provider_ref=opened.provider_ref)
    return replace(begun, provider_ref=BUYERS.get(name, steered(name))(sandbox, begun))


def test_a_whole_payment_and_its_refund(name: str, sandbox: RunningSandbox) -> None:
    provider = built(name, sandbox.origin)
    before = datetime.now(UTC)
    attempt = through_checkout(name, provider, sandbox)
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
    listed = list(provider.list_between(before - timedelta(minutes=1), datetime.now(UTC) + timedelta(minutes=1)))
    assert [(found.status, found.refunded) for found in listed] == [(PaymentStatus.REFUNDED, attempt.amount)]
    assert len([payment for payment in sandbox.ledger()["payments"] if payment["captured"]]) == 1
    assert len(sandbox.ledger()["refunds"]) == 1


def test_opening_twice_makes_at_most_one_payment_and_takes_nothing(name: str, sandbox: RunningSandbox) -> None:
    provider = built(name, sandbox.origin)
    begun = attempt_for(provider, provider_ref=None)
    first, again = (provider.open(begun, idempotency_key="open-1") for _ in range(2))
    assert (first.provider_ref, first.client) == (again.provider_ref, again.client)
    taken = [payment["captured"] for payment in sandbox.ledger()["payments"]]
    state = first.snapshot and (first.snapshot.status, first.snapshot.payable, first.snapshot.provider_ref)
    made = (PaymentStatus.PENDING, True, first.provider_ref)
    assert (taken, state) == (([0], made) if charges_in_browser(name) else ([], None))


def test_only_what_the_browser_charges_has_to_be_closed(name: str) -> None:
    assert isinstance(built(name, "http://localhost:1"), ClosesAttempts) is charges_in_browser(name)


@pytest.mark.parametrize("name", [name for name in sorted(PROVIDERS) if charges_in_browser(name)])
def test_a_closed_payment_stays_closed(name: str, sandbox: RunningSandbox) -> None:
    provider = built(name, sandbox.origin)
    begun = attempt_for(provider, provider_ref=None)
    begun = replace(begun, provider_ref=provider.open(begun, idempotency_key="open-1").provider_ref)
    for _ in range(2):
        closed = _close(provider, begun)
        assert isinstance(closed, PaymentSnapshot)
        assert (closed.status, closed.captured.minor) == (PaymentStatus.CANCELED, 0)
    assert sandbox.ledger()["payments"][0]["captured"] == 0
