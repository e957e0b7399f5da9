"""Opening, confirming and looking up against the emulator: what goes out and what comes back."""

import json

import pytest

from tests.providers.toss_attempts import ORDER, attempt, authenticated, ref
from tests.sandbox_server import API_CLIENT, WIDGET_CLIENT, RunningSandbox
from webapp.domain.clock import SystemClock
from webapp.domain.money import Money
from webapp.domain.reasons import Reason, RefusalKind
from webapp.domain.states import PaymentStatus
from webapp.providers import toss
from webapp.providers.http import HttpClient
from webapp.providers.port import (
    Provider,
    ProviderRefused,
    ProviderUnclear,
)

S = PaymentStatus


@pytest.mark.parametrize("pair, client, kind", [("widget", WIDGET_CLIENT, "widget"), ("api", API_CLIENT, "window")])
def test_opening_hands_the_browser_what_toss_needs(
    provider: Provider, sandbox: RunningSandbox, pair: str, client: str, kind: str
) -> None:
    begun = attempt(key_pair=pair, order_name="가" * 150)
    opened = provider.open(begun, idempotency_key="k")
    assert opened.client["tossConfig"] == {
        "clientKey": client,
        "orderId": ORDER,
        "orderName": "가" * 100,
        "amount": 13000,
        "successUrl": begun.success_url,
        "failUrl": begun.fail_url,
        "customerKey": begun.customer_key,
    }
    assert (opened.pane.values["kind"], opened.pane.values["client-key"]) == (kind, client)
    assert opened.pane.sdk_url == f"{sandbox.origin}/toss/v2/standard"
    assert opened.provider_ref is None
    assert sandbox.ledger()["calls"] == []
    assert "sk_" not in repr(opened)


@pytest.mark.parametrize(
    "keys, page, json_calls",
    [(("widget", "api"), "widget", "api"), (("widget",), "widget", "widget"), (("api",), "api", "api")],
)
def test_the_page_prefers_the_widget_and_the_json_calls_the_api_pair(
    keys: tuple[str, ...], page: str, json_calls: str
) -> None:
    names = {"widget": "TOSS_WIDGET_", "api": "TOSS_C TOSS_S"}
    env = {
        name: value
        for name, value in toss.Config.SANDBOX_KEYS.items()
        if any(name.startswith(start) for key in keys for start in names[key].split())
    }
    found = toss.build(toss.Config.from_env(env, sandbox_origin=None), HttpClient(), SystemClock())
    assert found.capabilities.key_pairs == keys
    assert (found.default_key_pair(page=True), found.default_key_pair(page=False)) == (page, json_calls)


@pytest.mark.parametrize("pair", ["widget", "api"])
def test_fm_56_confirm_sends_what_we_stored_with_the_keys_that_took_it(
    provider: Provider, sandbox: RunningSandbox, pair: str
) -> None:
    came_back = authenticated(sandbox, pair=pair)
    found = provider.confirm(attempt(came_back, key_pair=pair), idempotency_key="confirm-1")
    assert (found.status, found.captured, found.key_pair) == (S.COMPLETED, Money(13000, "KRW"), pair)
    assert (found.provider_ref, found.order_ref) == (came_back["paymentKey"], ORDER)
    assert found.secret
    call = sandbox.calls("confirm")[0]
    assert '"amount":13000}' in call["body"]
    assert json.loads(call["body"]) == {"paymentKey": came_back["paymentKey"], "orderId": ORDER, "amount": 13000}
    assert call["idem_key"] == "confirm-1"


def test_the_other_key_pair_knows_nothing_of_a_payment(provider: Provider, sandbox: RunningSandbox) -> None:
    came_back = authenticated(sandbox, pair="widget")
    with pytest.raises(ProviderRefused) as caught:
        provider.confirm(attempt(came_back, key_pair="api"), idempotency_key="k")
    assert caught.value.refusal.kind is RefusalKind.NOT_FOUND
    assert provider.fetch(ref(came_back["paymentKey"], pair="api")) is None


@pytest.mark.parametrize("pair", ["", "api", "unheard-of"])
def test_a_key_pair_that_is_gone_is_a_persons_matter(sandbox: RunningSandbox, pair: str) -> None:
    env = {name: value for name, value in toss.Config.SANDBOX_KEYS.items() if "WIDGET" in name}
    env["TOSS_API_BASE"] = f"{sandbox.origin}/toss"
    without_api = toss.build(toss.Config.from_env(env, sandbox_origin=None), HttpClient(), SystemClock())
    paid = attempt(authenticated(sandbox), key_pair=pair)
    with pytest.raises(ProviderUnclear, match="no_keys") as caught:
        without_api.confirm(paid, idempotency_key="k")
    assert caught.value.alarming
    with pytest.raises(ProviderUnclear, match="no_keys"):
        without_api.fetch(ref("key", pair=pair))
    assert sandbox.ledger()["calls"] == []


def test_the_same_confirm_again_is_replayed_not_repeated(provider: Provider, sandbox: RunningSandbox) -> None:
    paid = attempt(authenticated(sandbox))
    first = provider.confirm(paid, idempotency_key="k")
    again = provider.confirm(paid, idempotency_key="k")
    assert first.provider_ref == again.provider_ref
    assert [call["applied"] for call in sandbox.calls("confirm")] == [1, 0]


def test_fm_04_already_processed_says_nothing_about_the_money(provider: Provider, sandbox: RunningSandbox) -> None:
    paid = attempt(authenticated(sandbox))
    provider.confirm(paid, idempotency_key="k")
    with pytest.raises(ProviderUnclear, match="ALREADY_PROCESSED_PAYMENT") as caught:
        provider.confirm(paid, idempotency_key="another")
    assert not caught.value.alarming


def test_fm_06_a_confirm_after_ten_minutes_is_expired(provider: Provider, sandbox: RunningSandbox) -> None:
    paid = attempt(authenticated(sandbox))
    sandbox.advance(601)
    with pytest.raises(ProviderRefused) as caught:
        provider.confirm(paid, idempotency_key="k")
    assert (caught.value.refusal.kind, caught.value.refusal.reason) == (RefusalKind.EXPIRED, Reason.EXPIRED)
    found = provider.fetch(ref(paid.provider_ref))
    assert found is not None
    assert found.status is S.EXPIRED


@pytest.mark.parametrize("key", [None, "", "..", "k" * 201, "a b"])
def test_fm_09_an_impossible_payment_key_is_refused_without_asking(
    provider: Provider, sandbox: RunningSandbox, key: str | None
) -> None:
    with pytest.raises(ProviderRefused) as caught:
        provider.confirm(attempt(provider_ref=key), idempotency_key="k")
    assert caught.value.refusal.kind is RefusalKind.NOT_FOUND
    assert sandbox.ledger()["calls"] == []


def test_fm_09_an_invented_payment_key_is_refused_by_toss(provider: Provider) -> None:
    with pytest.raises(ProviderRefused) as caught:
        provider.confirm(attempt(provider_ref="tviva_invented/../x?y#z"), idempotency_key="k")
    assert caught.value.refusal.kind is RefusalKind.NOT_FOUND


def test_fm_58_dollars_never_leave_for_toss(provider: Provider, sandbox: RunningSandbox) -> None:
    with pytest.raises(ProviderRefused) as caught:
        provider.confirm(attempt(authenticated(sandbox), amount=Money(1000, "USD")), idempotency_key="k")
    assert caught.value.refusal.kind is RefusalKind.MISUSED
    assert sandbox.calls("confirm") == []


@pytest.mark.parametrize(
    "card, reason",
    [("4500990000001007", Reason.DECLINED), ("4500990000002005", Reason.INSUFFICIENT_FUNDS)],
)
def test_a_declined_card_is_a_definite_no(
    provider: Provider, sandbox: RunningSandbox, card: str, reason: Reason
) -> None:
    paid = attempt(authenticated(sandbox, method="CARD", card=card))
    with pytest.raises(ProviderRefused) as caught:
        provider.confirm(paid, idempotency_key="k")
    assert (caught.value.refusal.reason, caught.value.refusal.kind) == (reason, RefusalKind.DECLINED)
    found = provider.fetch(ref(paid.provider_ref))
    assert found is not None
    assert (found.status, found.refusal and found.refusal.reason) == (S.FAILED, reason)


def test_fm_60_a_foreign_key_is_found_under_its_own_order(provider: Provider, sandbox: RunningSandbox) -> None:
    stranger = authenticated(sandbox, order_id="ord_somebody_else")
    with pytest.raises(ProviderUnclear):
        provider.confirm(attempt(stranger, order_ref=ORDER), idempotency_key="k")
    found = provider.fetch(ref(stranger["paymentKey"]))
    assert found is not None
    assert (found.order_ref, found.status) == ("ord_somebody_else", S.PENDING)


def test_a_look_up_falls_back_to_the_order_id(provider: Provider, sandbox: RunningSandbox) -> None:
    came_back = authenticated(sandbox)
    for key in (None, "not_a_known_key", "impossible key"):
        found = provider.fetch(ref(key))
        assert found is not None
        assert found.provider_ref == came_back["paymentKey"]
    assert provider.fetch(ref("not_a_known_key", None)) is None
    assert provider.fetch(ref(None, "ord_never_heard_of")) is None
    assert provider.fetch(ref(None, None)) is None


def test_a_virtual_account_waits_and_is_paid_later(provider: Provider, sandbox: RunningSandbox) -> None:
    paid = attempt(authenticated(sandbox, method="VIRTUAL_ACCOUNT"))
    found = provider.confirm(paid, idempotency_key="k")
    assert (found.status, found.captured.minor, found.method) == (S.AWAITING_DEPOSIT, 0, "virtual_account")
    assert found.deposit is not None
    assert found.deposit.bank
    assert found.deposit.due_at is not None
    assert found.secret
    sandbox.deposit(order_id=ORDER)
    later = provider.fetch(ref(paid.provider_ref))
    assert later is not None
    assert (later.status, later.captured.minor) == (S.COMPLETED, 13000)


def test_fm_75_an_account_past_its_due_date_is_expired_on_their_word(
    provider: Provider, sandbox: RunningSandbox
) -> None:
    paid = attempt(authenticated(sandbox, method="VIRTUAL_ACCOUNT"))
    provider.confirm(paid, idempotency_key="k")
    sandbox.advance(169 * 3600)
    found = provider.fetch(ref(paid.provider_ref))
    assert found is not None
    assert found.status is S.EXPIRED
