"""What must be true of the shop's books after any crash, held against the provider's and the mail server's."""

from collections import Counter
from typing import Any

from tests.crash.served_shop import ServedShop
from tests.mail.mail_server import RunningMailServer
from tests.shop_server import DOLLARS, PRICE

#: What the product costs.
_PRICES = {"KRW": PRICE, "USD": DOLLARS}

#: A row of one of these was promised or begun and never ended.
_UNFINISHED = {
    "payments": "SELECT id, status FROM payments WHERE status IN ('confirming', 'processing')",
    "operations": "SELECT id, state FROM provider_operations WHERE state <> 'settled'",
    "refunds": "SELECT id, status FROM refunds WHERE status NOT IN ('succeeded', 'failed')",
    "jobs": "SELECT id, kind, state, last_error FROM jobs WHERE state <> 'done'",
    "events": "SELECT id, kind FROM webhook_events WHERE outcome IS NULL",
    "mails": "SELECT id, state FROM mails WHERE state IN ('queued', 'sending')",
}

_CHAIN = """
SELECT id FROM (SELECT id, from_state, LAG(to_state) OVER (PARTITION BY object_type, object_id ORDER BY id) AS before
                  FROM audit_log) AS moves
 WHERE before IS NOT NULL AND from_state <> before
"""


def assert_sold_once(shop: ServedShop, order_id: str) -> None:
    """One charge is kept at the provider, one completed order here, one receipt owed: for this order."""
    attempts, price = shop.payments(order_id), _PRICES[shop.order(order_id)["currency"]]
    sent = {attempt["sent_order_id"] for attempt in attempts}
    theirs = [row for row in shop.sandbox.ledger()["payments"] if row["order_ref"] in sent and row["captured"] > 0]
    kept = [row["captured"] - row["refunded"] for row in theirs]
    assert sorted(kept)[-1:] == [price], theirs
    assert sum(kept) == price, theirs
    assert shop.order(order_id)["status"] == "completed"
    assert [a["status"] for a in attempts if a["captured_minor"] - a["refunded_minor"] > 0] == ["completed"]
    receipts = [mail for mail in shop.mails() if mail["template"] == "receipt" and _is_about(shop, mail, order_id)]
    assert len(receipts) == 1, receipts


def assert_books(shop: ServedShop, mailbox: RunningMailServer) -> None:
    """Nothing hangs, the trail is whole, every call had its intent, every event is stored, no mail went twice."""
    left = {name: found for name, sql in _UNFINISHED.items() if (found := shop.rows(sql))}
    assert not left, left
    assert shop.rows(_CHAIN) == []
    _assert_trail_ends_here(shop, "payment", "payments")
    _assert_trail_ends_here(shop, "order", "orders")
    _assert_trail_ends_here(shop, "refund", "refunds")
    ledger = shop.sandbox.ledger()
    _assert_same_sums(shop, ledger["payments"])
    _assert_calls_had_intents(shop, ledger["calls"])
    _assert_events_stored(shop, ledger["deliveries"])
    _assert_mails(shop, mailbox)


def applied_confirms(shop: ServedShop, order_ref: str) -> int:
    """How often a confirm of ours took money for this id."""
    return sum(call["applied"] for call in shop.sandbox.calls("confirm") if f'"{order_ref}"' in call["body"])


def charges(shop: ServedShop, order_ref: str) -> int:
    """How often the provider took money for this id, whoever asked for it."""
    return sum(row["captured"] > 0 for row in shop.sandbox.ledger()["payments"] if row["order_ref"] == order_ref)


def changing_calls(shop: ServedShop) -> int:
    """How often we asked a provider to do something: confirms at Toss, payments made at Stripe."""
    return sum(call["changing"] for call in shop.sandbox.ledger()["calls"])


def _is_about(shop: ServedShop, mail: Any, order_id: str) -> bool:
    return bool(mail["order_id"] == shop.order(order_id)["id"])


def _assert_trail_ends_here(shop: ServedShop, kind: str, table: str) -> None:
    last = {
        row["object_id"]: row["to_state"]
        for row in shop.rows("SELECT object_id, to_state FROM audit_log WHERE object_type = :k ORDER BY id", k=kind)
    }
    now = {row["id"]: row["status"] for row in shop.rows(f"SELECT id, status FROM {table}")}
    assert last == now, f"the audit trail of the {table} ends elsewhere"


def _assert_same_sums(shop: ServedShop, theirs: list[dict[str, Any]]) -> None:
    ours = {
        row["provider_ref"]: (row["captured_minor"], row["refunded_minor"])
        for row in shop.rows("SELECT provider_ref, captured_minor, refunded_minor FROM payments")
        if row["captured_minor"]
    }
    assert ours == {row["provider_ref"]: (row["captured"], row["refunded"]) for row in theirs if row["captured"]}


def _assert_calls_had_intents(shop: ServedShop, calls: list[dict[str, Any]]) -> None:
    changing = [call for call in calls if call["changing"]]
    keys = {row["idempotency_key"] for row in shop.rows("SELECT idempotency_key FROM provider_operations")}
    assert {call["idem_key"] for call in changing} <= keys
    bodies = {(call["idem_key"], call["body_hash"]) for call in changing}
    assert max(Counter(key for key, _ in bodies).values(), default=1) == 1, "one key, two bodies"


def _assert_events_stored(shop: ServedShop, deliveries: list[dict[str, Any]]) -> None:
    answered = {row["event_id"] for row in deliveries if row["response_status"] == 200}
    stored = Counter(row["event_id"] for row in shop.rows("SELECT event_id FROM webhook_events"))
    assert all(stored[event] == 1 for event in answered), "an event that we said yes to is not stored once"


def _assert_mails(shop: ServedShop, mailbox: RunningMailServer) -> None:
    """`sent` means once; `perhaps_sent` means at most once, and a person is told."""
    went = Counter(received.mail_id for received in mailbox.received)
    alerts = {row["object_id"] for row in shop.rows("SELECT object_id FROM alerts WHERE kind = 'mail_perhaps_sent'")}
    for mail in shop.mails():
        count = went.pop(mail["id"], 0)
        assert mail["state"] in ("sent", "perhaps_sent"), dict(mail)
        if mail["state"] == "sent":
            assert count == 1, f"{count} mails, said to be sent"
        else:
            assert count <= 1
            assert mail["id"] in alerts
    assert not went, f"mails that nobody owed: {went}"
