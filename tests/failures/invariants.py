"""What has to be true of the books at every moment, and what once everything has come to rest.

The queries are the catalogue's, in its words; `names.py` says what they stand for here. Each must return no row.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, Engine, text

from tests.failures.names import Rows, fill, speak
from tests.shop_server import RunningShop

ALWAYS: dict[str, str] = {
    "INV-04 no order is completed without the provider's proof, for this order, this reference, this sum": """
        SELECT o.id FROM orders o WHERE o.status IN ('paid','fulfilled','partially_refunded','refunded')
          AND NOT EXISTS (SELECT 1 FROM payments p JOIN provider_proofs f ON f.payment_id = p.id
            WHERE p.order_id = o.id AND f.captured = o.amount AND f.currency = o.currency
              AND f.order_ref = o.public_id AND f.provider_ref = p.provider_ref)""",
    "INV-06 refunds, including open ones, never exceed what was captured": """
        SELECT p.id FROM payments p JOIN refunds r ON r.payment_id = p.id
        WHERE r.state IN ('reserved','sent','unknown','pending','succeeded')
        GROUP BY p.id, p.captured_amount HAVING SUM(r.amount) > p.captured_amount""",
    "INV-09 sums are positive and in the order's currency, and what is captured was asked for": """
        SELECT p.id FROM payments p JOIN orders o ON o.id = p.order_id
        WHERE p.amount <= 0 OR p.captured_amount < 0 OR p.refunded_amount < 0 OR p.currency <> o.currency
          OR (p.state = 'captured' AND p.amount <> o.amount)""",
    "INV-11 only allowed edges were taken": """
        SELECT a.id, a.object_type, a.from_state, a.to_state FROM audit_log a LEFT JOIN allowed_edges e
          ON e.object_type = a.object_type AND e.from_state = a.from_state AND e.to_state = a.to_state
        WHERE e.to_state IS NULL""",
    "INV-12 every entry into a settled state cites its own proof": """
        SELECT object_id, to_state FROM audit_log
        WHERE object_type = 'payment'
          AND to_state IN ('captured','failed','expired','partially_refunded','refunded')
        GROUP BY object_id, to_state HAVING COUNT(DISTINCT proof_id) < COUNT(*)""",
    "INV-20 a provider reference belongs to one order only": """
        SELECT provider, provider_ref FROM payments WHERE provider_ref IS NOT NULL
        GROUP BY provider, provider_ref HAVING COUNT(*) > 1""",
    "INV-21 every changing call carries a key, and one key means one body": """
        SELECT idem_key FROM truth_calls WHERE changing = 1 GROUP BY provider, idem_key
        HAVING idem_key IS NULL OR COUNT(DISTINCT body_hash) > 1""",
    "INV-22 every changing call had a durable intent before it": """
        SELECT c.seq FROM truth_calls c LEFT JOIN provider_ops o ON o.idem_key = c.idem_key
        WHERE c.changing = 1 AND o.id IS NULL""",
    "INV-25 no page told a charged buyer that nothing was charged, or an uncharged one that it was paid": """
        SELECT order_ref, said, captured FROM truth_pages
        WHERE (said = 'not_charged' AND captured > 0) OR (said = 'paid' AND captured = 0)""",
}

AT_REST: dict[str, str] = {
    "INV-01 the books equal the provider's, payment by payment": """
        SELECT p.id FROM payments p
          JOIN truth_payments t ON t.provider = p.provider AND t.provider_ref = p.provider_ref
        WHERE p.captured_amount <> t.captured
          OR (p.refunded_amount <> t.refunded AND NOT EXISTS (
            SELECT 1 FROM alerts a WHERE a.object_id = p.id AND a.kind = 'refund_came_back'))
          OR (p.currency <> t.currency AND NOT EXISTS (
            SELECT 1 FROM alerts a WHERE a.object_id = p.id AND a.kind = 'mismatch'))""",
    "INV-02 every charge at a provider has exactly one payment here": """
        SELECT t.provider, t.provider_ref, COUNT(p.id) FROM truth_payments t
          LEFT JOIN payments p ON p.provider = t.provider AND p.provider_ref = t.provider_ref
        WHERE t.captured > 0 GROUP BY t.provider, t.provider_ref HAVING COUNT(p.id) <> 1""",
    "INV-03 no charge here that the provider does not know": """
        SELECT p.id FROM payments p
          LEFT JOIN truth_payments t ON t.provider = p.provider AND t.provider_ref = p.provider_ref
        WHERE p.captured_amount > 0 AND t.provider_ref IS NULL""",
    "INV-05 at most one kept charge for an order": """
        SELECT order_ref FROM truth_payments WHERE captured - refunded > 0 GROUP BY order_ref HAVING COUNT(*) > 1""",
    "INV-07 the refunded sum is the sum of the succeeded refunds": """
        SELECT p.id FROM payments p LEFT JOIN refunds r ON r.payment_id = p.id AND r.state = 'succeeded'
        GROUP BY p.id, p.refunded_amount HAVING COALESCE(SUM(r.amount), 0) <> p.refunded_amount""",
    "INV-08 every refund at a provider has exactly one refund of the same sum here": """
        SELECT t.provider_ref, COUNT(r.id) FROM truth_refunds t
          LEFT JOIN payments p ON p.provider = t.provider AND p.provider_ref = t.payment_ref
          LEFT JOIN refunds r ON r.payment_id = p.id AND r.provider_ref = t.provider_ref AND r.amount = t.amount
        WHERE t.status = 'succeeded' GROUP BY t.provider, t.provider_ref HAVING COUNT(r.id) <> 1""",
    "INV-10 the audit trail is an unbroken chain that ends at the present state": """
        SELECT CAST(id AS VARCHAR(40)) FROM (SELECT id, from_state,
            LAG(to_state) OVER (PARTITION BY object_type, object_id ORDER BY id) AS prev FROM audit_log) q
        WHERE prev IS NOT NULL AND from_state <> prev
        UNION ALL
        SELECT p.id FROM payments p WHERE REPLACE(p.state, 'orphan', 'mismatch') <> COALESCE((
          SELECT a.to_state FROM audit_log a
          WHERE a.object_type = 'payment' AND a.object_id = p.id ORDER BY a.id DESC LIMIT 1), '(none)')""",
    "INV-14 a paid order owes exactly one receipt mail": """
        SELECT o.id FROM orders o WHERE o.status IN ('paid','fulfilled')
          AND (SELECT COUNT(*) FROM outbox x WHERE x.kind = 'receipt_mail' AND x.object_id = o.id) <> 1""",
    "INV-17 nothing is left hanging": """
        SELECT 'payment' AS what, id FROM payments WHERE state IN ('confirming','unknown')
          OR (state IN ('processing','awaiting_deposit') AND next_check_at IS NULL)
        UNION ALL SELECT 'op', id FROM provider_ops WHERE state <> 'settled'
        UNION ALL SELECT 'refund', id FROM refunds WHERE state IN ('reserved','sent','unknown')
        UNION ALL SELECT 'outbox', id FROM outbox WHERE state = 'queued'
        UNION ALL SELECT 'job', id FROM jobs WHERE state <> 'done'
        UNION ALL SELECT 'event', id FROM webhook_events WHERE processed_at IS NULL AND outcome IS NULL""",
    "INV-18 every genuine event that we answered with 2xx is stored, once": """
        SELECT d.event_id FROM truth_deliveries d
          LEFT JOIN webhook_events w ON w.provider = d.provider AND w.event_id = d.event_id
        WHERE d.genuine = 1 AND d.response_status BETWEEN 200 AND 299
        GROUP BY d.provider, d.event_id HAVING COUNT(DISTINCT w.id) <> 1""",
    "INV-28 everything that needs a person has an alert": """
        SELECT p.id FROM payments p WHERE p.state IN ('mismatch','orphan')
          AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.object_id = p.id AND a.kind = p.state)""",
}

Truth = Mapping[str, Rows]

#: How the idempotency keys begin that a test sends in the merchant's name.
BY_THE_MERCHANT = "merchant-"


def violations(connection: Connection, schema: str, truth: Truth, *, quiet: bool) -> dict[str, list[object]]:
    """Invariant → the rows that break it, for each broken one; leaves temporary tables: roll back afterwards."""
    speak(connection, schema)
    for table, rows in truth.items():
        fill(connection, table, rows)
    asked = {**ALWAYS, **AT_REST} if quiet else ALWAYS
    found = {name: list(connection.execute(text(query)).all()) for name, query in asked.items()}
    return {name: list(rows) for name, rows in found.items() if rows}


def violations_in(engine: Engine, schema: str, truth: Truth, *, quiet: bool) -> dict[str, list[object]]:
    """The same over a transaction of its own, which changes nothing."""
    with engine.execution_options(read_only=True).connect() as connection:
        try:
            return violations(connection, schema, truth, quiet=quiet)
        finally:
            connection.rollback()


def truth_of(shop: RunningShop, pages: Rows) -> Truth:
    """The provider's own records, each payment under the order that its id belongs to."""
    sent = shop.rows(
        "SELECT p.sent_order_id, o.public_id FROM payments p JOIN orders o ON o.id = p.order_id"
        " WHERE p.sent_order_id IS NOT NULL"
    )
    order_of = {row["sent_order_id"]: row["public_id"] for row in sent}
    ledger = shop.sandbox.ledger()
    return {
        "truth_payments": [
            {**row, "order_ref": order_of.get(row["order_ref"], row["order_ref"])} for row in ledger["payments"]
        ],
        "truth_refunds": list(ledger["refunds"]),
        # What a test does with the shop's own key, as a merchant's other program would, is no call of the shop's.
        "truth_calls": [row for row in ledger["calls"] if not str(row["idem_key"]).startswith(BY_THE_MERCHANT)],
        "truth_deliveries": list(ledger["deliveries"]),
        "truth_pages": pages,
    }


def check(shop: RunningShop, *, quiet: bool, pages: Rows | None = None) -> None:
    """Raise AssertionError with every invariant that does not hold now; `quiet` asks those at rest too."""
    engine = shop.context.sessions.engine
    schema = "main" if engine.dialect.name == "sqlite" else shop.wiring.settings.db_schema
    broken = violations_in(engine, schema, truth_of(shop, pages or []), quiet=quiet)
    assert not broken, "\n".join(f"{name}: {rows}" for name, rows in broken.items())
