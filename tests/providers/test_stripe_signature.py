"""Stripe's webhook signature: what is believed, and what is not even looked into (FM-43 to FM-45, FM-50, FM-51)."""

import json

import pytest

from tests.providers.stripe_events import AT, NOW, OTHER_SECRET, SECRET, VERSION, event, parse, raw, signed
from tests.providers.stripe_headers import FITTING_HEADERS, REFUSED_HEADERS, UNSENDABLE_HEADERS, filled
from webapp.domain.failures import ProviderNotConfigured
from webapp.providers.port import SignatureRefused
from webapp.providers.stripe.events import parse_event

BODIES = {
    "paid": raw(event()),
    "other type": raw(event("customer.created", {"object": "customer", "id": "cus_1"})),
    "korean": raw(event(note="사주 리딩")),
    "odd spacing": b' {"id" : "evt_123456" ,"type":"x.y",\r\n "livemode": false, "data":{"object":{"object":"x"}} }\n',
    "an array": b"[1, 2]",
}
ALL_HEADERS = (*REFUSED_HEADERS, *UNSENDABLE_HEADERS)


@pytest.mark.parametrize("name", sorted(BODIES))
@pytest.mark.parametrize("header", ALL_HEADERS, ids=range(len(ALL_HEADERS)))
def test_fm_43_a_missing_or_wrong_signature_is_refused_without_a_look_at_the_body(header: str, name: str) -> None:
    body = BODIES[name]
    with pytest.raises(SignatureRefused) as caught:
        parse(body, {"Stripe-Signature": filled(header, body)})
    assert str(caught.value) in ("header", "time", "signature")
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_fm_43_the_matrix_is_forty_headers_by_five_bodies() -> None:
    assert len(set(ALL_HEADERS)) >= 40
    assert len(BODIES) == 5


@pytest.mark.parametrize("name", sorted(BODIES))
@pytest.mark.parametrize("header", FITTING_HEADERS)
def test_fm_43_one_fitting_signature_among_several_is_enough(header: str, name: str) -> None:
    body = BODIES[name]
    assert parse(body, {"Stripe-Signature": filled(header, body)}).event_id


def test_fm_43_without_the_header_nothing_is_believed() -> None:
    for headers in ({}, {"X-Stripe-Signature": filled("t={t},v1={v1}", BODIES["paid"])}):
        with pytest.raises(SignatureRefused):
            parse(BODIES["paid"], headers)


def test_the_header_is_found_however_it_is_written() -> None:
    right = signed(BODIES["paid"])["Stripe-Signature"]
    for name in ("stripe-signature", "STRIPE-SIGNATURE", "Stripe-Signature"):
        assert parse(BODIES["paid"], {name: right}).provider_ref


@pytest.mark.parametrize("seconds", [-300, -299, 0, 299, 300])
def test_fm_44_five_minutes_either_way_are_allowed(seconds: int) -> None:
    assert parse(BODIES["paid"], signed(BODIES["paid"], at=AT + seconds)).provider_ref


@pytest.mark.parametrize("seconds", [-31_536_000, -86_400, -301, 301, 3600, 31_536_000])
def test_fm_44_older_and_future_deliveries_are_refused_though_signed(seconds: int) -> None:
    with pytest.raises(SignatureRefused, match="time"):
        parse(BODIES["paid"], signed(BODIES["paid"], at=AT + seconds))


def test_fm_45_the_bytes_as_they_came_are_what_is_signed() -> None:
    odd = b'{ "id":"evt_123456",\n"type" : "x.y", "livemode":false,"data":{"object":{"object":"\\u00e9"}}}\n'
    assert parse(odd).event_id == "evt_123456"
    rewritten = [json.dumps(json.loads(odd)).encode(), odd.strip(), odd.replace(b"\\u00e9", "é".encode()), odd + b" "]
    for body in rewritten:
        with pytest.raises(SignatureRefused, match="signature"):
            parse(body, signed(odd))


def test_fm_50_without_a_secret_no_event_is_looked_at() -> None:
    for body in (BODIES["paid"], b"", b"{"):
        with pytest.raises(ProviderNotConfigured):
            parse_event(body, signed(body), secrets=(), now=NOW, live=False, api_version=VERSION)


@pytest.mark.parametrize("secret", ["", " "])
def test_fm_50_an_empty_secret_signs_nothing(secret: str) -> None:
    body = BODIES["paid"]
    with pytest.raises(SignatureRefused):
        parse(body, signed(body, secret), secrets=(secret,))


def test_fm_51_while_a_secret_is_rolled_both_are_believed() -> None:
    body = BODIES["paid"]
    for secret in (SECRET, OTHER_SECRET, SECRET):
        assert parse(body, signed(body, secret), secrets=(OTHER_SECRET, SECRET)).provider_ref
    with pytest.raises(SignatureRefused):
        parse(body, signed(body, SECRET), secrets=(OTHER_SECRET,))
