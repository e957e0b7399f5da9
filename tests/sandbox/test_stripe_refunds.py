"""Refunds: in full, in parts, late, failing, and refused."""

from typing import Any

import pytest
import stripe

from tests.sandbox.stripe_client import ORDER, look_up, new_intent, paid_intent, refused, stripe_api
from tests.sandbox_server import RunningSandbox


def refund(sandbox: RunningSandbox, key: str, **params: Any) -> Any:
    wanted: Any = {"payment_intent": key, **params}
    return stripe_api(sandbox).v1.refunds.create(wanted)


def charge_of(sandbox: RunningSandbox, key: str) -> Any:
    return look_up(sandbox, key, "latest_charge.refunds").latest_charge


def test_all_of_it_goes_back(sandbox: RunningSandbox) -> None:
    key = paid_intent(sandbox)
    made = refund(sandbox, key, metadata={"refund_id": "r"}, reason="requested_by_customer", expand=["charge"])
    assert (made.status, made.amount, made.currency, made.payment_intent) == ("succeeded", 1250, "usd", key)
    assert (made.charge.refunded, made.charge.amount_refunded, made.metadata["refund_id"]) == (True, 1250, "r")
    assert look_up(sandbox, key).status == "succeeded"
    ledger = sandbox.ledger()
    assert (ledger["payments"][0]["refunded"], ledger["payments"][0]["captured"]) == (1250, 1250)
    row = {"provider": "stripe", "provider_ref": made.id, "payment_ref": key, "amount": 1250, "status": "succeeded"}
    assert ledger["refunds"] == [row]
    error = refused(stripe.InvalidRequestError, lambda: refund(sandbox, key))
    assert (error.http_status, error.error.code) == (400, "charge_already_refunded")


def test_parts_go_back_until_nothing_is_left(sandbox: RunningSandbox) -> None:
    key = paid_intent(sandbox)
    first = refund(sandbox, key, amount=250)
    error = refused(stripe.InvalidRequestError, lambda: refund(sandbox, key, amount=1001))
    assert (error.http_status, error.error.param) == (400, "amount")
    by_charge = stripe_api(sandbox).v1.refunds.create({"charge": first.charge, "amount": 400})
    charge = charge_of(sandbox, key)
    assert (charge.amount_refunded, charge.refunded) == (650, False)
    assert [one.id for one in charge.refunds.data] == [by_charge.id, first.id]
    assert refund(sandbox, key).amount == 600


@pytest.mark.parametrize("amount", [0, -1])
def test_less_than_the_smallest_unit_is_refused(sandbox: RunningSandbox, amount: int) -> None:
    key = paid_intent(sandbox)
    error = refused(stripe.InvalidRequestError, lambda: refund(sandbox, key, amount=amount))
    assert error.error.code == "parameter_invalid_integer"


def test_what_took_no_money_gives_none_back(sandbox: RunningSandbox) -> None:
    key = new_intent(sandbox).id
    error = refused(stripe.InvalidRequestError, lambda: refund(sandbox, key))
    assert error.error.code == "payment_intent_unexpected_state"
    sandbox.stripe_pay(payment_intent=key, card="4000000000000002")
    failed = look_up(sandbox, key).latest_charge
    error = refused(stripe.InvalidRequestError, lambda: stripe_api(sandbox).v1.refunds.create({"charge": failed}))
    assert error.error.code == "charge_not_refundable"
    assert refused(stripe.InvalidRequestError, lambda: refund(sandbox, "pi_none")).error.code == "resource_missing"


def test_a_disputed_charge_is_not_refunded_as_well(sandbox: RunningSandbox) -> None:
    key = paid_intent(sandbox)
    sandbox.stripe_dispute(order_id=ORDER)
    error = refused(stripe.InvalidRequestError, lambda: refund(sandbox, key))
    assert (error.http_status, error.error.code) == (400, "charge_disputed")
    asked = paid_intent(sandbox, "4000000000001976")
    assert refund(sandbox, asked).status == "succeeded"


def test_a_pending_refund_arrives_later(sandbox: RunningSandbox) -> None:
    key = paid_intent(sandbox, "4000000000007726")
    made = refund(sandbox, key, amount=500)
    assert (made.status, charge_of(sandbox, key).amount_refunded) == ("pending", 500)
    assert sandbox.ledger()["payments"][0]["refunded"] == 0
    sandbox.advance(61)
    assert stripe_api(sandbox).v1.refunds.retrieve(made.id).status == "succeeded"
    assert sandbox.ledger()["payments"][0]["refunded"] == 500


def test_a_refund_that_stood_can_fail_later(sandbox: RunningSandbox) -> None:
    key = paid_intent(sandbox, "4000000000005126")
    made = refund(sandbox, key)
    assert made.status == "succeeded"
    sandbox.advance(61)
    failed: Any = stripe_api(sandbox).v1.refunds.retrieve(made.id)
    assert (failed.status, failed.failure_reason) == ("failed", "unknown")
    charge = charge_of(sandbox, key)
    assert (charge.amount_refunded, charge.refunded) == (0, False)
    assert (sandbox.ledger()["payments"][0]["refunded"], sandbox.ledger()["refunds"][0]["status"]) == (0, "failed")


def test_the_dashboard_refunds_too(sandbox: RunningSandbox) -> None:
    key = paid_intent(sandbox)
    assert sandbox.stripe_refund(order_id=ORDER, amount=250)["status"] == "succeeded"
    assert sandbox.calls("refund") == []
    assert sandbox.ledger()["payments"][0]["refunded"] == 250
    assert sandbox.stripe_refund(payment_intent=key)["amount"] == 1000


def test_the_metadata_of_a_refund_can_be_changed_and_nothing_else(sandbox: RunningSandbox) -> None:
    made = refund(sandbox, paid_intent(sandbox), metadata={"a": "1"})
    changed = stripe_api(sandbox).v1.refunds.update(made.id, {"metadata": {"b": "2"}})
    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"a": "1", "b": "2"}
    other: Any = {"amount": 1}
    error = refused(stripe.InvalidRequestError, lambda: stripe_api(sandbox).v1.refunds.update(made.id, other))
    assert error.error.code == "parameter_unknown"
