"""The scenes before and after a purchase: one product, the history narrowed down, orders that ran out, the receipt."""

from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.browser.buyer import DECLINED
from tests.browser.scene import Spot, scene
from tests.browser.stage import Person
from tests.shop_server import PRODUCT

DAY = 86_400


@scene("product-stranger", logged_in=False)
@scene("product")
def _product(_who: Person) -> Spot:
    return Spot(f"/products/{PRODUCT}")


@scene("product-not-in-this-currency")
def _product_elsewhere(who: Person) -> Spot:
    name = "other-currency"
    who.shop.rows(
        "INSERT INTO products (id, is_active, position) SELECT :n, TRUE, 9 WHERE NOT EXISTS"
        " (SELECT 1 FROM products WHERE id = :n) RETURNING id",
        n=name,
    )
    for locale, said in (("ko", "해외 배송 책"), ("en", "A book from abroad")):
        who.shop.rows(
            "INSERT OR IGNORE INTO product_texts (product_id, locale, name, description) VALUES (:n, :l, :s, :s)"
            " RETURNING locale",
            n=name,
            l=locale,
            s=said,
        )
    who.shop.rows(
        "INSERT OR IGNORE INTO product_prices (product_id, currency, amount_minor) VALUES (:n, 'USD', 2500)"
        " RETURNING currency",
        n=name,
    )
    return Spot(f"/products/{name}")


@scene("product-not-found")
def _product_missing(_who: Person) -> Spot:
    return Spot("/products/no-such-thing", status=404)


@scene("history-group")
def _history_group(who: Person) -> Spot:
    who.pay()
    who.order()
    return Spot("/payments?group=paid")


@scene("history-found-nothing")
def _history_nothing(who: Person) -> Spot:
    def act(page: Page) -> None:
        page.locator("#q").fill("없는 상품")
        page.locator("form[role=search] button").click()
        expect(page.locator(".empty")).to_be_visible()

    who.pay()
    return Spot("/payments", act=act)


def run_out(who: Person, order_id: str) -> None:
    """Nobody has visited the order for two days."""
    long_ago = (who.shop.clock.now() - timedelta(days=2)).strftime("%Y-%m-%d %H:%M:%S.%f")
    who.shop.rows("UPDATE orders SET updated_at = :t WHERE public_id = :o RETURNING id", t=long_ago, o=order_id)
    who.shop.sweep()


@scene("payment-expired")
def _expired(who: Person) -> Spot:
    order_id, _ = who.order()
    run_out(who, order_id)
    return Spot(who.sees(order_id, "expired"))


@scene("payment-expired-price-changed")
def _expired_dearer(who: Person) -> Spot:
    order_id, _ = who.order()
    run_out(who, order_id)
    who.shop.rows("UPDATE orders SET amount_minor = 11000 WHERE public_id = :o RETURNING id", o=order_id)
    return Spot(who.sees(order_id, "expired"))


@scene("payment-expired-off-sale")
def _expired_gone(who: Person) -> Spot:
    order_id, _ = who.order()
    run_out(who, order_id)
    who.shop.rows("INSERT OR IGNORE INTO products (id, is_active, position) VALUES ('gone', FALSE, 9) RETURNING id")
    who.shop.rows("UPDATE orders SET product_id = 'gone' WHERE public_id = :o RETURNING id", o=order_id)
    return Spot(who.sees(order_id, "expired"))


@scene("refused-expired")
def _refused_expired(who: Person) -> Spot:
    brought = who.bring()
    run_out(who, str(brought["order_id"]))
    return Spot("/payment/" + str(brought["redirect"]).split("/payment/", 1)[1], status=409)


@scene("payment-deposit-overdue")
def _overdue(who: Person) -> Spot:
    order_id = who.pay(method="VIRTUAL_ACCOUNT")
    path = who.sees(order_id, "awaiting_deposit")
    _pay_with_account_of_yesterday(who, order_id)
    return Spot(path)


@scene("payment-account-expired")
def _account_over(who: Person) -> Spot:
    order_id = who.pay(method="VIRTUAL_ACCOUNT")
    path = who.sees(order_id, "awaiting_deposit")
    _pay_with_account_of_yesterday(who, order_id)
    (row,) = who.shop.payments(order_id)
    who.shop.rows("UPDATE payments SET status = 'expired' WHERE id = :p RETURNING id", p=row["id"])
    who.shop.rows(
        "UPDATE orders SET status = 'pending', last_failure = 'expired' WHERE public_id = :o RETURNING id", o=order_id
    )
    return Spot(path)


def _pay_with_account_of_yesterday(who: Person, order_id: str) -> None:
    (row,) = who.shop.payments(order_id)
    yesterday = (who.shop.clock.now() - timedelta(days=1)).strftime("%Y-%m-%d %H:%M:%S.%f")
    who.shop.rows("UPDATE payments SET deposit_due_at = :t WHERE id = :p RETURNING id", t=yesterday, p=row["id"])


@scene("payment-many-tries")
def _many_tries(who: Person) -> Spot:
    """Refused, tried again, another way, and paid in the end: everything that a timeline has to tell."""
    first = who.pay(card=DECLINED)
    who.web.submit(f"/payments/{first}", f"/payments/{first}/tries")
    page = who.web.get(f"/checkout/{PRODUCT}?order={first}&currency=KRW&provider=stripe")
    assert page.status_code == 200
    (*_, last) = who.shop.payments(first)
    brought = who.shop.sandbox.stripe_pay(order_id=last["sent_order_id"], card="4242424242424242")
    who.web.back(brought)
    path = who.sees(first, "completed")
    who.shop.sandbox.stripe_refund(order_id=last["sent_order_id"], amount=3000)
    return Spot(who.sees(first, "partially_refunded") or path)


def _back_logged_out(who: Person, brought: dict[str, object]) -> Spot:
    """She was logged out while she was at the provider's."""
    who.leave()

    def act(page: Page) -> None:
        page.goto(who.shop.origin + "/payment/" + str(brought["redirect"]).split("/payment/", 1)[1])
        page.locator("#payment").wait_for()

    return Spot("/login", act=act)


@scene("brought-paid")
def _brought_paid(who: Person) -> Spot:
    return _back_logged_out(who, who.bring())


@scene("brought-not-paid")
def _brought_not_paid(who: Person) -> Spot:
    return _back_logged_out(who, who.bring(card=DECLINED))


@scene("payment-paid-already")
def _paid_already(who: Person) -> Spot:
    path = who.sees(who.pay(), "completed")
    who.web.submit(path, f"{path}/tries")
    return Spot(path)


@scene("receipt")
def _receipt(who: Person) -> Spot:
    return Spot(who.sees(who.pay(), "completed") + "/receipt")


@scene("receipt-refunded")
def _receipt_refunded(who: Person) -> Spot:
    order_id = who.pay()
    (row,) = [row for row in who.shop.sandbox.ledger()["payments"] if row["order_ref"] == order_id]
    for amount in (3000, 2000):
        who.shop.sandbox.dashboard_cancel(payment_key=row["provider_ref"], amount=amount)
    return Spot(who.sees(order_id, "partially_refunded") + "/receipt")
