"""The catalogue's tables and words, as views over ours: the one place where the two vocabularies meet.

The invariants are asked in the catalogue's words. `{s}` is the schema that holds our tables. Differences:
- Numeric ids are cast to text, so that answers about different things can stand in one list.
- A proof names the order by the id that the attempt sent; here it names the order.
- An order whose unwanted money was sent back was never paid: the catalogue's `refunded` is ours only after `completed`.
- A refused tampering, and a try that the provider refused, are audit rows from a state to itself; they are no moves.
- A second charge is money of the catalogue's `mismatch`; a charge without an order its `orphan`.
"""

from sqlalchemy import Connection, text

from webapp.domain.states import LEAVES_PAYABLE, MOVES, OPEN, REFUND_MOVES, PaymentStatus, order_status, steps
from webapp.services.books import NONE

_STATE = "CASE {0} WHEN 'completed' THEN 'captured' ELSE {0} END"
_ORDER_STATE = "CASE {0} WHEN 'completed' THEN 'paid' ELSE {0} END"
_MOVED = "CASE WHEN {0} <> 'completed' THEN {0} WHEN object_type = 'order' THEN 'paid' ELSE 'captured' END"

VIEWS: dict[str, str] = {
    "orders": f"""
        SELECT o.id, o.public_id, o.amount_minor AS amount, o.currency,
          CASE WHEN o.status = 'refunded' AND NOT EXISTS (SELECT 1 FROM {{s}}.audit_log a
            JOIN {{s}}.payments p ON p.id = a.object_id AND p.order_id = o.id
            WHERE a.object_type = 'payment' AND a.to_state = 'completed')
          THEN 'sent_back' ELSE {_ORDER_STATE.format("o.status")} END AS status
        FROM {{s}}.orders o""",
    "payments": f"""
        SELECT id, order_id, provider, provider_ref, amount_minor AS amount, currency, next_check_at,
          captured_minor AS captured_amount, refunded_minor AS refunded_amount,
          CASE WHEN status = 'mismatch' AND order_id IS NULL THEN 'orphan' ELSE {_STATE.format("status")} END AS state
        FROM {{s}}.payments""",
    "provider_proofs": """
        SELECT f.payment_id, f.captured_minor AS captured, f.currency, f.provider_ref,
          CASE WHEN f.order_ref = p.sent_order_id THEN o.public_id ELSE f.order_ref END AS order_ref
        FROM {s}.provider_proofs f JOIN {s}.payments p ON p.id = f.payment_id
          LEFT JOIN {s}.orders o ON o.id = p.order_id""",
    "refunds": "SELECT id, payment_id, amount_minor AS amount, status AS state, provider_ref FROM {s}.refunds",
    "provider_ops": """
        SELECT CAST(id AS VARCHAR(20)) AS id, payment_id, idempotency_key AS idem_key, state
        FROM {s}.provider_operations""",
    "webhook_events": """
        SELECT CAST(id AS VARCHAR(20)) AS id, provider, event_id, processed_at, outcome FROM {s}.webhook_events""",
    "jobs": "SELECT CAST(id AS VARCHAR(20)) AS id, state FROM {s}.jobs",
    "outbox": """
        SELECT id, template || '_mail' AS kind, object_id,
          CASE state WHEN 'sending' THEN 'queued' ELSE state END AS state
        FROM {s}.mails""",
    "audit_log": f"""
        SELECT id, object_type, object_id, proof_id,
          {_MOVED.format("from_state")} AS from_state, {_MOVED.format("to_state")} AS to_state
        FROM {{s}}.audit_log WHERE cause NOT IN ('tampered', 'declined')""",
    "alerts": """
        SELECT object_id, CASE kind WHEN 'second_charge' THEN 'mismatch' ELSE kind END AS kind FROM {s}.alerts""",
}

#: What the provider knows, filled by the caller; `truth_pages` is what each page said, and what was true then.
TRUTH: dict[str, dict[str, str]] = {
    "truth_payments": dict.fromkeys(("provider", "provider_ref", "order_ref", "currency"), "VARCHAR(200)")
    | dict.fromkeys(("captured", "refunded"), "BIGINT"),
    "truth_refunds": dict.fromkeys(("provider", "provider_ref", "payment_ref", "status"), "VARCHAR(200)")
    | {"amount": "BIGINT"},
    "truth_calls": dict.fromkeys(("provider", "idem_key", "body_hash"), "VARCHAR(300)")
    | dict.fromkeys(("seq", "changing"), "BIGINT"),
    "truth_deliveries": dict.fromkeys(("provider", "event_id"), "VARCHAR(200)")
    | dict.fromkeys(("response_status", "genuine"), "BIGINT"),
    "truth_pages": dict.fromkeys(("order_ref", "said"), "VARCHAR(200)") | {"captured": "BIGINT"},
}

Rows = list[dict[str, object]]


def _word(object_type: str, state: str) -> str:
    if state != PaymentStatus.COMPLETED:
        return str(state)
    return "paid" if object_type == "order" else "captured"


def allowed_edges() -> Rows:
    """Our tables of moves, in the catalogue's words."""
    pending, canceled, mismatch = PaymentStatus.PENDING, PaymentStatus.CANCELED, PaymentStatus.MISMATCH
    payment = {(str(a), str(b)) for a, b in MOVES} | {(NONE, str(pending)), (NONE, str(mismatch))}
    # An order takes in one stride what its attempt takes in two: completed, then refunded.
    order = {(str(order_status(a)), str(order_status(b))) for a in PaymentStatus for b in PaymentStatus if steps(a, b)}
    order |= {(NONE, str(pending)), (str(pending), str(canceled)), (str(pending), str(PaymentStatus.EXPIRED))}
    # An order that its buyer has replaced meanwhile ends where its attempt ends: it is not hers to pay any more.
    order |= {(str(a), str(b)) for a in OPEN for b in LEAVES_PAYABLE}
    refund = {(str(a), str(b)) for a, b in REFUND_MOVES} | {(NONE, "reserved"), (NONE, "succeeded")}
    return [
        {"object_type": kind, "from_state": _word(kind, a), "to_state": _word(kind, b)}
        for kind, moves in (("payment", payment), ("order", order), ("refund", refund))
        for a, b in sorted(moves)
    ]


def speak(connection: Connection, schema: str) -> None:
    """Make the views and the empty truth tables, for this connection only; a rollback takes them away."""
    for name, query in VIEWS.items():
        connection.execute(text(f"CREATE TEMP VIEW {name} AS {query.format(s=schema)}"))
    edges = dict.fromkeys(("object_type", "from_state", "to_state"), "VARCHAR(40)")
    for name, columns in {**TRUTH, "allowed_edges": edges}.items():
        listed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        connection.execute(text(f"CREATE TEMP TABLE {name} ({listed})"))
    fill(connection, "allowed_edges", allowed_edges())


def fill(connection: Connection, table: str, rows: Rows) -> None:
    """Insert rows into a truth table; members that it has no column for are left out."""
    columns = list(TRUTH.get(table, {})) or list(rows[0])
    values = ", ".join(f":{column}" for column in columns)
    insert = text(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})")
    for row in rows:
        connection.execute(insert, {column: row.get(column) for column in columns})
