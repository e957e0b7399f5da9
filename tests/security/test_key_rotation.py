"""`flask keys rotate`: afterwards the old key may go; a value that no key opens is told and left alone."""

from click.testing import Result
from cryptography.fernet import Fernet

from tests.conftest import MakeShop
from tests.shop_server import RunningShop
from webapp.db.idempotency import IdempotencyKey
from webapp.db.inbox import Event
from webapp.db.payments import Payment
from webapp.db.sealed import sealed_columns
from webapp.services.keys import rotate

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
EVENTS = 7


def rotated(shop: RunningShop) -> Result:
    return shop.app.test_cli_runner().invoke(args=["keys", "rotate"])


def fill(shop: RunningShop) -> str:
    """Something in every sealed column; the order whose deposit is one of them."""
    created = shop.create()
    shop.authenticated(created)
    for number in range(EVENTS):
        shop.post("/payment/toss/webhook", {"eventType": "PAYMENT_STATUS_CHANGED", "n": number, "data": {}})
    with shop.db() as session:
        now = shop.clock.now()
        session.add(
            IdempotencyKey(
                scope="s", key="k", fingerprint="f", status=200, body="an answer", running_until=now, created_at=now
            )
        )
        payment = session.query(Payment).one()
        payment.deposit_account, payment.deposit_holder, payment.event_secret = "110-222", "김사주", "ps_secret"
        session.add(Event(provider="toss", event_id="e", kind="k", secret="ps_secret", body="a body", received_at=now))
    return str(created["orderId"])


def stored(shop: RunningShop) -> list[str]:
    """What lies in the sealed columns, as it lies there."""
    found: list[str] = []
    for table, column in sealed_columns():
        rows = shop.rows(f"SELECT {column.name} AS v FROM {table.name} WHERE {column.name} IS NOT NULL")
        found += [row["v"] for row in rows]
        assert rows, f"{table.name}.{column.name} holds nothing, so nothing is shown about it"
    return found


def test_after_a_rotation_the_old_key_may_go(make_shop: MakeShop, database_url: str) -> None:
    before = make_shop(database_url, ENCRYPTION_KEYS=OLD)
    order_id = fill(before)
    values = stored(before)
    both = make_shop(database_url, ENCRYPTION_KEYS=f"{NEW},{OLD}")

    assert rotated(both).exit_code == 0
    assert rotated(both).output.count("\t0 sealed anew") == len(list(sealed_columns()))
    assert not set(values) & set(stored(both))

    after = make_shop(database_url, ENCRYPTION_KEYS=NEW)
    with after.db() as session:
        payment = session.query(Payment).filter_by(sent_order_id=order_id).one()
        assert (payment.deposit_account, payment.deposit_holder) == ("110-222", "김사주")
    assert all(Fernet(NEW).decrypt(value) for value in stored(after))


def test_a_rotation_goes_on_where_it_was_stopped(make_shop: MakeShop, sqlite_url: str) -> None:
    fill(make_shop(sqlite_url, ENCRYPTION_KEYS=OLD))
    shop = make_shop(sqlite_url, ENCRYPTION_KEYS=f"{NEW},{OLD}")
    stopped = rotate(shop.context, batch=2)
    first = next(stopped)
    stopped.close()

    rest = list(rotate(shop.context, batch=3))
    whole = {done.column: done.resealed + done.already for done in rest}

    assert (rest[0].resealed, rest[0].already) == (0, first.resealed)
    assert sum(done.resealed for done in rest) == sum(whole.values()) - first.resealed
    assert whole["webhook_events.body"] >= EVENTS


def test_what_no_key_opens_is_told_and_left_alone(make_shop: MakeShop, sqlite_url: str) -> None:
    fill(make_shop(sqlite_url, ENCRYPTION_KEYS=OLD))
    shop = make_shop(sqlite_url, ENCRYPTION_KEYS=NEW)
    before = stored(shop)

    refused = rotated(shop)

    assert refused.exit_code == 1
    assert f"{len(before)} values can't be opened" in refused.output
    assert OLD not in refused.output
    assert stored(shop) == before
