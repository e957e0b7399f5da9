"""Toss's webhooks: three envelopes, no signature, nothing believed (FM-41, FM-42, FM-47 to FM-49, FM-54)."""

import json
from typing import Any

import pytest

from webapp.domain.snapshots import ProviderEvent
from webapp.providers.port import EventRefused
from webapp.providers.toss.events import MAX_BYTES, parse_event

HEADERS = {
    "Tosspayments-Webhook-Transmission-Id": "whtrans_a01JDq4mXw9pZr",
    "tosspayments-webhook-transmission-retried-count": "0",
}
CHANGED: dict[str, Any] = {
    "eventType": "PAYMENT_STATUS_CHANGED",
    "createdAt": "2026-11-23T14:46:59.65327",
    "data": {
        "paymentKey": "tviva20261123140000AbCd",
        "orderId": "ord_Kb7vNs2c",
        "status": "DONE",
        "totalAmount": 1,
        "secret": "ps_KbVN",
    },
}
DEPOSIT: dict[str, Any] = {
    "createdAt": "2026-11-23T14:46:59.653270",
    "secret": "ps_KbVN",
    "status": "DONE",
    "transactionKey": "tx_1",
    "orderId": "ord_Kb7vNs2c",
}
PAYOUT: dict[str, Any] = {
    "eventType": "payout.changed",
    "createdAt": "2026-11-23T14:46:59+09:00",
    "version": "2022-11-16",
    "eventId": "evt_1",
    "entityType": "payout",
    "entityBody": {"orderId": "ord_Kb7vNs2c", "status": "COMPLETED"},
}


def parse(event: object, headers: dict[str, str] | None = None) -> ProviderEvent:
    return parse_event(json.dumps(event, ensure_ascii=False).encode(), HEADERS if headers is None else headers)


def test_a_status_change_names_its_payment() -> None:
    assert parse(CHANGED) == ProviderEvent(
        event_id="whtrans_a01JDq4mXw9pZr",
        kind="PAYMENT_STATUS_CHANGED",
        provider_ref="tviva20261123140000AbCd",
        order_ref="ord_Kb7vNs2c",
        secret="ps_KbVN",
    )


def test_a_deposit_notice_is_known_by_its_shape() -> None:
    assert parse(DEPOSIT) == ProviderEvent(
        event_id="whtrans_a01JDq4mXw9pZr",
        kind="DEPOSIT_CALLBACK",
        provider_ref=None,
        order_ref="ord_Kb7vNs2c",
        secret="ps_KbVN",
    )


def test_other_business_of_theirs_has_a_kind_and_names_nothing() -> None:
    found = parse(PAYOUT)
    assert (found.kind, found.provider_ref, found.order_ref, found.secret) == ("payout.changed", None, None, None)


@pytest.mark.parametrize("kind", ["BILLING_DELETED", "METHOD_UPDATED", "SOMETHING_NEW", "seller.changed.v2"])
def test_fm_54_unknown_kinds_are_read_as_far_as_they_go(kind: str) -> None:
    found = parse({"eventType": kind, "createdAt": "x", "data": {"billingKey": "b"}})
    assert (found.kind, found.provider_ref, found.order_ref) == (kind, None, None)


def test_the_secret_does_not_print() -> None:
    assert "ps_KbVN" not in repr(parse(CHANGED))


@pytest.mark.parametrize("secret", [None, "", 7, "s" * 51, ["ps_KbVN"]])
def test_fm_42_a_secret_that_cannot_be_one_is_none_or_a_wrong_one(secret: object) -> None:
    assert parse(DEPOSIT | {"secret": secret}).secret == "", "this kind always carries one: no secret fits no payment"
    assert parse(CHANGED | {"data": CHANGED["data"] | {"secret": secret}}).secret is None


@pytest.mark.parametrize("value", [None, 7, "", "a b", "k" * 201, {"id": "k"}, "키"])
def test_fm_49_a_payment_key_of_another_shape_is_not_taken(value: object) -> None:
    found = parse(CHANGED | {"data": CHANGED["data"] | {"paymentKey": value}})
    assert (found.provider_ref, found.order_ref) == (None, "ord_Kb7vNs2c")


@pytest.mark.parametrize("value", [None, 7, "", "ord", "o" * 65, "ord_Kb7/..", ["ord_Kb7vNs2c"]])
def test_fm_49_an_order_id_of_another_shape_is_not_taken(value: object) -> None:
    found = parse(CHANGED | {"data": CHANGED["data"] | {"orderId": value}})
    assert (found.provider_ref, found.order_ref) == ("tviva20261123140000AbCd", None)


@pytest.mark.parametrize("data", [None, "x", 7, [], [CHANGED["data"]]])
def test_fm_49_data_of_another_shape_names_nothing(data: object) -> None:
    found = parse(CHANGED | {"data": data})
    assert (found.provider_ref, found.order_ref) == (None, None)


@pytest.mark.parametrize(
    "event",
    [
        [],
        [CHANGED],
        "PAYMENT_STATUS_CHANGED",
        None,
        7,
        {},
        {"eventType": None},
        {"eventType": 7, "data": {}},
        {"eventType": "", "data": {}},
        {"eventType": "A" * 81, "data": {}},
        {"eventType": "A\nB", "data": {}},
        {"secret": "ps_KbVN", "orderId": "ord_Kb7vNs2c"},
        {"secret": "ps_KbVN", "status": "DONE"},
        {"secret": "ps_KbVN", "status": "DONE", "orderId": 7},
    ],
)
def test_fm_49_what_is_no_envelope_is_refused(event: object) -> None:
    with pytest.raises(EventRefused):
        parse(event)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"paymentKey=1",
        b"\xef\xbb\xbf{}",
        b'{"eventType":"A","eventType":"B"}',
        b"[" * 100_000,
        b'{"eventType":"A","data":NaN}',
        json.dumps(CHANGED).encode("utf-16"),
        b" " * (MAX_BYTES + 1),
    ],
)
def test_fm_48_hostile_bytes_are_refused(body: bytes) -> None:
    with pytest.raises(EventRefused):
        parse_event(body, HEADERS)


@pytest.mark.parametrize("sent", ["", "short", "x" * 101, "whtrans_a b", "sha256:0000000000", "whtrans_\n"])
def test_fm_37_without_a_usable_id_the_bytes_are_the_id(sent: str) -> None:
    first, again = (parse(CHANGED, {"tosspayments-webhook-transmission-id": sent}) for _ in range(2))
    other = parse(DEPOSIT, {"tosspayments-webhook-transmission-id": sent})
    assert first.event_id == again.event_id != other.event_id
    assert first.event_id.startswith("sha256:")
    assert len(first.event_id) <= 100


def test_the_header_is_found_however_it_is_written() -> None:
    for name in ("tosspayments-webhook-transmission-id", "TossPayments-Webhook-Transmission-Id"):
        assert parse(CHANGED, {name: "whtrans_abc123"}).event_id == "whtrans_abc123"
