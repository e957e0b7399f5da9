"""Stripe's signed webhooks at the running shop: whose signature, made when, over which bytes (FM-43 to 45, 50, 51)."""

import json
import math
from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet

from tests.conftest import MakeShop
from tests.failures.deliveries import genuine, is_refused, raw, send, signed, stored, stripe_settings
from tests.failures.purchase import wait_until
from tests.providers.stripe_headers import FITTING_HEADERS, REFUSED_HEADERS, filled
from tests.sandbox_server import STRIPE_WEBHOOK_SECRET, RunningSandbox
from tests.shop_server import RunningShop
from webapp.settings import SettingsError, load_settings

OTHER = "whsec_Hu3gLe8oQaWi6jRf"

BODIES = {
    "paid": raw(genuine("stripe")),
    "another type": raw(genuine("stripe", type="customer.created", data={"object": {"object": "customer"}})),
    "korean": raw(genuine("stripe", note="사주 리딩")),
    "no event": b"[1, 2]",
    "no JSON": b"id=evt_123456&type=payment_intent.succeeded",
}


def written_for(shop: RunningShop, body: bytes, header: str) -> bytes:
    """The header with its places filled for this body and the shop's secret and time."""
    return filled(header, body, STRIPE_WEBHOOK_SECRET, math.floor(shop.clock.now().timestamp())).encode()


def test_fm_43_the_matrix_is_forty_headers_by_five_bodies() -> None:
    assert len({*REFUSED_HEADERS, None}) >= 40
    assert len(BODIES) == 5


def test_fm_43_a_missing_or_wrong_signature_is_refused_and_leaves_only_a_line_in_the_log(
    shop: RunningShop, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    capsys.readouterr()
    for header in (None, *REFUSED_HEADERS):
        for body in BODIES.values():
            headers = {} if header is None else {"Stripe-Signature": written_for(shop, body, header)}
            answer = send(shop, "stripe", body, headers)
            assert is_refused(answer), (header, answer.text)
    assert stored(shop) == []
    assert shop.rows("SELECT id FROM jobs") == []
    assert shop.rows("SELECT id FROM alerts") == []
    assert shop.sandbox.ledger()["calls"] == []
    lines = refusals(capsys.readouterr().err + caplog.text)
    assert len(lines) == (len(REFUSED_HEADERS) + 1) * len(BODIES)


def refusals(log: str) -> list[str]:
    """The lines about refused webhooks; none of them holds what was sent."""
    found = [line for line in log.splitlines() if "webhook refused" in line]
    assert not any("evt_" in line or "v1=" in line for line in found)
    return found


def test_fm_43_a_header_of_a_hundred_kilobytes_is_refused(shop: RunningShop) -> None:
    body = BODIES["paid"]
    header = written_for(shop, body, "t={t},v1={v1},x=") + b"x" * 100_000
    assert send(shop, "stripe", body, {"Stripe-Signature": header}).status_code in (400, 431)
    assert stored(shop) == []


@pytest.mark.parametrize("header", FITTING_HEADERS)
def test_fm_43_one_fitting_signature_among_several_is_enough(shop: RunningShop, header: str) -> None:
    for number, name in enumerate(("paid", "another type", "korean")):
        body = raw(json.loads(BODIES[name]) | {"id": f"evt_fitting{number}"})
        answer = send(shop, "stripe", body, {"Stripe-Signature": written_for(shop, body, header)})
        assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert [row["event_id"] for row in stored(shop)] == ["evt_fitting0", "evt_fitting1", "evt_fitting2"]


@pytest.mark.parametrize(
    "ago_s, taken",
    [
        *((ago_s, True) for ago_s in (300, 299, 0, -299, -300)),
        *((ago_s, False) for ago_s in (365 * 86_400, 86_400, 301, -301, -3600)),
    ],
)
def test_fm_44_five_minutes_either_way_and_no_second_more(
    shop: RunningShop, monkeypatch: pytest.MonkeyPatch, ago_s: int, taken: bool
) -> None:
    present = datetime.now(UTC).replace(microsecond=0)
    with monkeypatch.context() as still:
        still.setattr(shop.clock, "now", lambda: present)
        body = BODIES["paid"]
        answer = send(shop, "stripe", body, signed(shop, body, at=present.timestamp() - ago_s))
        assert answer.status_code == (200 if taken else 400)
        assert taken or is_refused(answer)
        assert len(stored(shop)) == taken


def test_fm_44_a_replay_inside_the_window_changes_nothing_and_outside_is_refused(shop: RunningShop) -> None:
    body = BODIES["paid"]
    headers = signed(shop, body)
    assert send(shop, "stripe", body, headers).status_code == 200
    before = stored(shop), shop.rows("SELECT id, kind, state FROM jobs")
    shop.clock.advance(290)
    assert send(shop, "stripe", body, headers).status_code == 200
    assert send(shop, "stripe", body).status_code == 200, "signed anew, but the same event"
    assert (stored(shop), shop.rows("SELECT id, kind, state FROM jobs")) == before
    shop.clock.advance(12)
    assert is_refused(send(shop, "stripe", body, headers))


def test_fm_45_the_bytes_as_they_came_are_what_is_signed(shop: RunningShop) -> None:
    odd = (
        b' {"id" : "evt_odd123",\r\n\t"type":"x.y" , "livemode":false,"note":"\\uc0ac\\u002f",'
        b'"api_version": "2026-10-28.endive", "data":{"object":{"object":"x"}}}\n\n'
    )
    headers = signed(shop, odd)
    rewritten = {
        "compact": json.dumps(json.loads(odd), separators=(",", ":")).encode(),
        "stripped": odd.strip(),
        "unescaped": odd.replace(b"\\uc0ac", "사".encode()),
        "line ends": odd.replace(b"\r\n", b"\n"),
        "a space more": odd + b" ",
    }
    for name, body in rewritten.items():
        assert is_refused(send(shop, "stripe", body, headers)), name
    assert stored(shop) == []
    assert send(shop, "stripe", odd, headers).status_code == 200
    assert [row["event_id"] for row in stored(shop)] == ["evt_odd123"]


PRODUCTION = {
    "APP_ENV": "production",
    "SECRET_KEY": "w7Jr0b2m9Xq4-long-enough-for-a-session-key",
    "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "DATABASE_URL": "postgresql://shop@127.0.0.1/shop",
    "PUBLIC_URL": "https://pay.chatju.test",
    "SMTP_URL": "smtp://shop:mail-password@127.0.0.1:587",
    "STRIPE_PUBLISHABLE_KEY": "pk_live_lookalike00",
    "STRIPE_SECRET_KEY": "sk_live_lookalike00",
    "STRIPE_WEBHOOK_SECRET": "whsec_lookalike00",
}
UNSET = {
    "empty": "",
    "blank": " ",
    "changeme": "changeme",
    "the example": "whsec_your_webhook_secret",
    "dots": "whsec_...",
    "half a list": "whsec_lookalike00,",
}


def test_fm_50_with_every_setting_production_starts() -> None:
    assert load_settings(PRODUCTION).providers["stripe"].mode == "live"


@pytest.mark.parametrize("value", UNSET.values(), ids=UNSET)
@pytest.mark.parametrize("name", ["STRIPE_WEBHOOK_SECRET", "STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY"])
def test_fm_50_production_does_not_start_without_what_checks_and_asks(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name) as refused:
        load_settings(PRODUCTION | {name: value})
    assert not value.strip() or value not in str(refused.value)


def test_fm_50_in_development_nothing_is_taken_unchecked(
    make_shop: MakeShop, database_url: str, sandbox: RunningSandbox
) -> None:
    shop = make_shop(database_url, **stripe_settings(sandbox))
    for name, body in BODIES.items():
        for headers in ({}, signed(shop, body), signed(shop, body, secret=""), signed(shop, body, secret="None")):
            answer = send(shop, "stripe", body, headers)
            assert (answer.status_code, answer.json()["code"]) == (503, "PROVIDER_NOT_CONFIGURED"), name
    assert stored(shop) == []


@pytest.mark.parametrize("provider", ["toss", "stripe"])
def test_fm_50_a_provider_without_keys_takes_no_news(
    make_shop: MakeShop, database_url: str, sandbox: RunningSandbox, provider: str
) -> None:
    keys = {
        "toss": stripe_settings(sandbox, STRIPE_WEBHOOK_SECRET),
        "stripe": {"TOSS_CLIENT_KEY": "test_ck_lookalike00", "TOSS_SECRET_KEY": "test_sk_lookalike00"},
    }
    shop = make_shop(database_url, **keys[provider])
    answer = send(shop, provider, raw(genuine(provider)))
    assert (answer.status_code, answer.json()["code"]) == (503, "PROVIDER_NOT_CONFIGURED")
    assert stored(shop) == []


def test_fm_51_while_a_secret_is_rolled_both_are_taken_and_afterwards_the_new_one_alone(
    make_shop: MakeShop, database_url: str, sandbox: RunningSandbox
) -> None:
    old, new = STRIPE_WEBHOOK_SECRET, OTHER
    both = make_shop(database_url, **stripe_settings(sandbox, f"{new}, {old}"))
    for number in range(6):
        body = raw(genuine("stripe", id=f"evt_rolling{number}"))
        secret = (old, new)[number % 2]
        assert send(both, "stripe", body, signed(both, body, secret=secret)).status_code == 200
    assert len(stored(both)) == 6

    after = make_shop(database_url, **stripe_settings(sandbox, new))
    last, late = raw(genuine("stripe", id="evt_rolled0")), raw(genuine("stripe", id="evt_rolled1"))
    assert send(after, "stripe", last, signed(after, last, secret=new)).status_code == 200
    assert is_refused(send(after, "stripe", late, signed(after, late, secret=old)))
    assert len(stored(after)) == 7


def test_fm_51_an_endpoint_that_signs_with_both_secrets_is_heard_before_and_after(
    make_shop: MakeShop, database_url: str, sandbox: RunningSandbox
) -> None:
    sandbox.stripe_account(webhook_secrets=[STRIPE_WEBHOOK_SECRET, OTHER])
    for secret in (STRIPE_WEBHOOK_SECRET, OTHER):
        shop = make_shop(database_url, **stripe_settings(sandbox, secret))
        sandbox.set_webhook(f"{shop.origin}/payment/stripe/webhook", provider="stripe")
        before = len(stored(shop))
        created = shop.create_abroad()
        sandbox.stripe_pay(order_id=created["orderId"])
        wait_until(lambda shop=shop, before=before: len(stored(shop)) == before + 1)  # type: ignore[misc]
