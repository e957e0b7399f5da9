"""What a signed event of Stripe's names; what is in it is never believed (FM-47 to FM-49, FM-54)."""

import base64
import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.providers.stripe_events import VERSION, event, parse, raw, signed
from tests.providers.stripe_intents import INTENT, ORDER, charge, intent, refund
from webapp.domain.snapshots import ProviderEvent
from webapp.providers.port import EventRefused
from webapp.providers.stripe.events import HANDLED, MAX_BYTES, OTHER_MODE, OTHER_VERSION, UNREADABLE, WRONG_SHAPE

DISPUTE = {"object": "dispute", "id": "dp_1", "charge": "ch_1", "payment_intent": INTENT, "status": "needs_response"}


def test_a_paid_intent_names_itself_and_its_order() -> None:
    assert parse(event()) == ProviderEvent(
        event_id="evt_3TnQv2LkdIwHu7ix0cN6mB9q",
        kind="payment_intent.succeeded",
        provider_ref=INTENT,
        order_ref=ORDER,
    )


@pytest.mark.parametrize(
    "kind, subject",
    [
        ("charge.refunded", charge()),
        ("charge.refund.updated", refund(300)),
        ("refund.created", refund(300)),
        ("refund.failed", refund(300, status="failed")),
        ("charge.dispute.created", DISPUTE),
        ("charge.dispute.funds_withdrawn", DISPUTE),
    ],
)
def test_charges_refunds_and_disputes_lead_to_their_intent(kind: str, subject: dict[str, Any]) -> None:
    found = parse(event(kind, subject))
    assert (found.provider_ref, found.order_ref, found.warning) == (INTENT, None, None)
    expanded = parse(event(kind, subject | {"payment_intent": intent()}))
    assert (expanded.provider_ref, expanded.order_ref, expanded.warning) == (INTENT, ORDER, None)


def test_a_charge_without_an_intent_is_none_of_ours() -> None:
    found = parse(event("charge.refunded", charge(payment_intent=None)))
    assert (found.provider_ref, found.warning) == (None, None)


@pytest.mark.parametrize(
    "kind", ["payment_intent.created", "customer.updated", "charge.something_new", "invoice.paid", "a.b.c.d_e"]
)
def test_fm_54_types_that_we_do_not_handle_are_kept_and_name_nothing(kind: str) -> None:
    assert kind not in HANDLED
    found = parse(event(kind))
    assert (found.kind, found.provider_ref, found.order_ref, found.warning) == (kind, None, None, None)


@pytest.mark.parametrize("subject", [{"object": "customer", "id": "cus_1"}, {"object": "something_new"}])
def test_fm_54_a_handled_type_about_something_else_names_nothing(subject: dict[str, Any]) -> None:
    found = parse(event("charge.refunded", subject))
    assert (found.provider_ref, found.warning) == (None, None)


@pytest.mark.parametrize("version", ["2025-03-31.basil", "2026-11-25.endive", None, 7])
def test_fm_54_another_api_version_is_told_and_looked_at_all_the_same(version: object) -> None:
    found = parse(event(api_version=version))
    assert (found.provider_ref, found.warning) == (INTENT, OTHER_VERSION)


def test_the_version_that_events_come_in_is_the_packages_own() -> None:
    import stripe

    assert stripe.api_version == VERSION


@pytest.mark.parametrize("live", [True, False])
def test_fm_64_an_event_of_the_other_mode_leads_nowhere(live: bool) -> None:
    assert parse(event(livemode=live), live=live).provider_ref == INTENT
    found = parse(event(livemode=live), live=not live)
    assert (found.provider_ref, found.order_ref, found.warning) == (None, None, OTHER_MODE)


def test_an_order_id_of_another_shape_is_not_taken() -> None:
    for value in (None, 7, "", "ord", "o" * 65, "ord_Kb7/..", ["ord_Kb7vNs2c"]):
        found = parse(event(subject=intent(metadata={"order_id": value})))
        assert (found.provider_ref, found.order_ref, found.warning) == (INTENT, None, None)


@pytest.mark.parametrize("body", [[], [event()], "payment_intent.succeeded", None, 7, True, {}])
def test_fm_49_what_is_no_event_is_kept_by_its_bytes_and_told(body: object) -> None:
    found = parse(body)
    assert (found.kind, found.provider_ref, found.order_ref, found.warning) == (UNREADABLE, None, None, WRONG_SHAPE)
    assert found.event_id.startswith("sha256:")
    assert found.event_id == parse(body).event_id
    assert len(found.event_id) <= 100


@pytest.mark.parametrize(
    "change",
    [
        {"id": None},
        {"id": 7},
        {"id": "3TnQv2"},
        {"id": "evt_" + "x" * 91},
        {"id": "evt_a b"},
        {"type": None},
        {"type": 7},
        {"type": "a\nb"},
        {"type": "a" * 81},
        {"livemode": None},
        {"livemode": "false"},
        {"livemode": 0},
        {"data": None},
        {"data": "x"},
        {"data": []},
        {"data": {}},
        {"data": {"object": None}},
        {"data": {"object": [intent()]}},
        {"data": {"object": {"object": 7}}},
        {"data": {"object": intent(id=None)}},
        {"data": {"object": intent(id=7)}},
        {"data": {"object": intent(id="ch_1TnQv2Lkd")}},
        {"data": {"object": intent(id="pi_../..")}},
        {"data": {"object": charge(payment_intent=7)}},
        {"data": {"object": charge(payment_intent=["pi_1"])}},
        {"data": {"object": charge(payment_intent={})}},
    ],
)
def test_fm_49_a_signed_event_of_the_wrong_shape_is_kept_told_and_leads_nowhere(change: dict[str, Any]) -> None:
    found = parse(event(**change))
    assert (found.provider_ref, found.order_ref, found.warning) == (None, None, WRONG_SHAPE)
    assert found.event_id
    assert found.kind in ("payment_intent.succeeded", UNREADABLE)


@given(
    name=st.sampled_from(sorted(event())),
    value=st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.lists(st.integers(), max_size=2),
)
def test_fm_49_any_mutation_is_read_one_way_or_another(name: str, value: object) -> None:
    body = json.dumps(event() | {name: value}).encode()
    try:
        found = parse(body)
    except EventRefused:
        assert b"\\u" in body  # a character that no column holds
    else:
        assert found.provider_ref in (INTENT, None)
        assert len(found.event_id) <= 100
        assert len(found.kind) <= 80


TEXT = json.dumps(event(note="사주"), ensure_ascii=False)
ENCODED = {
    **{name: TEXT.encode(name) for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")},
    **{name: TEXT.encode(name) for name in ("utf-8-sig", "cp949", "euc-kr", "iso2022_kr", "johab", "utf-16")},
    **{
        name: json.dumps(event()).replace("Saju", "é").encode(name)
        for name in ("latin-1", "cp1252", "mac-roman", "cp437", "cp500", "utf-16-be")
    },
    "gzip": gzip.compress(TEXT.encode()),
    "cut in a character": TEXT.encode()[: TEXT.encode().index("사".encode()) + 1],
    "overlong": TEXT.encode().replace(b'"id"', b'"\xc1\xa9d"'),
    "half a surrogate": TEXT.encode().replace(b"Saju", b"\xed\xa0\x80"),
    "escaped half surrogate": TEXT.encode().replace(b"Saju", b"\\ud800"),
    "escaped nul": TEXT.encode().replace(b"Saju", b"\\u0000"),
    "bare nul": TEXT.encode().replace(b"Saju", b"\x00"),
    "cesu-8": TEXT.encode().replace(b"Saju", b"\xed\xa0\xbd\xed\xb8\x80"),
    "too high": TEXT.encode().replace(b"Saju", b"\xf5\x80\x80\x80"),
    "lone continuation": TEXT.encode().replace(b"Saju", b"\x80"),
    "ff": TEXT.encode().replace(b"Saju", b"\xff"),
    "fe ff in front": b"\xfe\xff" + TEXT.encode(),
    "form": b"payload=" + TEXT.encode(),
    "base64": base64.b64encode(TEXT.encode()),
}


@pytest.mark.parametrize("name", sorted(ENCODED))
def test_fm_47_only_utf_8_is_read_however_well_it_is_signed(name: str) -> None:
    with pytest.raises(EventRefused):
        parse(ENCODED[name])


def test_fm_47_the_corpus_is_large_enough() -> None:
    assert len(set(ENCODED.values())) >= 28


@pytest.mark.parametrize("coding", ["gzip", "identity", "br", ""])
def test_fm_47_a_packed_body_is_refused_by_its_header(coding: str) -> None:
    body = raw(event())
    with pytest.raises(EventRefused):
        parse(body, signed(body) | {"Content-Encoding": coding})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"id=evt_1",
        b'{"id":"evt_a","id":"evt_b"}',
        b"[" * 100_000,
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":1e400}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"' + b"x" * MAX_BYTES + b'"}',
        b" " * (MAX_BYTES + 1),
    ],
    ids=range(12),
)
def test_fm_48_hostile_json_is_refused_though_signed(body: bytes) -> None:
    with pytest.raises(EventRefused):
        parse(body)


def test_fm_48_a_name_that_means_something_elsewhere_means_nothing_here() -> None:
    assert parse(event() | {"__proto__": {"livemode": True}, "constructor": "x"}).provider_ref == INTENT


def test_what_is_kept_of_an_event_lets_nobody_pay() -> None:
    sent = event()
    kept = parse(sent).body or ""

    assert "_secret_" in json.dumps(sent)
    assert "_secret_" not in kept
    assert json.loads(kept)["data"]["object"]["client_secret"] is None
    assert json.loads(kept)["data"]["object"]["id"] == INTENT
