"""Stripe's webhook signature: what is believed, and what is not even looked into (FM-43 to FM-45, FM-50, FM-51)."""

import json

import pytest

from tests.providers.stripe_events import AT, NOW, OTHER_SECRET, SECRET, VERSION, event, parse, raw, signature, signed
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
#: `{t}` is the time of signing; `{v1}` fits, `{bad}` fits another body, `{other}` was made with another secret.
REFUSED_HEADERS = [
    "",
    " ",
    ",",
    "=",
    "t=",
    "v1=",
    "t={t}",
    "v1={v1}",
    "{v1}",
    "t={t},v1=",
    "t={t},v1={bad}",
    "t={t},v1={other}",
    "t={t},v0={v1}",
    "t={t},v2={v1}",
    "t={t},V1={v1}",
    "T={t},v1={v1}",
    "t={t};v1={v1}",
    "t={t}, v1={v1}",
    "t:{t},v1:{v1}",
    "t={t},v1={v1}0",
    "t={t},v1=0{v1}",
    "t={t},v1={upper}",
    "t={t},v1={bad},v1={other}",
    "t={t},v1={bad},v0={v1}",
    "t=0,v1={v1}",
    "t=-{t},v1={v1}",
    "t=+{t},v1={v1}",
    "t={t}.0,v1={v1}",
    "t={t}e0,v1={v1}",
    "t=0x{t},v1={v1}",
    "t= {t},v1={v1}",
    "t=abc,v1={v1}",
    "t={t},t=0,v1={v1}",
    "t=0,t={t},v1={v1}",
    "t=9999999999999999999999,v1={v1}",
    "t={t},v1={v1}\n",
    "t={t},v1=é{v1}",
    "t=１,v1={v1}",
    "\x00t={t},v1={v1}",
    "t={t},v1={v1}," + "x" * 100_000,
]


def written(header: str, body: bytes) -> str:
    right = signature(body)
    return header.format(
        t=AT,
        v1=right,
        upper=right.upper() if right.upper() != right else right[::-1],
        bad=signature(body + b" "),
        other=signature(body, OTHER_SECRET),
    )


@pytest.mark.parametrize("name", sorted(BODIES))
@pytest.mark.parametrize("header", REFUSED_HEADERS, ids=range(len(REFUSED_HEADERS)))
def test_fm_43_a_missing_or_wrong_signature_is_refused_without_a_look_at_the_body(header: str, name: str) -> None:
    body = BODIES[name]
    with pytest.raises(SignatureRefused) as caught:
        parse(body, {"Stripe-Signature": written(header, body)})
    assert str(caught.value) in ("header", "time", "signature")
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_fm_43_the_matrix_is_forty_headers_by_five_bodies() -> None:
    assert (len(REFUSED_HEADERS), len(BODIES)) == (40, 5)


@pytest.mark.parametrize("name", sorted(BODIES))
@pytest.mark.parametrize(
    "header",
    [
        "t={t},v1={v1}",
        "v1={v1},t={t}",
        "t={t},v1={bad},v1={v1}",
        "t={t},v1={v1},v1={bad}",
        "t={t},v1={v1},v0={bad}",
        "t={t},v0={bad},v1={other},v1={v1},scheme=new",
    ],
)
def test_fm_43_one_fitting_signature_among_several_is_enough(header: str, name: str) -> None:
    body = BODIES[name]
    assert parse(body, {"Stripe-Signature": written(header, body)}).event_id


def test_fm_43_without_the_header_nothing_is_believed() -> None:
    for headers in ({}, {"X-Stripe-Signature": written("t={t},v1={v1}", BODIES["paid"])}):
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
