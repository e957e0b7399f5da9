"""What is made of every answer of Stripe's that is no good one, on every call."""

from typing import Any

import pytest

from tests.providers.calling import say
from tests.providers.raw_server import RawServer, answer
from tests.providers.stripe_attempts import attempt, led_to, paid, ref, refund_of
from tests.providers.stripe_calls import NOTHING, VERBS, Verb, as_json, error
from tests.providers.stripe_intents import INTENT, SECRET, intent
from tests.sandbox_server import RunningSandbox
from webapp.domain.money import Money
from webapp.domain.reasons import Reason
from webapp.providers.port import ProviderRefused, ProviderUnclear
from webapp.providers.stripe.adapter import Stripe


@pytest.fixture(params=sorted(VERBS))
def verb(request: pytest.FixtureRequest) -> Verb:
    return VERBS[request.param]


@pytest.fixture
def provider(sandbox: RunningSandbox) -> Stripe:
    return led_to(f"{sandbox.origin}/stripe")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!doctype html><h1>Hello</h1>",
        b"null",
        b'"ok"',
        b"[]",
        b"1",
        b"{}",
        b'{"object":7}',
        b'{"object":"list"}',
        b'{"object":"list","data":{},"has_more":false}',
        b'{"object":"list","data":[7],"has_more":false}',
        b'{"object":"list","data":[],"has_more":"no"}',
        b'{"object":"payment_intent"}',
        b'{"object":"refund"}',
        b'{"object":"pay',
        b'{"object":"\xff"}',
        b'{"object":"payment_intent","object":"payment_intent"}',
        b'{"object":"payment_intent","amount":NaN}',
        b"[" * 5000 + b"]" * 5000,
    ],
    ids=range(19),
)
def test_fm_69_nonsense_is_unclear_on_every_call(verb: Verb, body: bytes) -> None:
    with RawServer(say(answer(body))) as server, pytest.raises(ProviderUnclear):
        verb(led_to(server.url))
    assert len(server.requests) == 1, "a call that failed is not repeated by itself"


@pytest.mark.parametrize(
    "change",
    [
        {"amount": "1000"},
        {"amount": 1000.5},
        {"amount": None},
        {"amount_received": True},
        {"currency": 840},
        {"currency": None},
        {"id": None},
        {"id": ["x"]},
        {"livemode": None},
        {"livemode": "false"},
        {"object": "charge"},
        {"latest_charge": {"object": ["charge"]}, "amount_received": 5},
        {"metadata": {"object": {"x": 1}}, "amount": -1},
    ],
)
def test_fm_69_an_intent_that_cannot_be_read_is_unclear(change: dict[str, Any]) -> None:
    with RawServer(say(as_json(NOTHING | change))) as server:
        for name in ("create", "open again", "confirm", "fetch", "close"):
            with pytest.raises(ProviderUnclear):
                VERBS[name](led_to(server.url))


@pytest.mark.parametrize("secret", [None, "", 7, "x" * 501, SECRET.replace(INTENT, "pi_3Another"), "secret"])
def test_without_a_client_secret_of_its_own_there_is_nothing_to_open(secret: object) -> None:
    with (
        RawServer(say(as_json(NOTHING | {"client_secret": secret}))) as server,
        pytest.raises(ProviderUnclear, match="nonsense_answer"),
    ):
        VERBS["create"](led_to(server.url))


def test_fm_60_an_answer_about_something_else_is_alarming(provider: Stripe, sandbox: RunningSandbox) -> None:
    begun = paid(provider, sandbox)
    for patch in ({"id": "pi_3TnQv2LkdAnother"}, {"metadata": {"order_id": "ord_another"}}, {"metadata": None}):
        sandbox.fault(provider="stripe", call="lookup", patch=patch)
        with pytest.raises(ProviderUnclear, match="foreign_answer") as caught:
            provider.confirm(begun, idempotency_key="k")
        assert caught.value.alarming
    sandbox.fault(provider="stripe", call="lookup", patch={"id": "pi_3TnQv2LkdAnother"})
    with pytest.raises(ProviderUnclear, match="foreign_answer"):
        provider.fetch(ref(begun.provider_ref))
    sandbox.fault(provider="stripe", call="create", patch={"metadata": {"order_id": "ord_another"}})
    with pytest.raises(ProviderUnclear, match="foreign_answer"):
        provider.open(attempt(order_ref="ord_mine_mine"), idempotency_key="open-2")
    sandbox.fault(provider="stripe", call="refund", patch={"payment_intent": "pi_3TnQv2LkdAnother"})
    with pytest.raises(ProviderUnclear, match="foreign_answer"):
        provider.refund(refund_of(begun, 300))


def test_fm_60_a_search_that_finds_another_order_is_alarming() -> None:
    found = {"object": "search_result", "data": [intent(metadata={"order_id": "ord_another"})], "has_more": False}
    with RawServer(say(as_json(found))) as server, pytest.raises(ProviderUnclear, match="foreign_answer") as caught:
        VERBS["search"](led_to(server.url))
    assert caught.value.alarming


@pytest.mark.parametrize("name", ["create", "open again", "confirm", "fetch", "close"])
def test_fm_64_an_answer_of_the_other_mode_is_alarming(name: str) -> None:
    with RawServer(say(as_json(NOTHING | {"livemode": True}))) as server:
        with pytest.raises(ProviderUnclear, match="other_mode") as caught:
            VERBS[name](led_to(server.url))
        assert caught.value.alarming


def test_fm_57_another_sum_is_told_not_judged(provider: Stripe, sandbox: RunningSandbox) -> None:
    begun = paid(provider, sandbox)
    sandbox.fault(provider="stripe", call="lookup", patch={"amount": 999, "amount_received": 999})
    assert provider.confirm(begun, idempotency_key="k").captured == Money(999, "USD")


@pytest.mark.parametrize(
    "status", ["201 Created", "204 No Content", "302 Found", "401 Unauthorized", "404 Not Found", "418 Teapot"]
)
def test_a_bare_answer_of_another_kind_is_a_persons_matter(verb: Verb, status: str) -> None:
    with RawServer(say(answer(b"", status, "Location: /elsewhere\r\n"))) as server:
        with pytest.raises(ProviderUnclear) as caught:
            verb(led_to(server.url))
        assert (caught.value.code, caught.value.alarming) == (f"http_{status[:3]}", True)
    assert len(server.requests) == 1, "redirects are not followed"


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request", "403 Forbidden", "500 Oops"])
def test_fm_03_not_found_is_believed_only_as_a_404(status: str) -> None:
    with RawServer(say(error(status, code="resource_missing"))) as server, pytest.raises(ProviderUnclear):
        led_to(server.url).fetch(ref(INTENT, None))


def test_fm_03_a_real_not_found_is_none() -> None:
    with RawServer(say(error("404 Not Found", code="resource_missing"))) as server:
        assert led_to(server.url).fetch(ref(INTENT, None)) is None


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
@pytest.mark.parametrize("code", [None, "api_key_expired", "amount_too_small", "nobody_has_seen_this"])
def test_fm_70_refused_keys_are_a_persons_matter_whatever_the_code(verb: Verb, status: str, code: str | None) -> None:
    with RawServer(say(error(status, **({"code": code} if code else {})))) as server:
        with pytest.raises(ProviderUnclear) as caught:
            verb(led_to(server.url))
        assert caught.value.alarming
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "code, reason",
    [("amount_too_small", Reason.AMOUNT_RULES), ("amount_too_large", Reason.AMOUNT_RULES)],
)
def test_a_sum_that_stripe_does_not_take_is_a_definite_no(code: str, reason: Reason) -> None:
    with RawServer(say(error("400 Bad Request", code=code))) as server, pytest.raises(ProviderRefused) as caught:
        VERBS["create"](led_to(server.url))
    assert (caught.value.refusal.code, caught.value.refusal.reason) == (code, reason)
    assert caught.value.evidence == {"code": code, "status": 400}


def test_stripes_own_minimum_is_judged_by_stripe(provider: Stripe) -> None:
    with pytest.raises(ProviderRefused) as caught:
        provider.open(attempt(amount=Money(1, "USD")), idempotency_key="open-1")
    assert (caught.value.refusal.code, caught.value.refusal.reason) == ("amount_too_small", Reason.AMOUNT_RULES)


def test_fm_05_a_code_nobody_has_seen_is_unknown_and_alarming(verb: Verb) -> None:
    with RawServer(say(error("400 Bad Request", code="brand_new_code"))) as server:
        with pytest.raises(ProviderUnclear) as caught:
            verb(led_to(server.url))
        assert (caught.value.code, caught.value.alarming) == ("brand_new_code", True)


def test_a_key_that_came_with_another_request_is_a_persons_matter(provider: Stripe, sandbox: RunningSandbox) -> None:
    provider.open(attempt(), idempotency_key="open-1")
    with pytest.raises(ProviderUnclear, match="idempotency_error") as caught:
        provider.open(attempt(amount=Money(2000, "USD")), idempotency_key="open-1")
    assert caught.value.alarming
    assert len(sandbox.ledger()["payments"]) == 1


def test_every_request_is_pinned_to_one_version_of_the_api() -> None:
    with RawServer(say(as_json(NOTHING))) as server:
        VERBS["confirm"](led_to(server.url))
    assert b"Stripe-Version: 2026-10-28.endive\r\n" in server.requests[0]
    assert b"Authorization: Bearer sk_test_sandboxshop\r\n" in server.requests[0]
