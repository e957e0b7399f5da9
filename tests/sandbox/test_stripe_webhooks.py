"""Webhooks: full events, signed anew for every try, judged by the official package's own check."""

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import stripe

from tests.sandbox.event_sink import EventSink
from tests.sandbox.stripe_client import ORDER, new_intent, paid_intent, stripe_api
from tests.sandbox_server import STRIPE_WEBHOOK_SECRET, RunningSandbox

HOUR = 3600


def opened(heard: tuple[dict[str, str], str], secret: str = STRIPE_WEBHOOK_SECRET) -> Any:
    """The event, if the official package takes its signature."""
    headers, body = heard
    check: Any = stripe.Webhook.construct_event
    return check(body, headers["stripe-signature"], secret, tolerance=10**9)


def heard_types(sandbox: RunningSandbox, sink: EventSink, count: int) -> list[str]:
    sandbox.wait_deliveries(count)
    return sorted(json.loads(body)["type"] for _, body in sink.heard)


def test_an_event_is_whole_and_signed(sandbox: RunningSandbox) -> None:
    with EventSink() as sink:
        sandbox.set_webhook(sink.url, provider="stripe")
        key = paid_intent(sandbox)
        assert heard_types(sandbox, sink, 1) == ["payment_intent.succeeded"]
        event = opened(sink.heard[0])
    assert (event.object, event.type, event.livemode) == ("event", "payment_intent.succeeded", False)
    assert (event.api_version, event.pending_webhooks) == ("2026-10-28.endive", 1)
    assert event.id.startswith("evt_")
    intent = event.data.object
    assert (intent.id, intent.status, intent.metadata["order_id"]) == (key, "succeeded", ORDER)
    delivery = sandbox.ledger()["deliveries"][0]
    assert (delivery["event_id"], delivery["response_status"]) == (event.id, 200)


def test_a_signature_holds_for_its_own_body_moment_and_secret_only(sandbox: RunningSandbox) -> None:
    with EventSink() as sink:
        sandbox.set_webhook(sink.url, provider="stripe")
        paid_intent(sandbox)
        sandbox.wait_deliveries(1)
    headers, body = sink.heard[0]
    parts = dict(part.split("=", 1) for part in headers["stripe-signature"].split(","))
    assert set(parts) == {"t", "v1", "v0"}
    assert int(parts["t"]) == pytest.approx(json.loads(body)["created"], abs=5)
    only_v0 = {"stripe-signature": f"t={parts['t']},v0={parts['v0']}"}
    for wrong in ((headers, body + " "), (only_v0, body)):
        with pytest.raises(stripe.SignatureVerificationError):
            opened(wrong)
    with pytest.raises(stripe.SignatureVerificationError):
        opened(sink.heard[0], "whsec_other")


def test_while_a_secret_is_rolled_both_sign(sandbox: RunningSandbox) -> None:
    sandbox.stripe_account(webhook_secrets=["whsec_old", "whsec_new"])
    with EventSink() as sink:
        sandbox.set_webhook(sink.url, provider="stripe")
        paid_intent(sandbox)
        sandbox.wait_deliveries(1)
    for secret in ("whsec_old", "whsec_new"):
        assert opened(sink.heard[0], secret).type == "payment_intent.succeeded"


def test_a_retry_is_signed_for_its_own_moment(sandbox: RunningSandbox) -> None:
    with EventSink(500, 302, 204) as sink:
        sandbox.set_webhook(sink.url, provider="stripe")
        paid_intent(sandbox)
        sandbox.wait_deliveries(1)
        for tries, wait in ((2, HOUR), (3, 3 * HOUR)):
            sandbox.advance(wait + 1)
            sandbox.wait_deliveries(tries)
        sandbox.advance(24 * HOUR)
    moments = [int(headers["stripe-signature"][2:12]) for headers, _ in sink.heard]
    assert len({opened(heard).id for heard in sink.heard}) == 1
    assert [later - earlier >= HOUR for earlier, later in pairwise(moments)] == [True, True]
    assert [row["response_status"] for row in sandbox.ledger()["deliveries"]] == [500, 302, 204]


def test_after_three_tries_it_gives_up(sandbox: RunningSandbox) -> None:
    with EventSink(500, 500, 500) as sink:
        sandbox.set_webhook(sink.url, provider="stripe")
        paid_intent(sandbox)
        for tries in (1, 2, 3):
            sandbox.wait_deliveries(tries)
            sandbox.advance(4 * HOUR)
        sandbox.advance(100 * HOUR)
        assert len(sandbox.wait_deliveries(3)) == 3


def pay_and_refund(sandbox: RunningSandbox) -> None:
    stripe_api(sandbox).v1.refunds.create({"payment_intent": paid_intent(sandbox), "amount": 250})


def fail_a_refund(sandbox: RunningSandbox) -> None:
    stripe_api(sandbox).v1.refunds.create({"payment_intent": paid_intent(sandbox, "4000000000005126")})
    sandbox.advance(61)


def let_the_bank_refuse(sandbox: RunningSandbox) -> None:
    key = new_intent(sandbox).id
    sandbox.stripe_pay(payment_intent=key, method="bank_debit")
    sandbox.stripe_bank(payment_intent=key, outcome="failed")


@pytest.mark.parametrize(
    "happening, kinds",
    [
        (pay_and_refund, "payment_intent.succeeded refund.created charge.refunded"),
        (
            fail_a_refund,
            "payment_intent.succeeded refund.created charge.refunded refund.updated refund.failed",
        ),
        (let_the_bank_refuse, "payment_intent.processing payment_intent.payment_failed"),
        (
            lambda sandbox: stripe_api(sandbox).v1.payment_intents.cancel(new_intent(sandbox).id),
            "payment_intent.canceled",
        ),
        (
            lambda sandbox: paid_intent(sandbox, "4000002500003155"),
            "payment_intent.requires_action payment_intent.succeeded",
        ),
        (
            lambda sandbox: sandbox.stripe_pay(payment_intent=new_intent(sandbox).id, card="4000000000000002"),
            "payment_intent.payment_failed",
        ),
        (lambda sandbox: paid_intent(sandbox, "4000000000000259"), "payment_intent.succeeded charge.dispute.created"),
    ],
)
def test_the_endpoint_hears_what_it_is_subscribed_to(
    sandbox: RunningSandbox, happening: Callable[[RunningSandbox], object], kinds: str
) -> None:
    with EventSink() as sink:
        sandbox.set_webhook(sink.url, provider="stripe")
        happening(sandbox)
        assert heard_types(sandbox, sink, len(kinds.split())) == sorted(kinds.split())
        assert all(opened(heard).livemode is False for heard in sink.heard)


@pytest.mark.parametrize(
    "wanted, kinds",
    [
        ("all", ["charge.succeeded", "payment_intent.created", "payment_intent.succeeded"]),
        (["charge.succeeded"], ["charge.succeeded"]),
    ],
)
def test_the_subscription_can_be_changed(sandbox: RunningSandbox, wanted: object, kinds: list[str]) -> None:
    sandbox.stripe_account(events=wanted)
    with EventSink() as sink:
        sandbox.set_webhook(sink.url, provider="stripe")
        paid_intent(sandbox)
        assert heard_types(sandbox, sink, len(kinds)) == kinds


def test_an_update_tells_what_was_there_before(sandbox: RunningSandbox) -> None:
    key = paid_intent(sandbox)
    stripe_api(sandbox).v1.refunds.create({"payment_intent": key, "amount": 250})
    events = stripe_api(sandbox).v1.events
    change: Any = events.list({"type": "charge.refunded"}).data[0].data
    assert (change.previous_attributes.amount_refunded, change.object.amount_refunded) == (0, 250)
    assert change.object.refunded is False


def test_an_event_names_the_call_it_comes_from(sandbox: RunningSandbox) -> None:
    made: Any = new_intent(sandbox, key="k")
    event: Any = stripe_api(sandbox).v1.events.list({"type": "payment_intent.created"}).data[0]
    assert (event.request.idempotency_key, event.request.id) == ("k", made.last_response.headers["Request-Id"])
    sandbox.stripe_pay(payment_intent=made.id)
    event = stripe_api(sandbox).v1.events.list({"type": "payment_intent.succeeded"}).data[0]
    assert (event.request.id, event.request.idempotency_key) == (None, None)


def test_events_come_in_the_account_s_version_not_the_caller_s(sandbox: RunningSandbox) -> None:
    sandbox.stripe_account(api_version="2026-03-25.dahlia")
    new_intent(sandbox)
    event: Any = stripe_api(sandbox).v1.events.list().data[0]
    assert event.api_version == "2026-03-25.dahlia"


def test_an_event_of_work_that_was_undone_is_not_sent(sandbox: RunningSandbox) -> None:
    key = paid_intent(sandbox)
    with EventSink() as sink:
        sandbox.set_webhook(sink.url, provider="stripe")
        sandbox.fault(provider="stripe", call="refund", then="status", status=500)
        with pytest.raises(stripe.APIError):
            stripe_api(sandbox).v1.refunds.create({"payment_intent": key})
        sandbox.stripe_refund(payment_intent=key)
        assert heard_types(sandbox, sink, 2) == ["charge.refunded", "refund.created"]


def test_deliveries_can_be_lost_and_doubled(sandbox: RunningSandbox) -> None:
    with EventSink() as sink:
        sandbox.set_webhook(sink.url, provider="stripe")
        sandbox.fault(provider="stripe", call="webhook", then="drop")
        sandbox.fault(provider="stripe", call="webhook", then="double")
        paid_intent(sandbox)
        key = paid_intent(sandbox)
        sandbox.wait_deliveries(2)
        events = [opened(heard) for heard in sink.heard]
    assert [event.data.object.id for event in events] == [key, key]
    assert events[0].id == events[1].id
