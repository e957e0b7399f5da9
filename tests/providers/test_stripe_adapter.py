"""Opening, reading, closing and refunding against the emulator: what goes out and what comes back."""

from urllib.parse import parse_qs

import pytest

from tests.providers.stripe_attempts import attempt, close_of, led_to, made, paid, ref, refund_of
from tests.providers.stripe_intents import ORDER
from tests.sandbox_server import RunningSandbox
from webapp.domain.money import Money
from webapp.domain.reasons import Reason, RefusalKind
from webapp.domain.states import PaymentStatus
from webapp.providers.port import ProviderRefused, ProviderUnclear
from webapp.providers.stripe.adapter import Stripe

S = PaymentStatus
DECLINED, INSUFFICIENT, THREE_D = "4000000000000002", "4000000000009995", "4000002500003155"


@pytest.fixture
def provider(sandbox: RunningSandbox) -> Stripe:
    """Stripe, led to the sandbox."""
    return led_to(f"{sandbox.origin}/stripe")


def test_opening_makes_one_intent_with_what_we_stored(provider: Stripe, sandbox: RunningSandbox) -> None:
    opened = provider.open(attempt(order_name="사주 리딩"), idempotency_key="open-1")
    (call,) = sandbox.calls("create")
    assert parse_qs(call["body"]) == {
        "amount": ["1000"],
        "currency": ["usd"],
        "automatic_payment_methods[enabled]": ["true"],
        "description": ["사주 리딩"],
        "metadata[order_id]": [ORDER],
        "metadata[payment_id]": ["8f14e45f-ceea-467f-a1c9-4f1c4f1c4f1c"],
        "expand[0]": ["latest_charge"],
    }
    assert call["idem_key"] == "open-1"
    assert opened.snapshot is not None
    assert (opened.snapshot.status, opened.snapshot.payable) == (S.PENDING, True)
    assert opened.snapshot.order_ref == ORDER
    assert opened.provider_ref == opened.snapshot.provider_ref


def test_opening_hands_the_browser_what_stripe_js_needs(provider: Stripe, sandbox: RunningSandbox) -> None:
    opened = provider.open(attempt(), idempotency_key="open-1")
    secret = str(opened.client["clientSecret"])
    assert secret.startswith(f"{opened.provider_ref}_secret_")
    assert opened.client == {"clientSecret": secret, "publishableKey": "pk_test_sandboxshop"}
    values = dict(opened.pane.values)
    assert values == {
        "kind": "form",
        "sdk-url": opened.pane.sdk_url,
        "publishable-key": "pk_test_sandboxshop",
        "client-secret": secret,
        "return-url": f"http://127.0.0.1:3000/payment/success?order={ORDER}",
        "order-id": ORDER,
        "amount": "1000",
        "currency": "USD",
        "locale": "en",
        "customer-email": "buyer@example.com",
        "customer-name": "",
    }
    assert "sk_test" not in repr(opened)


def test_the_return_address_keeps_what_it_had(provider: Stripe) -> None:
    opened = provider.open(attempt(success_url="https://shop.test/done?lang=ko"), idempotency_key="open-1")
    assert opened.pane.values["return-url"] == f"https://shop.test/done?lang=ko&order={ORDER}"


def test_the_same_opening_again_is_the_same_intent(provider: Stripe, sandbox: RunningSandbox) -> None:
    first = provider.open(attempt(), idempotency_key="open-1")
    again = provider.open(attempt(), idempotency_key="open-1")
    assert (first.provider_ref, first.client) == (again.provider_ref, again.client)
    assert len(sandbox.ledger()["payments"]) == 1


def test_a_reload_reads_the_intent_there_is(provider: Stripe, sandbox: RunningSandbox) -> None:
    first = provider.open(attempt(), idempotency_key="open-1")
    again = provider.open(attempt(provider_ref=first.provider_ref), idempotency_key="open-1")
    assert again.client == first.client
    assert [call["call"] for call in sandbox.ledger()["calls"]] == ["create", "lookup"]


def test_a_reload_in_the_middle_of_the_banks_question_goes_on_with_it(
    provider: Stripe, sandbox: RunningSandbox
) -> None:
    begun = paid(provider, sandbox, buyer={"card": THREE_D, "challenge": "abandon"})
    opened = provider.open(begun, idempotency_key="open-1")
    assert opened.snapshot is not None
    assert (opened.snapshot.word, opened.snapshot.payable) == ("requires_action", True)
    assert opened.pane.values["kind"] == "action"


@pytest.mark.parametrize("state", ["paid", "canceled", "processing"])
def test_opening_what_is_over_says_so(provider: Stripe, sandbox: RunningSandbox, state: str) -> None:
    if state == "canceled":
        begun = made(provider)
        sandbox.stripe_cancel(payment_intent=begun.provider_ref)
    else:
        begun = paid(provider, sandbox, buyer={"method": "bank_debit"} if state == "processing" else {})
    opened = provider.open(begun, idempotency_key="open-1")
    assert opened.snapshot is not None
    wanted = {"paid": S.COMPLETED, "canceled": S.CANCELED, "processing": S.PROCESSING}
    assert (opened.snapshot.status, opened.snapshot.payable) == (wanted[state], False)


def test_confirming_only_reads(provider: Stripe, sandbox: RunningSandbox) -> None:
    begun = paid(provider, sandbox)
    found = provider.confirm(begun, idempotency_key="confirm-1")
    assert (found.status, found.captured, found.method) == (S.COMPLETED, Money(1000, "USD"), "card")
    assert (found.provider_ref, found.order_ref) == (begun.provider_ref, ORDER)
    assert found.approved_at is not None
    assert found.receipt_url is not None
    call = sandbox.calls("lookup")[-1]
    assert (call["changing"], call["idem_key"] or "") == (0, "")


def test_nothing_is_taken_before_the_buyer_has_paid(provider: Stripe) -> None:
    found = provider.confirm(made(provider), idempotency_key="confirm-1")
    assert (found.status, found.captured.minor, found.refusal) == (S.PENDING, 0, None)


@pytest.mark.parametrize("card, reason", [(DECLINED, Reason.DECLINED), (INSUFFICIENT, Reason.INSUFFICIENT_FUNDS)])
def test_a_declined_card_leaves_the_same_intent_payable(
    provider: Stripe, sandbox: RunningSandbox, card: str, reason: Reason
) -> None:
    begun = paid(provider, sandbox, buyer={"card": card})
    found = provider.confirm(begun, idempotency_key="confirm-1")
    assert (found.status, found.payable, found.refusal and found.refusal.reason) == (S.PENDING, True, reason)
    first = found.evidence["last_payment_error"]
    sandbox.stripe_pay(payment_intent=begun.provider_ref, card=card)
    assert provider.confirm(begun, idempotency_key="confirm-1").evidence["last_payment_error"] != first
    sandbox.stripe_pay(payment_intent=begun.provider_ref)
    assert provider.confirm(begun, idempotency_key="confirm-1").status is S.COMPLETED


@pytest.mark.parametrize(
    "challenge, status, reason",
    [("pass", S.COMPLETED, None), ("fail", S.PENDING, Reason.AUTHENTICATION), ("abandon", S.PENDING, None)],
)
def test_the_banks_question_is_passed_failed_or_left(
    provider: Stripe, sandbox: RunningSandbox, challenge: str, status: PaymentStatus, reason: Reason | None
) -> None:
    begun = paid(provider, sandbox, buyer={"card": THREE_D, "challenge": challenge})
    found = provider.confirm(begun, idempotency_key="confirm-1")
    assert (found.status, found.refusal and found.refusal.reason) == (status, reason)


@pytest.mark.parametrize("outcome, status", [("succeeded", S.COMPLETED), ("failed", S.PENDING)])
def test_a_bank_debit_is_on_its_way_until_the_bank_has_spoken(
    provider: Stripe, sandbox: RunningSandbox, outcome: str, status: PaymentStatus
) -> None:
    begun = paid(provider, sandbox, buyer={"method": "bank_debit"})
    assert provider.confirm(begun, idempotency_key="confirm-1").status is S.PROCESSING
    sandbox.stripe_bank(payment_intent=begun.provider_ref, outcome=outcome)
    found = provider.confirm(begun, idempotency_key="confirm-1")
    assert found.status is status
    assert found.payable is (status is S.PENDING)


def test_a_dispute_is_seen(provider: Stripe, sandbox: RunningSandbox) -> None:
    begun = paid(provider, sandbox)
    sandbox.stripe_dispute(payment_intent=begun.provider_ref)
    found = provider.confirm(begun, idempotency_key="confirm-1")
    assert (found.status, found.disputed) == (S.COMPLETED, True)
    with pytest.raises(ProviderRefused) as caught:
        provider.refund(refund_of(begun, None))
    assert caught.value.refusal.reason is Reason.DECLINED


@pytest.mark.parametrize("intent", [None, "", "pi_", "pi_../..", "ch_3TnQv2LkdIwHu7ix", "pi_3TnQv2LkdNobodyKnows"])
def test_an_intent_that_we_made_and_that_is_not_there_is_a_persons_matter(
    provider: Stripe, sandbox: RunningSandbox, intent: str | None
) -> None:
    with pytest.raises(ProviderUnclear, match="no_such_intent") as caught:
        provider.confirm(attempt(provider_ref=intent), idempotency_key="k")
    assert caught.value.alarming
    if intent is not None:
        with pytest.raises(ProviderUnclear, match="no_such_intent"):
            provider.open(attempt(provider_ref=intent), idempotency_key="k")
    with pytest.raises(ProviderUnclear, match="no_such_intent"):
        provider.close(close_of(attempt(provider_ref=intent)))


def test_a_look_up_goes_by_intent_then_by_order(provider: Stripe, sandbox: RunningSandbox) -> None:
    begun = paid(provider, sandbox)
    for intent in (begun.provider_ref, None, "pi_3TnQv2LkdNobodyKnows", "impossible id"):
        found = provider.fetch(ref(intent))
        assert found is not None
        assert (found.provider_ref, found.status) == (begun.provider_ref, S.COMPLETED)
    assert provider.fetch(ref("pi_3TnQv2LkdNobodyKnows", None)) is None
    assert provider.fetch(ref(None, "ord_never_heard_of")) is None
    assert provider.fetch(ref(None, None)) is None


@pytest.mark.parametrize("order", ["", "ord", "x' OR status:'succeeded", "ord_Kb7vNs2c\\'", "o" * 65])
def test_an_order_id_that_is_none_never_reaches_the_search(
    provider: Stripe, sandbox: RunningSandbox, order: str
) -> None:
    paid(provider, sandbox)
    assert provider.fetch(ref(None, order)) is None
    assert sandbox.calls("search") == []


def test_fm_60_a_strangers_intent_is_found_under_its_own_order(provider: Stripe, sandbox: RunningSandbox) -> None:
    stranger = paid(provider, sandbox, order_ref="ord_somebody_else")
    with pytest.raises(ProviderUnclear, match="foreign_answer") as caught:
        provider.confirm(attempt(provider_ref=stranger.provider_ref), idempotency_key="k")
    assert caught.value.alarming
    with pytest.raises(ProviderUnclear, match="foreign_answer"):
        provider.open(attempt(provider_ref=stranger.provider_ref), idempotency_key="k")
    found = provider.fetch(ref(stranger.provider_ref))
    assert found is not None
    assert (found.order_ref, found.status) == ("ord_somebody_else", S.COMPLETED)


def test_of_two_intents_for_one_order_the_paid_one_is_found(provider: Stripe, sandbox: RunningSandbox) -> None:
    begun = paid(provider, sandbox)
    provider.open(attempt(), idempotency_key="another")
    found = provider.fetch(ref(None))
    assert found is not None
    assert found.provider_ref == begun.provider_ref


def test_closing_ends_the_intent_unpaid(provider: Stripe, sandbox: RunningSandbox) -> None:
    begun = made(provider)
    assert provider.close(close_of(begun)).status is S.CANCELED
    assert provider.close(close_of(begun)).status is S.CANCELED, "the same key is replayed"
    assert provider.close(close_of(begun, "close-2")).status is S.CANCELED, "and what is closed stays closed"
    call = sandbox.calls("cancel")[0]
    assert (call["idem_key"], parse_qs(call["body"])["cancellation_reason"]) == ("close-1", ["abandoned"])


def test_fm_22_closing_what_is_paid_says_that_it_is_paid(provider: Stripe, sandbox: RunningSandbox) -> None:
    found = provider.close(close_of(paid(provider, sandbox)))
    assert (found.status, found.captured) == (S.COMPLETED, Money(1000, "USD"))


def test_closing_in_the_middle_of_the_banks_question_ends_it(provider: Stripe, sandbox: RunningSandbox) -> None:
    begun = paid(provider, sandbox, buyer={"card": THREE_D, "challenge": "abandon"})
    assert provider.close(close_of(begun)).status is S.CANCELED


def test_what_the_bank_is_working_on_cannot_be_closed(provider: Stripe, sandbox: RunningSandbox) -> None:
    begun = paid(provider, sandbox, buyer={"method": "bank_debit"})
    assert provider.close(close_of(begun)).status in (S.PROCESSING, S.CANCELED)


def test_a_refund_goes_out_with_the_key_it_was_given(provider: Stripe, sandbox: RunningSandbox) -> None:
    begun = paid(provider, sandbox)
    found = provider.refund(refund_of(begun, 300, "r-1", reason="고객 요청"))
    assert (found.status, found.refunded) == (S.PARTIALLY_REFUNDED, Money(300, "USD"))
    assert [(refund.amount.minor, refund.succeeded) for refund in found.refunds] == [(300, True)]
    (call,) = sandbox.calls("refund")
    assert parse_qs(call["body"]) == {
        "payment_intent": [begun.provider_ref],
        "amount": ["300"],
        "metadata[reason]": ["고객 요청"],
    }
    assert call["idem_key"] == "r-1"


def test_fm_78_the_same_refund_again_is_replayed_not_repeated(provider: Stripe, sandbox: RunningSandbox) -> None:
    begun = paid(provider, sandbox)
    for _ in range(3):
        assert provider.refund(refund_of(begun, 300)).refunded == Money(300, "USD")
    assert provider.refund(refund_of(begun, None, "r-2")).status is S.REFUNDED
    assert [refund["amount"] for refund in sandbox.ledger()["refunds"]] == [300, 700]


def test_a_refund_without_an_amount_gives_back_what_is_left(provider: Stripe, sandbox: RunningSandbox) -> None:
    begun = paid(provider, sandbox)
    sandbox.stripe_refund(payment_intent=begun.provider_ref, amount=400)
    assert provider.refund(refund_of(begun, None)).status is S.REFUNDED
    with pytest.raises(ProviderRefused) as caught:
        provider.refund(refund_of(begun, None, "r-2"))
    assert caught.value.refusal.reason is Reason.AMOUNT_RULES


def test_a_refund_that_waits_is_under_way(provider: Stripe, sandbox: RunningSandbox) -> None:
    begun = paid(provider, sandbox, buyer={"card": "4000000000007726"})
    found = provider.refund(refund_of(begun, 300))
    assert (found.status, found.refunded.minor) == (S.COMPLETED, 0)
    assert [(refund.succeeded, refund.under_way) for refund in found.refunds] == [(False, True)]


@pytest.mark.parametrize("intent", [None, "", "pi_", "pi_../.."])
def test_fm_09_a_refund_of_an_impossible_intent_is_refused_without_asking(
    provider: Stripe, sandbox: RunningSandbox, intent: str | None
) -> None:
    with pytest.raises(ProviderRefused) as caught:
        provider.refund(refund_of(attempt(provider_ref=intent), 300))
    assert caught.value.refusal.kind is RefusalKind.NOT_FOUND
    assert sandbox.ledger()["calls"] == []
