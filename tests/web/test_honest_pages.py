"""Pages that must not be mistaken: about another order, money that went back, a sum that isn't the one ordered."""

from typing import Any

from tests.mail.paid_orders import pay
from tests.shop_server import BUYER, PASSWORD, PRODUCT, Browsing, RunningShop

OTHER = "a wholly different passphrase"


def english(shop: RunningShop) -> Browsing:
    buyer = shop.browse()
    buyer.submit("/payments", "/language", locale="en")
    return buyer


def page(buyer: Browsing, path: str) -> str:
    answer = buyer.get(path)
    assert answer.status_code == 200, answer.text
    return " ".join(answer.text.split())


def deposit(shop: RunningShop, order_id: str, **how: Any) -> None:
    count = len(shop.rows("SELECT id FROM webhook_events"))
    shop.sandbox.deposit(order_id=order_id, **how)
    shop.sandbox.wait_deliveries(count + 1)
    shop.settle_down(hours=0.05)


def test_who_pays_a_newer_order_is_not_told_that_it_is_paid(shop: RunningShop) -> None:
    buyer = english(shop)
    pay(shop)
    assert "You bought this just now" in page(buyer, f"/checkout/{PRODUCT}?currency=KRW")
    newer, _ = buyer.checkout(f"{PRODUCT}?again=1&currency=KRW")

    for way in ("currency=KRW", f"order={newer}&currency=KRW", "currency=USD", "currency=EUR&provider=stripe"):
        shown = page(buyer, f"/checkout/{PRODUCT}?{way}")
        assert "You bought this just now" not in shown, way
        assert "data-pay" in shown, way


def test_the_back_button_after_paying_still_shows_what_was_paid(shop: RunningShop) -> None:
    buyer = english(shop)
    order_id, sent_id = buyer.checkout(f"{PRODUCT}?currency=KRW")
    (row,) = shop.payments(order_id)
    brought = shop.sandbox.authenticate(
        order_id=sent_id, amount=row["amount_minor"], success_url=f"{shop.origin}/payment/success"
    )
    assert buyer.back(brought).status_code == 303

    shown = page(buyer, f"/checkout/{PRODUCT}?currency=KRW")
    assert "You bought this just now" in shown
    assert "data-pay" not in shown


def test_what_was_bought_elsewhere_is_said_above_a_form_that_works(shop: RunningShop) -> None:
    """By a program, or in another browser: this one may well be here for a second one."""
    brought = shop.authenticated()
    body = {name: brought[name] for name in ("paymentKey", "orderId", "amount")}
    assert shop.post("/payment/toss/confirm", body).status_code == 200
    buyer = english(shop)

    shown = page(buyer, f"/checkout/{PRODUCT}?currency=KRW")
    assert "You bought this just now" in shown
    assert f"/payments/{brought['orderId']}" in shown
    assert "data-pay" in shown
    assert "Buy another one" not in shown
    assert "You bought this just now" not in page(buyer, f"/checkout/{PRODUCT}?currency=KRW"), "it was read"


def test_what_is_being_checked_elsewhere_is_offered_to_nobody_a_second_time(shop: RunningShop) -> None:
    brought = shop.authenticated()
    shop.sandbox.fault(call="confirm", then="reset")
    shop.sandbox.fault(call="lookup", then="status", status=500, times=9)
    body = {name: brought[name] for name in ("paymentKey", "orderId", "amount")}
    assert shop.post("/payment/toss/confirm", body).status_code == 202
    buyer = english(shop)

    for _ in range(2):
        shown = page(buyer, f"/checkout/{PRODUCT}?currency=KRW")
        assert "A payment for this is being checked" in shown
        assert f"/payments/{brought['orderId']}" in shown
        assert "data-pay" not in shown
    assert "data-pay" in page(buyer, f"/checkout/{PRODUCT}?currency=KRW&again=1"), "asked for by name"


def test_nor_is_what_a_bank_has_not_paid_yet(shop: RunningShop) -> None:
    made = shop.create_abroad(product=PRODUCT, currency="USD")
    shop.sandbox.stripe_pay(order_id=made["orderId"], method="bank_debit")
    shop.sandbox.wait_deliveries(1)
    shop.settle_down(hours=0.05)
    assert shop.order(made["orderId"])["status"] == "processing"

    shown = page(english(shop), f"/checkout/{PRODUCT}?currency=USD")
    assert "A payment for this is being checked" in shown
    assert "data-pay" not in shown


def test_an_order_that_another_took_the_place_of_says_so(shop: RunningShop) -> None:
    buyer = english(shop)
    first, _ = buyer.checkout(f"{PRODUCT}?currency=EUR")
    buyer.checkout(f"{PRODUCT}?currency=KRW")

    shown = page(buyer, f"/payments/{first}")
    assert "You continued with a newer order" in shown
    assert "The order is canceled" not in shown
    assert "Order again" not in shown


def test_an_order_that_she_canceled_says_that(shop: RunningShop) -> None:
    buyer = english(shop)
    order_id, _ = buyer.checkout(f"{PRODUCT}?currency=KRW")
    buyer.submit(f"/payments/{order_id}", f"/payments/{order_id}/cancel")

    assert "The order is canceled" in page(buyer, f"/payments/{order_id}")


def test_a_deposit_that_the_bank_took_back_is_told_first(shop: RunningShop) -> None:
    buyer = english(shop)
    order_id = pay(shop, method="VIRTUAL_ACCOUNT")
    assert "Please transfer the money to this account" in page(buyer, f"/payments/{order_id}")
    deposit(shop, order_id)
    deposit(shop, order_id, kind="taken_back")

    shown = page(buyer, f"/payments/{order_id}")
    assert "The bank reversed your deposit" in shown
    assert "Please transfer the money to this account" not in shown
    deposit(shop, order_id)
    assert "Your payment is complete" in page(buyer, f"/payments/{order_id}")


def test_a_wrong_sum_is_named_beside_the_one_that_was_ordered(shop: RunningShop) -> None:
    buyer = english(shop)
    order_id = pay(shop, method="VIRTUAL_ACCOUNT")
    deposit(shop, order_id, kind="wrong_sum")
    (row,) = shop.payments(order_id)

    if row["status"] == "mismatch":
        assert f"₩{row['captured_minor']:,} arrived for an order of ₩13,000" in page(buyer, f"/payments/{order_id}")
    else:
        assert row["status"] == "refunded", "sent back by itself"


def test_the_password_that_it_is_already_is_no_change(shop: RunningShop) -> None:
    buyer = english(shop)
    before = shop.rows("SELECT password_hash FROM users WHERE email = :e", e=BUYER)
    refused = buyer.submit("/account/password", "/account/password", current=PASSWORD, password=PASSWORD)
    assert refused.status_code == 422
    assert "This is your password already" in refused.text
    assert shop.rows("SELECT password_hash FROM users WHERE email = :e", e=BUYER) == before

    changed = buyer.submit("/account/password", "/account/password", current=PASSWORD, password=OTHER)
    assert changed.status_code == 303


def test_a_new_account_is_told_where_its_mail_went(shop: RunningShop) -> None:
    visitor = shop.browse(None)
    visitor.submit("/", "/language", locale="en")
    visitor.submit("/signup", "/signup", email="new.one@example.com", password=OTHER, name="")

    assert "confirm the address to new.one@example.com" in page(visitor, "/")
    assert "confirm the address" not in page(visitor, "/"), "said once"
