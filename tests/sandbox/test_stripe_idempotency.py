"""Idempotency-Key as Stripe keeps it: the first answer, whatever it was, for a day."""

import threading
from typing import Any

import pytest
import stripe

from tests.sandbox.stripe_client import new_intent, paid_intent, raw, refused, stripe_api
from tests.sandbox_server import RunningSandbox

FORM = {"amount": "1250", "currency": "usd"}


def keyed(key: str) -> dict[str, Any]:
    return {"headers": {"Idempotency-Key": key}}


def test_a_repeat_replays_the_first_answer_and_does_nothing(sandbox: RunningSandbox) -> None:
    first = raw(sandbox, "POST", "/payment_intents", data=FORM, **keyed("k"))
    again = raw(sandbox, "POST", "/payment_intents", data=dict(reversed(FORM.items())), **keyed("k"))
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (first.json(), "true")
    assert again.headers["Original-Request"] == first.headers["Request-Id"] != again.headers["Request-Id"]
    assert "Idempotent-Replayed" not in first.headers
    assert [(call["applied"], call["replayed"]) for call in sandbox.calls("create")] == [(1, 0), (0, 1)]
    assert len(sandbox.ledger()["payments"]) == 1


def test_the_key_of_another_request_is_refused(sandbox: RunningSandbox) -> None:
    new_intent(sandbox, key="k")
    error = refused(stripe.IdempotencyError, lambda: new_intent(sandbox, key="k", amount=1300))
    assert (error.http_status, error.error.type, error.error.code) == (400, "idempotency_error", None)
    elsewhere = raw(sandbox, "POST", "/refunds", data={"payment_intent": "pi_x"}, **keyed("k"))
    assert elsewhere.json()["error"]["type"] == "idempotency_error"
    assert len(sandbox.ledger()["payments"]) == 1


def test_a_decline_is_replayed(sandbox: RunningSandbox) -> None:
    key = new_intent(sandbox).id
    form = {"payment_method": "pm_card_visa_chargeDeclined", "return_url": "https://shop.example/"}
    first = raw(sandbox, "POST", f"/payment_intents/{key}/confirm", data=form, **keyed("k"))
    again = raw(sandbox, "POST", f"/payment_intents/{key}/confirm", data=form, **keyed("k"))
    assert (first.status_code, again.status_code, again.json()) == (402, 402, first.json())
    assert len(stripe_api(sandbox).v1.charges.list().data) == 1


@pytest.mark.parametrize("apply, payments", [(False, 0), (True, 1)])
def test_a_500_is_replayed_even_where_it_hid_a_success(sandbox: RunningSandbox, apply: bool, payments: int) -> None:
    sandbox.fault(provider="stripe", call="create", then="status", status=500, apply=apply)
    for _ in range(2):
        error = refused(stripe.APIError, lambda: new_intent(sandbox, key="k"))
        assert (error.http_status, error.error.type) == (500, "api_error")
    assert len(sandbox.ledger()["payments"]) == payments


def test_an_answer_lost_on_the_way_is_replayed(sandbox: RunningSandbox) -> None:
    sandbox.fault(provider="stripe", call="create", then="status", status=502, apply=True)
    refused(stripe.APIError, lambda: new_intent(sandbox, key="k"))
    sandbox.fault(provider="stripe", call="create", then="reset")
    refused(stripe.APIConnectionError, lambda: new_intent(sandbox, key="k"))
    assert new_intent(sandbox, key="k").status == "requires_payment_method"
    assert len(sandbox.ledger()["payments"]) == 1


@pytest.mark.parametrize(
    "status, code", [(429, "lock_timeout"), (409, "idempotency_key_in_use"), (401, None), (503, None)]
)
def test_what_comes_before_the_work_is_not_kept(sandbox: RunningSandbox, status: int, code: str | None) -> None:
    sandbox.fault(provider="stripe", call="create", then="status", status=status, code=code)
    refused_with = raw(sandbox, "POST", "/payment_intents", data=FORM, **keyed("k"))
    assert refused_with.status_code == status
    assert raw(sandbox, "POST", "/payment_intents", data=FORM, **keyed("k")).status_code == 200


def test_a_parameter_that_was_wrong_can_be_corrected_under_the_same_key(sandbox: RunningSandbox) -> None:
    wrong = raw(sandbox, "POST", "/payment_intents", data={**FORM, "amount": "1"}, **keyed("k"))
    assert wrong.json()["error"]["code"] == "amount_too_small"
    assert raw(sandbox, "POST", "/payment_intents", data=FORM, **keyed("k")).status_code == 200


def test_a_refusal_by_the_state_of_things_is_kept(sandbox: RunningSandbox) -> None:
    form = {"payment_intent": paid_intent(sandbox)}
    assert raw(sandbox, "POST", "/refunds", data=form).status_code == 200
    first = raw(sandbox, "POST", "/refunds", data=form, **keyed("k"))
    again = raw(sandbox, "POST", "/refunds", data=form, **keyed("k"))
    assert (first.json()["error"]["code"], again.json()) == ("charge_already_refunded", first.json())
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_repeat_while_the_first_runs_is_told_to_wait(sandbox: RunningSandbox) -> None:
    sandbox.fault(provider="stripe", call="create", then="delay", delay_s=0.5)
    answers: list[Any] = []
    first = threading.Thread(target=lambda: answers.append(new_intent(sandbox, key="k")))
    first.start()
    pause = threading.Event()
    while not any(call["applied"] for call in sandbox.calls()):
        pause.wait(0.01)
    error = refused(stripe.APIError, lambda: new_intent(sandbox, key="k"))
    assert (error.http_status, error.error.code) == (409, "idempotency_key_in_use")
    first.join()
    assert new_intent(sandbox, key="k").id == answers[0].id


def test_after_a_day_the_key_is_new(sandbox: RunningSandbox) -> None:
    first = new_intent(sandbox, key="k")
    sandbox.advance(24 * 3600 - 60)
    assert new_intent(sandbox, key="k").id == first.id
    sandbox.advance(120)
    assert new_intent(sandbox, key="k").id != first.id


@pytest.mark.parametrize("length, status", [(0, 400), (255, 200), (256, 400)])
def test_a_key_has_255_characters_at_most(sandbox: RunningSandbox, length: int, status: int) -> None:
    assert raw(sandbox, "POST", "/payment_intents", data=FORM, **keyed("k" * length)).status_code == status
