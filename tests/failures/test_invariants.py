"""The checker checks: empty books break nothing, and each planted violation is found, on both databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, text

from tests.conftest import DATABASES, migrate
from tests.failures.invariants import ALWAYS, AT_REST, violations, violations_in
from tests.tooling.postgres import PostgresServer
from webapp.db.sessions import make_engine
from webapp.db.tables import metadata

Planted = dict[str, list[dict[str, Any]]]

ORDER = {"id": "o1", "public_id": "ord_1", "amount_minor": 100, "currency": "KRW", "status": "completed"}
PAYMENT = {
    "id": "p1", "order_id": "o1", "provider": "toss", "provider_ref": "k1", "sent_order_id": "ord_1",
    "amount_minor": 100, "captured_minor": 100, "refunded_minor": 0, "currency": "KRW", "status": "completed",
}  # fmt: skip
PROOF = {
    "id": 1, "payment_id": "p1", "captured_minor": 100, "currency": "KRW", "provider_ref": "k1", "order_ref": "ord_1",
}  # fmt: skip
MOVE = {
    "id": 1, "object_type": "payment", "object_id": "p1", "proof_id": 1, "cause": "confirm",
    "from_state": "pending", "to_state": "completed",
}  # fmt: skip
MAIL = {"id": "m1", "template": "receipt", "object_id": "o1", "state": "sent"}
OP = {"id": 1, "payment_id": "p1", "idempotency_key": "c1", "state": "settled"}
REFUND = {"id": "r1", "payment_id": "p1", "amount_minor": 100, "status": "succeeded", "provider_ref": "t1"}
EVENT = {"id": 1, "provider": "toss", "event_id": "e1", "processed_at": None, "outcome": None}
CHARGE = {
    "provider": "toss", "provider_ref": "k1", "order_ref": "ord_1", "captured": 100, "refunded": 0, "currency": "KRW",
}  # fmt: skip
CALL = {"provider": "toss", "seq": 1, "changing": 1, "idem_key": "c1", "body_hash": "h1"}
DELIVERY = {"provider": "toss", "event_id": "e1", "response_status": 200, "genuine": 1}

#: A paid order as it should be; each case below bends one thing of it.
SOUND: Planted = {
    "orders": [ORDER],
    "payments": [PAYMENT],
    "provider_proofs": [PROOF],
    "audit_log": [MOVE],
    "mails": [MAIL],
    "provider_operations": [OP],
    "truth_payments": [CHARGE],
    "truth_calls": [CALL],
}

#: Invariant → what is planted instead of the sound rows.
BENT: dict[str, Planted] = {
    "INV-01": {"truth_payments": [{**CHARGE, "captured": 90}]},
    "INV-02": {"payments": [], "provider_operations": []},
    "INV-03": {"truth_payments": []},
    "INV-04": {"provider_proofs": [{**PROOF, "captured_minor": 90}]},
    "INV-05": {
        "truth_payments": [CHARGE, {**CHARGE, "provider_ref": "k2"}],
        "payments": [PAYMENT, {**PAYMENT, "id": "p2", "provider_ref": "k2"}],
    },
    "INV-06": {"refunds": [REFUND, {**REFUND, "id": "r2", "amount_minor": 1, "status": "sent"}]},
    "INV-07": {"refunds": [{**REFUND, "amount_minor": 60}]},
    "INV-08": {
        "truth_refunds": [
            {"provider": "toss", "provider_ref": "t1", "payment_ref": "k1", "amount": 40, "status": "succeeded"}
        ]
    },
    "INV-09": {"payments": [{**PAYMENT, "amount_minor": 90}]},
    "INV-10": {"audit_log": [{**MOVE, "to_state": "confirming"}]},
    "INV-11": {"audit_log": [{**MOVE, "from_state": "refunded"}]},
    "INV-12": {
        "audit_log": [
            MOVE,
            {**MOVE, "id": 2, "from_state": "completed", "to_state": "awaiting_deposit"},
            {**MOVE, "id": 3, "from_state": "awaiting_deposit"},
        ]
    },
    "INV-14": {"mails": []},
    "INV-17": {"payments": [PAYMENT, {**PAYMENT, "id": "p2", "provider_ref": "k2", "status": "confirming"}]},
    "INV-18": {"truth_deliveries": [DELIVERY]},
    "INV-20": {"payments": [PAYMENT, {**PAYMENT, "id": "p2", "order_id": "o2"}]},
    "INV-21": {"truth_calls": [CALL, {**CALL, "seq": 2, "body_hash": "h2"}]},
    "INV-22": {"provider_operations": []},
    "INV-25": {"truth_pages": [{"order_ref": "ord_1", "said": "not_charged", "captured": 100}]},
    "INV-28": {
        "payments": [PAYMENT, {**PAYMENT, "id": "p2", "order_id": None, "provider_ref": "k2", "status": "mismatch"}]
    },
}  # fmt: skip

#: Further ways to break one of them.
ALSO: list[tuple[str, Planted]] = [
    ("INV-04", {"provider_proofs": [{**PROOF, "order_ref": "ord_2"}]}),
    ("INV-04", {"provider_proofs": [{**PROOF, "provider_ref": "k2"}]}),
    ("INV-09", {"payments": [{**PAYMENT, "currency": "USD"}]}),
    ("INV-10", {"audit_log": [MOVE, {**MOVE, "id": 2, "from_state": "confirming"}]}),
    ("INV-11", {"audit_log": [{**MOVE, "object_type": "order", "from_state": "canceled"}]}),
    ("INV-14", {"mails": [MAIL, {**MAIL, "id": "m2"}]}),
    ("INV-17", {"provider_operations": [{**OP, "state": "unanswered"}]}),
    ("INV-17", {"refunds": [{**REFUND, "status": "sent"}]}),
    ("INV-17", {"mails": [{**MAIL, "state": "sending"}]}),
    ("INV-17", {"jobs": [{"id": 1, "state": "dead"}]}),
    ("INV-17", {"webhook_events": [EVENT]}),
    ("INV-21", {"truth_calls": [{**CALL, "idem_key": None}]}),
    ("INV-25", {"truth_pages": [{"order_ref": "ord_1", "said": "paid", "captured": 0}]}),
    ("INV-28", {"payments": [PAYMENT, {**PAYMENT, "id": "p2", "provider_ref": "k2", "status": "mismatch"}]}),
]


@pytest.fixture(scope="module", params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The migrated, empty database; one for all, since a check leaves nothing behind."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('books') / 'shop.sqlite3'}"
        migrate(url)
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.url(server.create_database(template=request.getfixturevalue("_postgres_template")))
    engine = make_engine(url, "checkout")
    yield engine
    engine.dispose()


def schema_of(engine: Engine) -> str:
    return "main" if engine.dialect.name == "sqlite" else "checkout"


@contextmanager
def bare(engine: Engine) -> Iterator[tuple[Connection, str]]:
    """The same tables without a single constraint, so that what the database would refuse can be planted."""
    lite = engine.dialect.name == "sqlite"
    with (create_engine("sqlite://") if lite else engine).connect() as connection:
        schema = "main" if lite else "bare"
        if not lite:
            connection.execute(text("CREATE SCHEMA bare"))
        for table in metadata.tables.values():
            columns = (f"{column.name} {column.type.compile(connection.dialect)}" for column in table.columns)
            connection.execute(text(f"CREATE TABLE {schema}.{table.name} ({', '.join(columns)})"))
        try:
            yield connection, schema
        finally:
            connection.rollback()


def broken_by(engine: Engine, planted: Planted) -> set[str]:
    """The numbers of the invariants that these rows break."""
    rows = {**SOUND, **planted}
    with bare(engine) as (connection, schema):
        for table, values in rows.items():
            for row in values if not table.startswith("truth_") else ():
                names = ", ".join(f":{column}" for column in row)
                connection.execute(text(f"INSERT INTO {schema}.{table} ({', '.join(row)}) VALUES ({names})"), row)
        truth = {table: values for table, values in rows.items() if table.startswith("truth_")}
        found = violations(connection, schema, truth, quiet=True)
    return {name.split()[0] for name in found}


def test_an_empty_database_breaks_nothing(engine: Engine) -> None:
    assert violations_in(engine, schema_of(engine), {}, quiet=True) == {}


def test_sound_books_break_nothing(engine: Engine) -> None:
    assert broken_by(engine, {}) == set()


@pytest.mark.parametrize("number", sorted(BENT))
def test_a_planted_violation_is_found(engine: Engine, number: str) -> None:
    assert number in broken_by(engine, BENT[number])


@pytest.mark.parametrize("number, planted", ALSO, ids=[f"{number}-{at}" for at, (number, _) in enumerate(ALSO)])
def test_another_way_to_break_it_is_found_too(engine: Engine, number: str, planted: Planted) -> None:
    assert number in broken_by(engine, planted)


def test_every_invariant_has_a_planted_violation() -> None:
    assert {name.split()[0] for name in {**ALWAYS, **AT_REST}} == set(BENT)


def test_a_check_leaves_nothing_behind(engine: Engine) -> None:
    for _ in range(2):  # its views and tables would be there already
        violations_in(engine, schema_of(engine), {}, quiet=False)
