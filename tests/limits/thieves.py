"""Who tries stolen cards: accounts, orders, declined cards and invented payment keys."""

from sqlalchemy import insert

from tests.shop_server import PRODUCT, RunningShop
from webapp.db.orders import Order
from webapp.db.users import User
from webapp.domain.failures import PaymentsPaused
from webapp.services.checkout import Start, start
from webapp.services.pauses import note_decline

DECLINED = "4000000000000002"


def decline(shop: RunningShop, order_id: str) -> None:
    """One card that is refused at Stripe; the news of it is worked on."""
    sent_id = shop.payments(order_id)[-1]["sent_order_id"]
    shop.sandbox.stripe_pay(order_id=sent_id, card=DECLINED)


def invent(shop: RunningShop, created: dict[str, object], number: int) -> int:
    """A confirm with a payment key that Toss has never made."""
    body = {"paymentKey": f"tviva{number:015}", "orderId": created["orderId"], "amount": created["amount"]}
    return shop.post("/payment/toss/confirm", body).status_code


def accounts(shop: RunningShop, number: int) -> list[str]:
    """Accounts as if signed up by the form, without the half second that a password takes."""
    ids = [f"thief-{n}" for n in range(number)]
    rows = [
        {"id": i, "email": f"{i}@example.com", "password_hash": "-", "customer_key": i, "created_at": shop.clock.now()}
        for i in ids
    ]
    with shop.db() as session:
        session.execute(insert(User), rows)
    return ids


def begin(shop: RunningShop, user_id: str, network: str) -> str | None:
    wish = Start(
        user_id=user_id, locale="ko", currency="KRW", origin="api", product_id=PRODUCT, provider="toss", network=network
    )
    try:
        return start(shop.context, wish).order_id
    except PaymentsPaused:
        return None


def try_card(shop: RunningShop, user_id: str, network: str) -> bool:
    order_id = begin(shop, user_id, network)
    if order_id is None:
        return False
    with shop.db() as session:
        order = session.query(Order).filter_by(public_id=order_id).one()
        note_decline(session, shop.context, order)
    return True
