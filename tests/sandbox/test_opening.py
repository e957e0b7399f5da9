"""What may be asked of the window, and what its outcomes are."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.sandbox.toss_client import TossClient
from tests.sandbox_server import API_CLIENT, WIDGET_CLIENT, RunningSandbox

GOOD = {"order_id": "order-1", "amount": 13000}


def _refusal(sandbox: RunningSandbox, **change: Any) -> str:
    with pytest.raises(requests.HTTPError) as raised:
        sandbox.authenticate(**{**GOOD, **change})
    assert raised.value.response is not None
    return str(raised.value.response.json()["code"])


@pytest.mark.parametrize(
    "change, code",
    [
        ({"order_id": "short"}, "INVALID_PARAMETERS"),
        ({"order_id": "o" * 65}, "INVALID_PARAMETERS"),
        ({"order_id": "no blanks"}, "INVALID_PARAMETERS"),
        ({"order_name": ""}, "INVALID_PARAMETERS"),
        ({"order_name": "가" * 101}, "INVALID_PARAMETERS"),
        ({"customer_key": "x"}, "INVALID_CUSTOMER_KEY"),
        ({"customer_key": "k" * 51}, "INVALID_CUSTOMER_KEY"),
        ({"customer_key": "test_gsk_sandbox_widget"}, "INSECURE_KEY_USAGE"),
        ({"success_url": "/payment/success"}, "INCORRECT_SUCCESS_URL_FORMAT"),
        ({"fail_url": "javascript:alert(1)"}, "INCORRECT_FAIL_URL_FORMAT"),
        ({"amount": 0}, "BELOW_ZERO_AMOUNT"),
        ({"amount": -5}, "BELOW_ZERO_AMOUNT"),
        ({"amount": "13000"}, "INVALID_AMOUNT_VALUE"),
        ({"amount": 10.5}, "INVALID_AMOUNT_VALUE"),
        ({"amount": 50}, "BELOW_MINIMUM_AMOUNT"),
        ({"amount": 150, "method": "VIRTUAL_ACCOUNT"}, "BELOW_MINIMUM_AMOUNT"),
        ({"currency": "USD"}, "INVALID_AMOUNT_CURRENCY"),
        ({"client_key": "test_gck_unknown"}, "INVALID_CLIENT_KEY"),
        ({"client_key": WIDGET_CLIENT, "asked_by": "payment"}, "NOT_SUPPORTED_WIDGET_KEY"),
        ({"client_key": API_CLIENT, "asked_by": "widget"}, "NOT_SUPPORTED_API_INDIVIDUAL_KEY"),
        ({"method": "BARTER"}, "NOT_SUPPORTED_METHOD"),
        ({"card": "4111111111111111"}, "INVALID_CARD_NUMBER"),
    ],
)
def test_a_request_out_of_form_is_refused_and_leaves_no_payment(
    sandbox: RunningSandbox, change: dict[str, Any], code: str
) -> None:
    assert _refusal(sandbox, **change) == code
    assert sandbox.ledger()["payments"] == []


def test_the_longest_and_shortest_forms_are_taken(sandbox: RunningSandbox) -> None:
    sandbox.authenticate(order_id="o" * 64, amount=100, order_name="가" * 100, customer_key="k" * 50)
    sandbox.authenticate(order_id="a-_=b1", amount=100, customer_key="k2")


def test_only_the_widget_names_a_payment_type(sandbox: RunningSandbox) -> None:
    widget = parse_qs(urlsplit(sandbox.authenticate(**GOOD)["redirect"]).query)
    window = parse_qs(urlsplit(sandbox.authenticate(**GOOD, client_key=API_CLIENT)["redirect"]).query)
    assert widget.pop("paymentType") == ["NORMAL"]
    assert set(widget) == set(window) == {"orderId", "paymentKey", "amount"}


def test_own_parameters_of_the_urls_stay(sandbox: RunningSandbox) -> None:
    urls = {"success_url": "https://shop.example/ok?mine=1", "fail_url": "https://shop.example/no"}
    redirect = sandbox.authenticate(**GOOD, **urls)["redirect"]
    assert redirect.startswith("https://shop.example/ok?mine=1&")


@pytest.mark.parametrize(
    "card, code, has_order, status",
    [
        ("4500990000004001", "PAY_PROCESS_CANCELED", False, "READY"),
        ("4500990000003003", "REJECT_CARD_COMPANY", True, "ABORTED"),
    ],
)
def test_a_buyer_who_did_not_get_through_comes_to_the_fail_url(
    sandbox: RunningSandbox, toss: TossClient, card: str, code: str, has_order: bool, status: str
) -> None:
    payment = sandbox.authenticate(**GOOD, card=card)
    query = parse_qs(urlsplit(payment["redirect"]).query)
    assert query["code"] == [code]
    assert ("orderId" in query) is has_order
    assert toss.status(payment["paymentKey"]) == status


def test_nobody_authenticates_after_half_an_hour(sandbox: RunningSandbox, toss: TossClient) -> None:
    closed = sandbox.authenticate(**GOOD, card="4500990000004001")
    sandbox.advance(1801)
    assert toss.status(closed["paymentKey"]) == "EXPIRED"
    page = requests.get(f"{sandbox.origin}/toss/pay/{closed['paymentKey']}", timeout=5)
    assert page.status_code == 409


def test_the_window_works_without_javascript(sandbox: RunningSandbox, toss: TossClient) -> None:
    opened = requests.post(
        f"{sandbox.origin}/toss/sdk/payments",
        json={
            "clientKey": API_CLIENT,
            "askedBy": "payment",
            "orderId": "order-9",
            "orderName": "해석",
            "method": "CARD",
            "amount": {"value": 13000, "currency": "KRW"},
            "successUrl": "https://shop.example/ok",
            "failUrl": "https://shop.example/no",
        },
        timeout=5,
    ).json()
    window = sandbox.origin + opened["window"]
    card = {"step": "card", "number": "4500 9900 0000 5008", "expiry": "12/30", "cvc": "123"}
    wrong = requests.post(window, data={**card, "number": "4000"}, timeout=5)
    assert 'role="alert"' in wrong.text
    assert "three_d" in requests.post(window, data=card, timeout=5).text
    answer = requests.post(window, data={"step": "three_d", "choice": "pass"}, allow_redirects=False, timeout=5)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("https://shop.example/ok?orderId=order-9")
    again = requests.post(window, data=card, allow_redirects=False, timeout=5)
    assert again.headers["Location"] == answer.headers["Location"]
    assert sandbox.ledger()["payments"][0]["status"] == "IN_PROGRESS"


@pytest.mark.parametrize("hours, expected", [(2160, None), (2161, "EXCEED_MAX_DUE_DATE"), (0, "INVALID_PARAMETERS")])
def test_an_account_waits_ninety_days_at_most(sandbox: RunningSandbox, hours: int, expected: str | None) -> None:
    body = {
        "clientKey": API_CLIENT,
        "orderId": "order-9",
        "orderName": "해석",
        "method": "VIRTUAL_ACCOUNT",
        "amount": {"value": 13000, "currency": "KRW"},
        "virtualAccount": {"validHours": hours},
    }
    answer = requests.post(f"{sandbox.origin}/toss/sdk/payments", json=body, timeout=5)
    assert answer.json().get("code") == expected


def test_the_metadata_of_the_sdk_is_kept_within_its_limits(sandbox: RunningSandbox) -> None:
    body = {
        "clientKey": API_CLIENT,
        "orderId": "order-9",
        "orderName": "해석",
        "amount": {"value": 13000, "currency": "KRW"},
        "metadata": {str(number): "x" for number in range(6)},
    }
    answer = requests.post(f"{sandbox.origin}/toss/sdk/payments", json=body, timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_METADATA")
