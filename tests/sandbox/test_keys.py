"""Who may call, and how a key must be written."""

import base64

import pytest
import requests

from tests.sandbox.toss_client import TossClient, code_of
from tests.sandbox_server import WIDGET_CLIENT, WIDGET_SECRET, RunningSandbox


def _basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "header, expected",
    [
        (None, (401, "UNAUTHORIZED_KEY")),
        ("Bearer x", (401, "UNAUTHORIZED_KEY")),
        (_basic("test_sk_unknown:"), (401, "UNAUTHORIZED_KEY")),
        (_basic(WIDGET_CLIENT + ":"), (401, "UNAUTHORIZED_KEY")),
        (_basic("\ufeff" + WIDGET_SECRET + ":"), (401, "UNAUTHORIZED_KEY")),
        (_basic(WIDGET_SECRET), (403, "INCORRECT_BASIC_AUTH_FORMAT")),
        ("Basic %%%", (403, "INCORRECT_BASIC_AUTH_FORMAT")),
    ],
)
def test_a_wrong_key_is_refused(sandbox: RunningSandbox, header: str | None, expected: tuple[int, str]) -> None:
    headers = {"Authorization": header} if header else {}
    answer = requests.get(f"{sandbox.origin}/toss/v1/payments/x", headers=headers, timeout=5)
    assert code_of(answer) == expected


def test_unknown_things_are_not_found(toss: TossClient) -> None:
    assert code_of(toss.get("/payments/unknown")) == (404, "NOT_FOUND_PAYMENT")
    assert code_of(toss.get("/payments/orders/unknown")) == (404, "NOT_FOUND_PAYMENT")
    assert code_of(toss.get("/elsewhere")) == (404, "NOT_FOUND")


def test_a_test_code_is_answered_before_anything_is_looked_at(toss: TossClient) -> None:
    answer = toss.post("/payments/confirm", {}, TossPayments_Test_Code="REJECT_CARD_PAYMENT")
    assert code_of(answer) == (403, "REJECT_CARD_PAYMENT")
    answer = toss.post("/payments/confirm", {}, TossPayments_Test_Code="BRAND_NEW_CODE")
    assert code_of(answer) == (400, "BRAND_NEW_CODE")
