"""How often taking a webhook or an order writes to the disk, and that a Stripe webhook asks nobody."""

from collections.abc import Callable

from sqlalchemy import Connection, event

from tests.bench.writes import count_writes
from tests.failures.deliveries import genuine, raw, send
from tests.shop_server import DOLLARS, NAME, PRICE, READING, RunningShop

ABROAD = {"amount": DOLLARS, "description": READING}
AT_HOME = {"amount": PRICE, "orderName": NAME}


def writes_of(shop: RunningShop, work: Callable[[], int]) -> int:
    """Transactions open for writing that `work` commits; it answers 200. On SQLite the file's own counter agrees."""
    commits: list[Connection] = []

    def committed(connection: Connection) -> None:
        if not connection.get_execution_options().get("read_only"):
            commits.append(connection)

    engine = shop.context.sessions.engine
    before = count_writes(str(engine.url)) if engine.dialect.name == "sqlite" else 0
    event.listen(engine, "commit", committed)
    try:
        assert work() == 200
    finally:
        event.remove(engine, "commit", committed)
    if engine.dialect.name == "sqlite":
        assert count_writes(str(engine.url)) - before == len(commits)
    return len(commits)


def test_a_stored_webhook_is_one_write_and_no_provider_call(shop: RunningShop) -> None:
    order_id = shop.create_abroad()["orderId"]
    asked = len(shop.sandbox.calls())
    for event_id in ("evt_1TnQv2LkdIwHu7ix0First", "evt_1TnQv2LkdIwHu7ix0Other"):
        news = genuine("stripe", id=event_id)
        news["data"]["object"]["metadata"]["order_id"] = order_id

        assert writes_of(shop, lambda news=news: send(shop, "stripe", raw(news)).status_code) == 1  # type: ignore[misc]
    assert len(shop.rows("SELECT id FROM webhook_events")) == 2
    assert len(shop.sandbox.calls()) == asked


def test_a_create_is_one_write_at_toss_and_two_at_stripe(shop: RunningShop) -> None:
    token = shop.token()
    shop.post("/payment/toss/create", AT_HOME, token=token)  # its first use in five minutes is noted by a write too
    for provider, body, writes in (("toss", AT_HOME, 1), ("stripe", ABROAD, 2)):
        path = f"/payment/{provider}/create"
        made = writes_of(shop, lambda path=path, body=body: shop.post(path, body, token=token).status_code)  # type: ignore[misc]
        assert made == writes, provider


def test_postgres_counts_the_same(shop: RunningShop) -> None:
    """The bench reads the database's own counter; it moves with what is written and stands still for what is read."""
    url = str(shop.context.sessions.engine.url)
    shop.rows("SELECT 1")
    before = count_writes(url)
    send(shop, "stripe", raw(genuine("stripe")))
    assert count_writes(url) > before
