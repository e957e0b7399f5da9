"""What the shop's own backend hears, when, how often, and in which sequence."""

import json
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.conftest import MakeShop
from tests.fulfilment.conftest import SECRET
from tests.mail.paid_orders import alerts, charge_again, pay
from tests.sandbox.event_sink import EventSink
from tests.shop_server import BUYER, NAME, PRICE, PRODUCT, RunningShop
from webapp.settings import SettingsError, load_settings


def heard(backend: EventSink) -> list[dict[str, Any]]:
    return [json.loads(body) for _, body in backend.heard]


def told(backend: EventSink) -> list[tuple[str, str, int]]:
    """(type, status, refunded) of every message that arrived."""
    return [(m["type"], m["data"]["status"], m["data"]["refunded_amount"]) for m in heard(backend)]


def states(shop: RunningShop) -> list[tuple[str, str]]:
    return [(row["kind"], row["state"]) for row in shop.rows("SELECT kind, state FROM fulfilments ORDER BY number")]


def give_back(shop: RunningShop, order_id: str, **part: int) -> None:
    """Refund in Toss's own console; returns once its news was worked on."""
    (row,) = shop.payments(order_id)
    count = len(shop.rows("SELECT id FROM webhook_events"))
    shop.sandbox.dashboard_cancel(payment_key=row["provider_ref"], **part)
    shop.sandbox.wait_deliveries(count + 1)
    shop.settle_down(hours=0.02, step_s=10)  # short: a receiver's clock is the real one


def test_a_paid_order_is_told_once_with_everything_that_delivery_needs(
    telling_shop: RunningShop, backend: EventSink
) -> None:
    order_id = pay(telling_shop)
    assert backend.heard == [], "the buyer doesn't wait for the backend"
    telling_shop.work()
    telling_shop.settle_down(hours=100)

    (message,) = heard(backend)
    (payment,) = telling_shop.payments(order_id)
    assert message["type"] == "payment.completed"
    assert message["data"] == {
        "order_id": order_id,
        "payment_id": payment["id"],
        "product_id": PRODUCT,
        "product_name": NAME,
        "amount": PRICE,
        "currency": "KRW",
        "refunded_amount": 0,
        "status": "completed",
        "payment_method": "toss",
        "mode": payment["mode"],
        "locale": "ko",
        "user_id": telling_shop.order(order_id)["user_id"],
        "customer": {"email": BUYER, "name": None},
    }
    assert states(telling_shop) == [("payment.completed", "delivered")]


def test_the_signature_is_what_the_official_package_wants(telling_shop: RunningShop, backend: EventSink) -> None:
    pay(telling_shop)
    telling_shop.work()
    ((headers, body),) = backend.heard

    assert Webhook(SECRET).verify(body, headers)["type"] == "payment.completed"
    assert headers["webhook-id"].startswith("msg_")
    for changed in (body + " ", body.replace("13000", "13001")):
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(changed, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body, headers | {"webhook-id": "msg_another"})


def test_while_a_secret_is_rolled_both_fit(make_shop: MakeShop, sqlite_url: str, backend: EventSink) -> None:
    newer = "whsec_" + "QUJD" * 8
    shop = make_shop(sqlite_url, FULFILMENT_URL=backend.url, FULFILMENT_SECRET=f"{newer}, {SECRET}")
    pay(shop)
    shop.work()
    ((headers, body),) = backend.heard

    for secret in (newer, SECRET):
        assert Webhook(secret).verify(body, headers)


@pytest.mark.parametrize("answer", [199, 301, 302, 400, 404, 410, 429, 500, 503])
def test_anything_but_success_means_again_under_the_same_id(make_shop: MakeShop, sqlite_url: str, answer: int) -> None:
    with EventSink(answer if answer != 199 else 500, answer if answer != 199 else 404) as backend:
        shop = make_shop(sqlite_url, FULFILMENT_URL=backend.url, FULFILMENT_SECRET=SECRET)
        pay(shop)
        shop.work()
        assert states(shop) == [("payment.completed", "queued")]
        shop.settle_down(hours=2)

        assert states(shop) == [("payment.completed", "delivered")]
        assert len(backend.heard) == 3
        assert len({headers["webhook-id"] for headers, _ in backend.heard}) == 1
        assert len({body for _, body in backend.heard}) == 1


def test_nobody_there_for_three_days_is_told_to_a_person_and_can_be_sent_later(
    make_shop: MakeShop, sqlite_url: str
) -> None:
    with EventSink() as backend:
        url = backend.url
    shop = make_shop(sqlite_url, FULFILMENT_URL=url, FULFILMENT_SECRET=SECRET)
    pay(shop)
    shop.settle_down(hours=70)
    assert states(shop) == [("payment.completed", "queued")], "not given up before three days"
    shop.settle_down(hours=10)

    assert states(shop) == [("payment.completed", "failed")]
    (row,) = shop.rows("SELECT * FROM fulfilments")
    assert alerts(shop) == [("not_fulfilled", row["id"])]
    assert row["tries"] > 60
    assert shop.rows("SELECT id FROM jobs WHERE state = 'dead'") == []

    resent = shop.app.test_cli_runner().invoke(args=["fulfilments", "resend", row["id"]])
    assert (resent.exit_code, resent.output) == (0, "queued\n")
    assert states(shop) == [("payment.completed", "queued")]


def test_refunds_follow_the_payment_even_where_the_payment_arrives_late(make_shop: MakeShop, database_url: str) -> None:
    with EventSink(*[500] * 12) as backend:
        shop = make_shop(database_url, FULFILMENT_URL=backend.url, FULFILMENT_SECRET=SECRET)
        order_id = pay(shop)
        shop.work()
        give_back(shop, order_id, amount=3000)
        give_back(shop, order_id, amount=10000)
        assert {m["type"] for m in heard(backend)} == {"payment.completed"}, "nothing overtakes it"
        shop.settle_down(hours=8)

    assert told(backend)[-3:] == [
        ("payment.completed", "completed", 0),
        ("payment.refunded", "partially_refunded", 3000),
        ("payment.refunded", "refunded", 13000),
    ]
    assert {state for _, state in states(shop)} == {"delivered"}


def test_a_deposit_is_told_when_it_arrives_and_when_the_bank_takes_it_back(
    telling_shop: RunningShop, backend: EventSink
) -> None:
    order_id = pay(telling_shop, method="VIRTUAL_ACCOUNT")
    telling_shop.work()
    assert backend.heard == [], "an account number is no money"
    for kind in ("deposit", "taken_back"):
        count = len(telling_shop.rows("SELECT id FROM webhook_events"))
        telling_shop.sandbox.deposit(order_id=order_id, **({} if kind == "deposit" else {"kind": kind}))
        telling_shop.sandbox.wait_deliveries(count + 1)
        telling_shop.settle_down(hours=0.05)

    assert [(t, s) for t, s, _ in told(backend)] == [
        ("payment.completed", "completed"),
        ("payment.reversed", "awaiting_deposit"),
    ]


def test_money_that_was_not_ordered_delivers_nothing(telling_shop: RunningShop, backend: EventSink) -> None:
    order_id = pay(telling_shop)
    charge_again(telling_shop, order_id)
    telling_shop.settle_down(hours=3)

    assert [t for t, _, _ in told(backend)] == ["payment.completed"]
    assert {row["status"] for row in telling_shop.payments(order_id)} == {"completed", "refunded"}


def test_without_a_backend_the_messages_are_kept(make_shop: MakeShop, sqlite_url: str) -> None:
    shop = make_shop(sqlite_url)
    pay(shop)
    shop.work()

    assert states(shop) == [("payment.completed", "kept")]
    run = shop.app.test_cli_runner().invoke
    (row,) = shop.rows("SELECT * FROM fulfilments")
    assert row["id"] in run(args=["fulfilments", "list", "--state", "kept"]).output
    shown = run(args=["fulfilments", "show", row["id"]]).output
    assert json.loads(shown)["body"]["type"] == "payment.completed"
    assert BUYER not in shown
    refused = run(args=["fulfilments", "resend", row["id"]])
    assert refused.exit_code == 1
    assert "FULFILMENT_URL" in refused.output
    unknown = run(args=["fulfilments", "show", "msg_nobody"])
    assert unknown.exit_code == 1
    assert "no such fulfilment" in unknown.output


def test_a_closed_account_names_no_person(telling_shop: RunningShop, backend: EventSink) -> None:
    pay(telling_shop)
    telling_shop.rows("UPDATE users SET is_active = FALSE WHERE email = :e RETURNING id", e=BUYER)
    telling_shop.work()

    ((_, body),) = backend.heard
    assert json.loads(body)["data"]["customer"] is None
    assert BUYER not in body


@pytest.mark.parametrize(
    "url, secret, said",
    [
        ("ftp://shop.test/x", SECRET, "FULFILMENT_URL is not an address"),
        ("shop.test", SECRET, "FULFILMENT_URL is not an address"),
        ("https://shop.test/x", "", "FULFILMENT_SECRET is missing"),
        ("https://shop.test/x", "whsec_short", "FULFILMENT_SECRET must be"),
        ("https://shop.test/x", "c2hvcnQ=", "FULFILMENT_SECRET must be"),
        ("https://shop.test/x", f"{SECRET},whsec_!!", "FULFILMENT_SECRET must be"),
    ],
)
def test_settings_that_cannot_work_stop_the_start(url: str, secret: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as refused:
        load_settings({"FULFILMENT_URL": url, "FULFILMENT_SECRET": secret})
    assert SECRET not in str(refused.value)


def test_production_tells_nobody_in_clear() -> None:
    given = {"APP_ENV": "production", "FULFILMENT_URL": "http://shop.test/x", "FULFILMENT_SECRET": SECRET}
    with pytest.raises(SettingsError, match="FULFILMENT_URL must be https"):
        load_settings(given)
