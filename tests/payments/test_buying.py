"""A whole purchase over HTTP: the guide's two calls, and the checkout page."""

from tests.failures.rest import deliver
from tests.shop_server import DOLLARS, NAME, PRICE, PRODUCT, READING, RunningShop


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


def test_the_guides_stripe_call_sells_a_reading(shop: RunningShop) -> None:
    created = shop.create_abroad(amount=DOLLARS, description=READING)
    shop.sandbox.stripe_pay(payment_intent=created["clientSecret"].split("_secret_")[0])

    deliver(shop)
    shop.work()

    assert shop.order(created["orderId"])["status"] == "completed"
    assert [(row["captured"], row["currency"]) for row in shop.sandbox.ledger()["payments"]] == [(DOLLARS, "USD")]
    assert [(m["template"], m["state"]) for m in shop.mails()] == [("receipt", "sent")]


def test_the_checkout_page_sells_a_reading_abroad(shop: RunningShop) -> None:
    buyer = shop.browse()
    order_id, sent_id = buyer.checkout(f"{PRODUCT}?currency=USD")
    paid = shop.sandbox.stripe_pay(order_id=sent_id, return_url=f"{shop.origin}/payment/success?order={sent_id}")

    answer = buyer.back(paid)

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/payments/{order_id}")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert shop.order(order_id)["status"] == "completed"
    page = buyer.get(f"/payments/{order_id}").text
    assert "US$10.00" in page
    assert "_secret_" not in page


def test_the_call_that_asks_stripe_books_at_once(shop: RunningShop) -> None:
    shop.sandbox.mute()
    created = shop.create_abroad()
    intent = created["clientSecret"].split("_secret_")[0]
    ask = {"paymentIntentId": intent, "orderId": created["orderId"]}

    assert shop.post("/payment/stripe/confirm", ask).json()["code"] == "PAYMENT_REFUSED"
    shop.sandbox.stripe_pay(payment_intent=intent)
    answer = shop.post("/payment/stripe/confirm", ask)

    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["payment"]["status"], told["payment"]["amount"], told["payment"]["disputed"]) == (
        "completed",
        DOLLARS,
        False,
    )
    assert told["stripePayment"]["payment_method"]["last4"] == "4242"
    assert "secret" not in answer.text


def test_a_page_that_is_only_fetched_ahead_orders_nothing(sqlite_shop: RunningShop) -> None:
    buyer = sqlite_shop.browse()

    answer = buyer.get(f"/checkout/{PRODUCT}?currency=USD", headers={"Sec-Purpose": "prefetch"})

    assert answer.status_code == 204
    assert sqlite_shop.rows("SELECT id FROM orders") == []


def test_the_guides_two_events_are_enough_to_sell(shop: RunningShop) -> None:
    shop.sandbox.stripe_account(events=["payment_intent.succeeded", "payment_intent.payment_failed"])
    created = shop.create_abroad()
    intent = created["clientSecret"].split("_secret_")[0]

    shop.sandbox.stripe_pay(payment_intent=intent, card="4000000000000002")
    deliver(shop)
    shop.work()
    assert (shop.order(created["orderId"])["status"], shop.order(created["orderId"])["last_failure"]) == (
        "pending",
        "declined",
    )
    shop.advance(5)
    shop.sandbox.stripe_pay(payment_intent=intent)
    deliver(shop)
    shop.work()

    assert shop.order(created["orderId"])["status"] == "completed"
    kinds = [row["kind"] for row in shop.rows("SELECT kind FROM webhook_events ORDER BY id")]
    assert kinds == ["payment_intent.payment_failed", "payment_intent.succeeded"]
