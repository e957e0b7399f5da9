"""Every kind of error, as the official package tells them apart."""

from typing import Any

import pytest
import stripe

from tests.sandbox.stripe_client import look_up, new_intent, paid_intent, raw, refused, stripe_api
from tests.sandbox_server import STRIPE_PUBLISHABLE, STRIPE_SECRET, RunningSandbox

MEMBERS = {"type", "message", "code", "param", "doc_url", "request_log_url", "decline_code", "advice_code", "charge"}
MEMBERS |= {"payment_intent", "payment_method"}


@pytest.mark.parametrize(
    "key, kind, status, code",
    [
        ("sk_test_unknown", stripe.AuthenticationError, 401, None),
        ("sk_live_sandboxshop", stripe.AuthenticationError, 401, None),
        ("sk_test_sandboxexpired", stripe.AuthenticationError, 401, "api_key_expired"),
        ("rk_test_sandboxreading", stripe.PermissionError, 403, None),
        (STRIPE_PUBLISHABLE, stripe.PermissionError, 403, "secret_key_required"),
    ],
)
def test_a_key_that_may_not_is_refused(
    sandbox: RunningSandbox, key: str, kind: type[stripe.StripeError], status: int, code: str | None
) -> None:
    intents = stripe_api(sandbox, key).v1.payment_intents
    error = refused(kind, lambda: intents.create({"amount": 1250, "currency": "usd"}))
    assert (error.http_status, error.error.code) == (status, code)
    assert error.request_id.startswith("req_")
    assert sandbox.ledger()["payments"] == []


def test_a_restricted_key_may_still_read(sandbox: RunningSandbox) -> None:
    key = new_intent(sandbox).id
    reading = stripe_api(sandbox, "rk_test_sandboxreading").v1.payment_intents
    assert reading.retrieve(key).id == key


@pytest.mark.parametrize(
    "how", [{"auth": (STRIPE_SECRET, "")}, {"headers": {"Authorization": f"bearer {STRIPE_SECRET}"}}]
)
def test_the_secret_key_comes_as_bearer_or_as_basic_user(sandbox: RunningSandbox, how: dict[str, Any]) -> None:
    assert raw(sandbox, "GET", "/charges", **how).status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer ", "Basic !!!", "Digest x"])
def test_a_call_without_a_key_is_refused(sandbox: RunningSandbox, header: str) -> None:
    answer = raw(sandbox, "GET", "/charges", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["error"]["type"]) == (401, "invalid_request_error")


@pytest.mark.parametrize(
    "status, code, kind",
    [
        (400, None, stripe.InvalidRequestError),
        (400, "idempotency_error", stripe.IdempotencyError),
        (400, "rate_limit", stripe.RateLimitError),
        (401, None, stripe.AuthenticationError),
        (402, "insufficient_funds", stripe.CardError),
        (403, None, stripe.PermissionError),
        (404, "resource_missing", stripe.InvalidRequestError),
        (409, "idempotency_key_in_use", stripe.APIError),
        (429, None, stripe.RateLimitError),
        (429, "lock_timeout", stripe.RateLimitError),
        (500, None, stripe.APIError),
        (503, None, stripe.APIError),
    ],
)
def test_a_scripted_status_reaches_the_package_as_its_own_class(
    sandbox: RunningSandbox, status: int, code: str | None, kind: type[stripe.StripeError]
) -> None:
    sandbox.fault(provider="stripe", call="create", then="status", status=status, code=code)
    error = refused(kind, lambda: new_intent(sandbox))
    assert (error.http_status, sandbox.ledger()["payments"]) == (status, [])
    assert set(error.json_body["error"]) <= MEMBERS
    assert error.error.type == {500: "api_error", 503: "api_error", 402: "card_error"}.get(
        status, "idempotency_error" if kind is stripe.IdempotencyError else "invalid_request_error"
    )
    assert new_intent(sandbox).status == "requires_payment_method"


def test_a_cut_connection_reaches_the_package_as_a_connection_error(sandbox: RunningSandbox) -> None:
    sandbox.fault(provider="stripe", call="create", then="reset")
    refused(stripe.APIConnectionError, lambda: new_intent(sandbox))
    assert len(sandbox.ledger()["payments"]) == 1


@pytest.mark.parametrize(
    "form, code, param",
    [
        ({}, "parameter_missing", "amount"),
        ({"amount": "1250"}, "parameter_missing", "currency"),
        ({"amount": "", "currency": "usd"}, "parameter_invalid_empty", "amount"),
        ({"amount": "12.50", "currency": "usd"}, "parameter_invalid_integer", "amount"),
        ({"amount": "1250", "currency": "usd", "colour": "red"}, "parameter_unknown", "colour"),
        (
            {"amount": "1250", "currency": "usd", "automatic_payment_methods[on]": "true"},
            "parameter_unknown",
            "automatic_payment_methods[on]",
        ),
        ({"amount": "1250", "currency": "usd", "automatic_payment_methods[enabled]": "yes"}, "", None),
        ({"amount": "1250", "currency": "usd", "receipt_email": "nobody"}, "email_invalid", "receipt_email"),
        ({"amount": "1250", "currency": "usd", "metadata": "x"}, "", "metadata"),
        ({"amount": "1250", "currency": "usd", f"metadata[{'k' * 41}]": "x"}, "", "metadata"),
        ({"amount": "1250", "currency": "usd", "metadata[k]": "x" * 501}, "", "metadata[k]"),
        ({"amount": "1250", "currency": "usd", "statement_descriptor": "X"}, "parameter_unknown", None),
        ({"amount": "1250", "currency": "usd", "statement_descriptor_suffix": "a*b"}, "", None),
        ({"amount": "1250", "currency": "usd", "return_url": "https://shop.example/"}, "", "return_url"),
        ({"amount": "1250", "currency": "usd", "expand[]": "colour"}, "", "expand"),
        ({"amount": "1250", "currency": "usd", "payment_method": "pm_none"}, "resource_missing", "payment_method"),
    ],
)
def test_a_parameter_that_is_wrong_is_named(
    sandbox: RunningSandbox, form: dict[str, str], code: str, param: str | None
) -> None:
    answer = raw(sandbox, "POST", "/payment_intents", data=form)
    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (404 if code == "resource_missing" else 400, "invalid_request_error")
    assert error.get("code", "") == code
    assert param is None or error["param"] == param
    assert error["message"]


def test_fifty_keys_of_metadata_are_the_most(sandbox: RunningSandbox) -> None:
    keys = {f"k{number}": "x" for number in range(51)}
    refused(stripe.InvalidRequestError, lambda: new_intent(sandbox, metadata=keys))
    keys.popitem()
    assert len(new_intent(sandbox, metadata=keys).metadata.to_dict()) == 50


@pytest.mark.parametrize(
    "path", ["/payment_intents/pi_none", "/charges/ch_x", "/refunds/re_x", "/events/evt_x", "/disputes/du_x"]
)
def test_what_does_not_exist_is_missing(sandbox: RunningSandbox, path: str) -> None:
    answer = raw(sandbox, "GET", path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "resource_missing")
    assert raw(sandbox, "GET", "/nowhere").json()["error"]["message"].startswith("Unrecognized request URL")


def test_json_is_not_spoken(sandbox: RunningSandbox) -> None:
    answer = raw(sandbox, "POST", "/payment_intents", json={"amount": 1250, "currency": "usd"})
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")


def test_an_api_version_that_is_none_is_refused(sandbox: RunningSandbox) -> None:
    headers = {"Stripe-Version": "yesterday"}
    answer = raw(sandbox, "GET", "/charges", headers=headers)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")


def test_a_paid_intent_is_not_confirmed_again(sandbox: RunningSandbox) -> None:
    key = paid_intent(sandbox)
    confirm: Any = {"payment_method": "pm_card_visa", "return_url": "https://shop.example/"}
    error = refused(stripe.InvalidRequestError, lambda: stripe_api(sandbox).v1.payment_intents.confirm(key, confirm))
    assert (error.error.code, error.error.payment_intent.id) == ("payment_intent_unexpected_state", key)
    assert len(stripe_api(sandbox).v1.charges.list({"payment_intent": key}).data) == 1


def test_an_answer_can_be_patched_delayed_or_turned_into_garbage(sandbox: RunningSandbox) -> None:
    key = new_intent(sandbox).id
    sandbox.fault(provider="stripe", call="lookup", patch={"livemode": True})
    assert look_up(sandbox, key).livemode is True
    sandbox.fault(provider="stripe", call="any", then="garbage")
    refused(stripe.APIError, lambda: look_up(sandbox, key))
    sandbox.fault(provider="stripe", call="browse", then="status", status=500)
    assert look_up(sandbox, key).livemode is False
