"""News that comes late, twice, out of order, or about a reference that was left behind."""

from cryptography.fernet import Fernet
from sqlalchemy import text

from tests.sandbox_server import WIDGET_CLIENT
from tests.shop_server import NAME, PRICE, Browsing, RunningShop
from webapp.services import alerts

BUYERS = ("buyer@example.com", "other@example.com")


def deposit_account(shop: RunningShop, buyer: Browsing) -> tuple[str, str]:
    """An order whose virtual account was issued: its public id and its payment key."""
    order_id, sent_id = buyer.checkout()
    brought = shop.sandbox.authenticate(
        client_key=WIDGET_CLIENT,
        order_id=sent_id,
        order_name=NAME,
        amount=PRICE,
        method="VIRTUAL_ACCOUNT",
        success_url=f"{shop.origin}/payment/success",
    )
    buyer.back(brought)
    assert shop.order(order_id)["status"] == "awaiting_deposit"
    return order_id, brought["paymentKey"]


def test_a_late_deposit_whose_look_up_got_no_answer_is_not_forgotten(shop: RunningShop) -> None:
    buyer = shop.browse()
    order_id, key = deposit_account(shop, buyer)
    shop.work()
    shop.advance(8 * 86_400)
    shop.sweep()
    assert shop.payments(order_id)[0]["status"] == "expired"

    shop.sandbox.fault(call="lookup", then="reset", times=2)
    shop.sandbox.deposit(payment_key=key, kind="late")
    shop.sandbox.wait_deliveries(1)
    shop.settle_down(hours=2)

    assert shop.payments(order_id)[0]["status"] == "completed"
    assert shop.order(order_id)["status"] == "completed"


def test_a_reference_left_behind_does_not_end_the_attempt(shop: RunningShop) -> None:
    buyer = shop.browse()
    order_id, sent_id = buyer.checkout()
    details = {"client_key": WIDGET_CLIENT, "order_id": sent_id, "order_name": NAME, "amount": PRICE}
    shop.sandbox.authenticate(**details)
    shop.sandbox.advance(11 * 60)
    shop.sandbox.wait_deliveries(1)
    shop.work()
    assert shop.payments(order_id)[0]["status"] == "pending"

    buyer.back(shop.sandbox.authenticate(**details, success_url=f"{shop.origin}/payment/success"))

    assert shop.order(order_id)["status"] == "completed"


def test_a_waiting_deposit_is_asked_about_less_and_less_often(sqlite_shop: RunningShop) -> None:
    deposit_account(sqlite_shop, sqlite_shop.browse())
    sqlite_shop.work()
    before = len(sqlite_shop.sandbox.calls("lookup", "lookup_order"))

    for _ in range(60):
        sqlite_shop.advance(60)
        sqlite_shop.sweep()

    assert len(sqlite_shop.sandbox.calls("lookup", "lookup_order")) - before <= 8
    proofs = sqlite_shop.rows("SELECT word FROM provider_proofs WHERE source = 'look-up'")
    assert len(proofs) <= 1, "the same reading again is the same proof"


def test_a_flood_about_one_payment_costs_few_look_ups(sqlite_shop: RunningShop) -> None:
    _, key = deposit_account(sqlite_shop, sqlite_shop.browse())
    sqlite_shop.work()
    order_ref = sqlite_shop.rows("SELECT sent_order_id FROM payments")[0]["sent_order_id"]
    before = len(sqlite_shop.sandbox.calls("lookup", "lookup_order"))

    for n in range(40):
        data = {"paymentKey": key, "orderId": order_ref, "status": "DONE"}
        body = {"eventType": "PAYMENT_STATUS_CHANGED", "createdAt": f"2026-11-23T10:00:{n:02}.1", "data": data}
        assert sqlite_shop.post("/payment/toss/webhook", body).status_code == 200
    for _ in range(10):
        sqlite_shop.work()
        sqlite_shop.advance(5)

    assert len(sqlite_shop.sandbox.calls("lookup", "lookup_order")) - before <= 4
    assert sqlite_shop.rows("SELECT count(*) AS n FROM webhook_events WHERE outcome IS NULL")[0]["n"] == 0


def test_a_refused_order_whose_buyer_has_begun_another_one_ends(shop: RunningShop) -> None:
    buyer = shop.browse()
    first, _ = deposit_account(shop, buyer)
    again = buyer.get("/checkout/saju-premium?again=1")
    assert again.status_code == 200
    shop.advance(8 * 86_400)

    assert shop.sweep() >= 1

    assert shop.order(first)["status"] == "expired"
    assert shop.rows("SELECT kind FROM alerts") == []


def test_the_bank_takes_a_deposit_back_after_its_due_date(shop: RunningShop) -> None:
    order_id, key = deposit_account(shop, shop.browse())
    shop.sandbox.deposit(payment_key=key, kind="paid")
    shop.sandbox.wait_deliveries(2)
    shop.settle_down(hours=1)
    assert shop.order(order_id)["status"] == "completed"

    shop.sandbox.set_webhook(None)
    shop.sandbox.deposit(payment_key=key, kind="taken_back")
    shop.advance(8 * 86_400)
    payment_id = shop.payments(order_id)[0]["id"]
    with shop.db() as session:
        from sqlalchemy import text

        session.execute(text("UPDATE payments SET next_check_at = proven_at WHERE id = :i"), {"i": payment_id})
    shop.sweep()

    assert shop.payments(order_id)[0]["status"] == "expired"
    assert shop.payments(order_id)[0]["captured_minor"] == 0


def test_a_payment_whose_key_is_lost_hides_none_of_the_others(sqlite_shop: RunningShop) -> None:
    """A backup brought back without its `ENCRYPTION_KEYS`: what was sealed then can't even be read."""
    (sealed, first), (other, second) = (deposit_account(sqlite_shop, sqlite_shop.browse(buyer)) for buyer in BUYERS)
    with sqlite_shop.db() as session:
        foreign = {"token": Fernet(Fernet.generate_key()).encrypt(b"x").decode(), "id": first}
        session.execute(text("UPDATE payments SET deposit_account = :token WHERE provider_ref = :id"), foreign)
    for key in (first, second):
        sqlite_shop.sandbox.deposit(payment_key=key)
    sqlite_shop.advance(3700)
    sqlite_shop.sweep()

    assert (sqlite_shop.order(sealed)["status"], sqlite_shop.order(other)["status"]) == (
        "awaiting_deposit",
        "completed",
    )
    assert [row["detail"] for row in sqlite_shop.rows("SELECT detail FROM alerts WHERE kind = 'stuck_payment'")] == [
        "a look-up could not be settled: Unopened"
    ]
    assert [alert["kind"] for alert in alerts.list_open(sqlite_shop.context, 9)] == ["stuck_payment"]
