"""Checks from outside: the official command line as a second client, the official package's parameter names.

Neither knows the sandbox, so neither can share a mistake with it.
"""

import json
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import stripe.params

from tests.sandbox.event_sink import EventSink
from tests.sandbox.stripe_client import raw
from tests.sandbox_server import STRIPE_SECRET, RunningSandbox

BINARY = Path(__file__).parents[1] / "tools/node_modules/@stripe/cli-linux-x64/bin/stripe"

# What an option of one call, not a parameter, is called in the package's types.
OPTIONS = {
    "api_key",
    "content_type",
    "headers",
    "idempotency_key",
    "max_network_retries",
    "stripe_account",
    "stripe_context",
    "stripe_version",
}

CALLS = [
    "PaymentIntentCreateParams",
    "PaymentIntentUpdateParams",
    "PaymentIntentConfirmParams",
    "PaymentIntentCancelParams",
    "RefundCreateParams",
]


@pytest.fixture
def trigger(sandbox: RunningSandbox, tmp_path: Path) -> Any:
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        pytest.skip("the tools hold the command line for Linux on x86-64 only")
    assert BINARY.exists(), "Stripe's command line is missing: `make test` installs it with the other Node tools"
    BINARY.chmod(0o755)
    # Its events are older than the API that the account is set to: they still send payment_method_types.
    sandbox.stripe_account(api_version="2026-03-25.dahlia")

    def run(event: str) -> str:
        address = ["--api-base", f"http://127.0.0.1:{sandbox.port}", "--api-key", STRIPE_SECRET, "--color", "off"]
        # No address beyond this machine is there to be found: whatever else it asks for must not matter.
        nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "HOME": str(tmp_path)}
        command = [str(BINARY), "trigger", event, *address]
        done = subprocess.run(command, env=nowhere, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.mark.parametrize(
    "event, row",
    [
        ("payment_intent.created", ("requires_payment_method", 0, 0)),
        ("payment_intent.succeeded", ("succeeded", 2000, 0)),
        ("payment_intent.payment_failed", ("requires_payment_method", 0, 0)),
        ("payment_intent.requires_action", ("requires_action", 0, 0)),
        ("payment_intent.canceled", ("canceled", 0, 0)),
        ("charge.succeeded", ("succeeded", 100, 0)),
        ("charge.failed", ("requires_payment_method", 0, 0)),
        ("charge.refunded", ("succeeded", 100, 100)),
        ("charge.dispute.created", ("succeeded", 100, 0)),
    ],
)
def test_the_official_command_line_triggers_events(
    sandbox: RunningSandbox, trigger: Any, event: str, row: tuple[str, int, int]
) -> None:
    sandbox.stripe_account(events=[event])
    with EventSink() as sink:
        sandbox.set_webhook(sink.url, provider="stripe")
        assert "Trigger succeeded!" in trigger(event)
        sandbox.wait_deliveries(1)
    payment = sandbox.ledger()["payments"][0]
    assert (payment["status"], payment["captured"], payment["refunded"]) == row
    body = json.loads(sink.heard[0][1])
    assert (body["type"], body["api_version"]) == (event, "2026-03-25.dahlia")


def test_the_command_line_says_what_went_wrong(sandbox: RunningSandbox, trigger: Any) -> None:
    sandbox.fault(provider="stripe", call="create", then="status", status=429)
    with pytest.raises(AssertionError, match="rate_limit"):
        trigger("payment_intent.succeeded")


@pytest.mark.parametrize(
    "path, form, kind",
    [
        ("/payment_intents", {"amount": "1250", "currency": "usd"}, "PaymentIntentCreateParams"),
        ("/payment_intents/{id}", {}, "PaymentIntentUpdateParams"),
        ("/payment_intents/{id}/confirm", {"payment_method": "pm_card_visa"}, "PaymentIntentConfirmParams"),
        ("/payment_intents/{id}/cancel", {}, "PaymentIntentCancelParams"),
        ("/refunds", {"payment_intent": "{id}"}, "RefundCreateParams"),
    ],
)
def test_no_parameter_is_taken_that_the_official_package_does_not_know(
    sandbox: RunningSandbox, path: str, form: dict[str, str], kind: str
) -> None:
    intent = raw(sandbox, "POST", "/payment_intents", data={"amount": "1250", "currency": "usd"}).json()["id"]
    names = {call: set(getattr(stripe.params, call).__annotations__) - OPTIONS for call in CALLS}
    foreign = set().union(*names.values()) - names[kind]
    assert foreign
    sent = {name: value.format(id=intent) for name, value in form.items()}
    for name in sorted(foreign):
        answer = raw(sandbox, "POST", path.format(id=intent), data={**sent, name: "x"})
        error = answer.json()["error"]
        assert (error.get("code"), error.get("param")) == ("parameter_unknown", name), answer.text
