"""A whole purchase over HTTP: the guide's two calls, and the checkout page."""

from tests.shop_server import NAME, PRICE, RunningShop


def test_the_guides_two_calls_sell_a_reading(shop: RunningShop) -> None:
    created = shop.create(amount=PRICE, orderName=NAME)
    brought = shop.authenticated(created)

    answer = shop.post(
        "/payment/toss/confirm",
        {"paymentKey": brought["paymentKey"], "orderId": brought["orderId"], "amount": str(PRICE)},
    )

    assert answer.status_code == 200, answer.text
    assert answer.json()["payment"]["status"] == "completed"
    assert shop.sandbox.ledger()["payments"][0]["captured"] == PRICE
    shop.work()
    assert [(m["template"], m["state"]) for m in shop.mails()] == [("receipt", "sent")]


def test_the_checkout_page_sells_a_reading(shop: RunningShop) -> None:
    buyer = shop.browse()
    order_id, sent_id = buyer.checkout()
    brought = shop.sandbox.authenticate(
        order_id=sent_id, amount=PRICE, order_name=NAME, success_url=f"{shop.origin}/payment/success"
    )

    answer = buyer.back(brought)

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/payments/{order_id}")
    assert shop.order(order_id)["status"] == "completed"
    assert NAME in buyer.get(f"/payments/{order_id}").text
    assert order_id in buyer.get("/payments").text
