"""Stripe's published test cards do what its testing page says, typed in and by token."""

from typing import Any

import pytest
import stripe

from tests.sandbox.stripe_client import look_up, new_intent, paid_intent, raw, refused, stripe_api
from tests.sandbox_server import RunningSandbox

# number, token, error code, decline code, advice
DECLINES = [
    ("4000000000000002", "pm_card_visa_chargeDeclined", "card_declined", "generic_decline", "try_again_later"),
    (
        "4000000000009995",
        "pm_card_visa_chargeDeclinedInsufficientFunds",
        "card_declined",
        "insufficient_funds",
        "try_again_later",
    ),
    ("4000000000009987", "pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card", "do_not_try_again"),
    ("4000000000009979", "pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card", "do_not_try_again"),
    (
        "4000000000006975",
        "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
        "card_declined",
        "card_velocity_exceeded",
        "try_again_later",
    ),
    ("4000000000000069", "pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card", "confirm_card_data"),
    ("4000000000000127", "pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc", "confirm_card_data"),
    (
        "4000000000000119",
        "pm_card_chargeDeclinedProcessingError",
        "processing_error",
        "processing_error",
        "try_again_later",
    ),
    ("4000000000000341", "pm_card_chargeCustomerFail", "card_declined", "generic_decline", "try_again_later"),
    ("4100000000000019", "pm_card_radarBlock", "card_declined", "fraudulent", "do_not_try_again"),
    (
        "4000008400001280",
        "pm_card_threeDSecureRequiredProcessingError",
        "card_declined",
        "generic_decline",
        "try_again_later",
    ),
]
PAID = [
    ("4242424242424242", "pm_card_visa", "visa"),
    ("5555555555554444", "pm_card_mastercard", "mastercard"),
    ("378282246310005", "pm_card_amex", "amex"),
    ("4000000000000077", "pm_card_bypassPending", "visa"),
    ("4000000000000101", "pm_card_cvcCheckFail", "visa"),
    ("4000000000003055", "pm_card_threeDSecureOptional", "visa"),
    ("4000000000005423", "pm_card_createIssuerFraudRecord", "visa"),
    ("4000000000007726", "pm_card_pendingRefund", "visa"),
    ("4000000000005126", "pm_card_refundFail", "visa"),
]
AUTHENTICATE = [
    ("4000002500003155", "pm_card_authenticationRequiredOnSetup"),
    ("4000002760003184", "pm_card_authenticationRequired"),
    ("4000003800000446", "pm_card_authenticationRequiredSetupForOffSession"),
    ("4000000000003220", "pm_card_threeDSecure2Required"),
]


def by_token(sandbox: RunningSandbox, token: str, **params: Any) -> Any:
    key = new_intent(sandbox).id
    wanted: Any = {"payment_method": token, "return_url": "https://shop.example/", **params}
    return stripe_api(sandbox).v1.payment_intents.confirm(key, wanted)


@pytest.mark.parametrize("number, token, code, decline_code, advice", DECLINES)
def test_a_declined_card_says_why(
    sandbox: RunningSandbox, number: str, token: str, code: str, decline_code: str, advice: str
) -> None:
    key = new_intent(sandbox).id
    assert sandbox.stripe_pay(payment_intent=key, card=number)["status"] == "requires_payment_method"
    typed = look_up(sandbox, key, "latest_charge")
    error = refused(stripe.CardError, lambda: by_token(sandbox, token))
    for told in (typed.last_payment_error, error.error):
        assert (told.type, told.code, told.decline_code, told.advice_code) == ("card_error", code, decline_code, advice)
        assert told.message
    charge = typed.latest_charge
    assert (charge.id, charge.status, charge.paid) == (typed.last_payment_error.charge, "failed", False)
    assert (charge.failure_code, charge.outcome.network_status) == (
        code,
        "not_sent_to_network" if number.startswith("41") else "declined_by_network",
    )
    assert (charge.outcome.type == "blocked") is (number == "4100000000000019")
    assert (error.http_status, error.error.payment_intent.status) == (402, "requires_payment_method")
    assert error.error.payment_method.card.last4 == number[-4:]


@pytest.mark.parametrize("number, token, brand", PAID)
def test_a_good_card_pays(sandbox: RunningSandbox, number: str, token: str, brand: str) -> None:
    intent = look_up(sandbox, paid_intent(sandbox, number), "latest_charge")
    card = intent.latest_charge.payment_method_details.card
    assert (card.brand, card.last4, card.exp_month, card.exp_year) == (brand, number[-4:], 12, 2049)
    assert card.checks.cvc_check == ("fail" if number == "4000000000000101" else "pass")
    assert by_token(sandbox, token).status == "succeeded"


@pytest.mark.parametrize("number, token", AUTHENTICATE)
def test_a_card_that_needs_3d_secure_waits_for_the_buyer(sandbox: RunningSandbox, number: str, token: str) -> None:
    key = new_intent(sandbox).id
    left = sandbox.stripe_pay(payment_intent=key, card=number, challenge="abandon")
    assert left["status"] == "requires_action"
    assert sandbox.ledger()["payments"][0]["captured"] == 0
    assert sandbox.stripe_pay(payment_intent=key, card=number, challenge="fail")["status"] == "requires_payment_method"
    failed = look_up(sandbox, key)
    assert failed.last_payment_error.code == "payment_intent_authentication_failure"
    assert (failed.latest_charge, failed.next_action) == (None, None)
    assert sandbox.stripe_pay(payment_intent=key, card=number)["status"] == "succeeded"
    charge = look_up(sandbox, key, "latest_charge").latest_charge
    assert charge.payment_method_details.card.three_d_secure.result == "authenticated"
    assert by_token(sandbox, token).next_action.type == "redirect_to_url"


@pytest.mark.parametrize(
    "number, decline_code", [("4000008260003178", "insufficient_funds"), ("4000008400001629", "generic_decline")]
)
def test_some_cards_are_declined_after_the_step(sandbox: RunningSandbox, number: str, decline_code: str) -> None:
    key = new_intent(sandbox).id
    assert sandbox.stripe_pay(payment_intent=key, card=number)["status"] == "requires_payment_method"
    error = look_up(sandbox, key).last_payment_error
    assert (error.code, error.decline_code) == ("card_declined", decline_code)


def test_3d_secure_without_a_step_is_noted_on_the_charge(sandbox: RunningSandbox) -> None:
    charge = look_up(sandbox, paid_intent(sandbox, "4000000032200000"), "latest_charge").latest_charge
    assert charge.payment_method_details.card.three_d_secure.result == "authenticated"


@pytest.mark.parametrize(
    "number, outcome",
    [("4000000000003055", "requires_action"), ("4242424242424242", "succeeded"), ("4000000000003097", "declined")],
)
def test_3d_secure_can_be_asked_for(sandbox: RunningSandbox, number: str, outcome: str) -> None:
    key = new_intent(sandbox, payment_method_options={"card": {"request_three_d_secure": "any"}}).id
    status = sandbox.stripe_pay(payment_intent=key, card=number, challenge="abandon")["status"]
    assert status == ("requires_payment_method" if outcome == "declined" else outcome)
    if outcome == "succeeded":
        charge = look_up(sandbox, key, "latest_charge").latest_charge
        assert charge.payment_method_details.card.three_d_secure.result == "attempt_acknowledged"


@pytest.mark.parametrize(
    "token, passes",
    [
        ("pm_card_authenticationRequired", False),
        ("pm_card_authenticationRequiredOnSetup", False),
        ("pm_card_authenticationRequiredSetupForOffSession", True),
    ],
)
def test_without_the_buyer_there_is_no_step(sandbox: RunningSandbox, token: str, passes: bool) -> None:
    if passes:
        assert by_token(sandbox, token, off_session=True).status == "succeeded"
        return
    error = refused(stripe.CardError, lambda: by_token(sandbox, token, off_session=True))
    assert (error.http_status, error.code) == (402, "authentication_required")


@pytest.mark.parametrize(
    "number, statuses",
    [
        ("4000000000000259", [("fraudulent", "needs_response")]),
        ("4000000000002685", [("product_not_received", "needs_response")]),
        ("4000000000001976", [("fraudulent", "warning_needs_response")]),
        ("4000000404000079", [("fraudulent", "needs_response")] * 2),
    ],
)
def test_a_paid_charge_is_disputed(sandbox: RunningSandbox, number: str, statuses: list[tuple[str, str]]) -> None:
    key = paid_intent(sandbox, number)
    intent = look_up(sandbox, key, "latest_charge")
    assert (intent.status, intent.latest_charge.disputed) == ("succeeded", True)
    disputes = stripe_api(sandbox).v1.disputes.list({"payment_intent": key, "expand": ["data.charge"]}).data
    assert [(dispute.reason, dispute.status) for dispute in disputes] == statuses
    shown: Any = disputes[0]
    assert (shown.charge.payment_intent, shown.amount) == (key, 1250)
    assert stripe_api(sandbox).v1.disputes.retrieve(shown.id).id == shown.id


@pytest.mark.parametrize(
    "typed, code, param",
    [
        ({"card": "4242424242424241"}, "incorrect_number", "number"),
        ({"card": "42"}, "invalid_number", "number"),
        ({"expiry": "13/49"}, "invalid_expiry_month", "exp_month"),
        ({"expiry": "12/19"}, "invalid_expiry_year", "exp_year"),
        ({"expiry": "12/2149"}, "invalid_expiry_year", "exp_year"),
        ({"cvc": "12"}, "invalid_cvc", "cvc"),
        ({"card": "378282246310005", "cvc": "123"}, "invalid_cvc", "cvc"),
    ],
)
def test_what_cannot_be_right_is_refused_before_any_try(
    sandbox: RunningSandbox, typed: dict[str, str], code: str, param: str
) -> None:
    key = new_intent(sandbox).id
    assert sandbox.stripe_pay(payment_intent=key, **typed)["status"] == "requires_payment_method"
    assert look_up(sandbox, key).last_payment_error is None
    month, _, year = typed.get("expiry", "12/49").partition("/")
    form = {
        "type": "card",
        "card[number]": typed.get("card", "4242424242424242"),
        "card[exp_month]": month,
        "card[exp_year]": year,
        "card[cvc]": typed.get("cvc", "123"),
    }
    answer = raw(sandbox, "POST", "/payment_methods", data=form)
    error = answer.json()["error"]
    assert (answer.status_code, error["type"], error["code"], error["param"]) == (402, "card_error", code, param)


def test_a_number_that_is_no_test_card_cannot_pay(sandbox: RunningSandbox) -> None:
    key = new_intent(sandbox).id
    sandbox.stripe_pay(payment_intent=key, card="4000056655665556")
    assert look_up(sandbox, key).last_payment_error.decline_code == "test_mode_live_card"


def test_a_card_without_a_cvc_is_not_checked_for_it(sandbox: RunningSandbox) -> None:
    key = new_intent(sandbox).id
    assert sandbox.stripe_pay(payment_intent=key, card="4000000000000127", cvc="")["status"] == "succeeded"


def test_a_typed_card_is_kept_without_its_number(sandbox: RunningSandbox) -> None:
    card: Any = {"number": "4242424242424242", "exp_month": 1, "exp_year": 30, "cvc": "123"}
    methods = stripe_api(sandbox).v1.payment_methods
    made = methods.create({"type": "card", "card": card, "billing_details": {"name": "홍길동"}})
    found: Any = methods.retrieve(made.id)
    assert (found.card.last4, found.card.exp_year, found.billing_details.name) == ("4242", 2030, "홍길동")
    assert "424242424242" not in str(found)
