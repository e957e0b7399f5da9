"""The scenes of a purchase: from the catalogue to the history."""

from playwright.sync_api import Page, expect

from tests.browser.buyer import DECLINED, NO_FUNDS, TERMS, WINDOW
from tests.browser.scene import Spot, scene
from tests.browser.stage import Person
from tests.shop_server import PRODUCT
from webapp.domain.arrivals import Return
from webapp.domain.identifiers import OPEN_AMOUNT
from webapp.services.confirm import ask_about, take_return


@scene("catalogue-empty", shop="bare")
@scene("catalogue-stranger", logged_in=False)
@scene("catalogue")
def _catalogue(_who: Person) -> Spot:
    return Spot("/")


@scene("login", logged_in=False)
def _login(_who: Person) -> Spot:
    return Spot("/login?next=/payments")


@scene("login-wrong", logged_in=False)
def _login_wrong(who: Person) -> Spot:
    def act(page: Page) -> None:
        page.locator("input[name=email]").fill(who.email)
        page.locator("input[name=password]").fill("not the password")
        page.locator("main form button[type=submit]").click()
        page.locator("[role=alert]").wait_for()

    return Spot("/login", act=act, errors=(422,))


@scene("signup", logged_in=False)
def _signup(_who: Person) -> Spot:
    return Spot("/signup")


@scene("signup-refused", logged_in=False)
def _signup_refused(_who: Person) -> Spot:
    def act(page: Page) -> None:
        page.locator("form[action='/signup']").evaluate("form => { form.noValidate = true; }")
        page.locator("input[name=email]").fill("somebody@")
        page.locator("input[name=password]").fill("short")
        page.locator("main form button[type=submit]").click()
        page.locator("[aria-invalid]").first.wait_for()

    return Spot("/signup", act=act, errors=(422,))


def _drawn(page: Page) -> None:
    """Toss's part is there and nothing is ticked yet."""
    page.frame_locator(TERMS).get_by_role("checkbox").wait_for()


@scene("checkout")
def _checkout(_who: Person) -> Spot:
    return Spot(f"/checkout/{PRODUCT}", act=_drawn)


@scene("checkout-ready")
def _checkout_ready(_who: Person) -> Spot:
    def act(page: Page) -> None:
        page.frame_locator(TERMS).get_by_role("checkbox").check()
        expect(page.locator("button[data-pay]")).to_be_enabled()

    return Spot(f"/checkout/{PRODUCT}", act=act)


@scene("checkout-window-closed")
def _checkout_closed(_who: Person) -> Spot:
    def act(page: Page) -> None:
        page.frame_locator(TERMS).get_by_role("checkbox").check()
        page.locator("button[data-pay]").press("Enter")
        page.frame_locator(WINDOW).locator("button[value=close]").click()
        expect(page.locator("[data-toss] [role=status]")).not_to_be_empty()

    return Spot(f"/checkout/{PRODUCT}", act=act)


@scene("checkout-declined")
def _checkout_declined(who: Person) -> Spot:
    order_id = who.pay(card=DECLINED)
    return Spot(f"/checkout/{PRODUCT}?order={order_id}", act=_drawn)


@scene("checkout-window", shop="cut_off")
def _checkout_window(_who: Person) -> Spot:
    def act(page: Page) -> None:
        expect(page.locator("button[data-pay]")).to_be_enabled()

    return Spot(f"/checkout/{PRODUCT}", act=act)


@scene("checkout-unreachable")
def _checkout_unreachable(_who: Person) -> Spot:
    def act(page: Page) -> None:
        page.route("**/toss/v2/standard", lambda route: route.fulfill(status=404))
        page.reload()
        page.locator("[data-retry]").wait_for()

    return Spot(f"/checkout/{PRODUCT}", act=act, errors=(404,))


@scene("checkout-bought-just-now")
def _checkout_bought(who: Person) -> Spot:
    who.pay()
    return Spot(f"/checkout/{PRODUCT}")


@scene("checkout-bought-elsewhere")
def _checkout_bought_elsewhere(who: Person) -> Spot:
    who.pay()
    who.log_in_anew()
    return Spot(f"/checkout/{PRODUCT}")


@scene("checkout-deposit-open")
def _checkout_deposit(who: Person) -> Spot:
    who.pay(method="VIRTUAL_ACCOUNT")
    return Spot(f"/checkout/{PRODUCT}")


@scene("checkout-being-checked")
def _checkout_checked(who: Person) -> Spot:
    _confirming(who)
    return Spot(f"/checkout/{PRODUCT}")


@scene("payment-pending")
def _pending(who: Person) -> Spot:
    order_id, _ = who.order()
    return Spot(who.sees(order_id, "pending"))


@scene("payment-pending-no-funds")
def _pending_no_funds(who: Person) -> Spot:
    return Spot(who.sees(who.pay(card=NO_FUNDS), "pending"))


@scene("payment-pending-expired")
def _pending_expired(who: Person) -> Spot:
    gone = {"status": 404, "code": "NOT_FOUND_PAYMENT_SESSION"}
    who.shop.sandbox.fault(call="confirm", then="status", **gone)
    return Spot(who.sees(who.pay(), "pending"))


@scene("payment-confirming")
def _confirming(who: Person) -> Spot:
    who.shop.sandbox.set_webhook(None)
    who.shop.sandbox.fault(call="confirm", then="reset")
    order_id = who.pay()
    who.shop.sandbox.set_webhook(f"{who.shop.origin}/payment/toss/webhook")
    return Spot(who.sees(order_id, "confirming"))


@scene("payment-return-kept")
def _kept(who: Person) -> Spot:
    """Somebody's invented key was just found out, and hers, which came meanwhile, is about to be asked about."""
    brought = who.bring()
    order_id = str(brought["order_id"])
    (row,) = who.shop.payments(order_id)
    invented = Return(provider_ref=f"tviva_{order_id}", order_ref=order_id, amount_minor=row["amount_minor"])
    under_way = take_return(who.shop.context, "toss", invented)
    who.web.back(brought)
    ask_about(who.shop.context, under_way)
    return Spot(f"/payments/{order_id}")


@scene("payment-confirming-unsent", shop="cut_off")
def _unsent(who: Person) -> Spot:
    return Spot(who.sees(who.pay(), "confirming"))


@scene("payment-awaiting-deposit")
def _awaiting(who: Person) -> Spot:
    return Spot(who.sees(who.pay(method="VIRTUAL_ACCOUNT"), "awaiting_deposit"))


@scene("payment-completed")
def _completed(who: Person) -> Spot:
    return Spot(who.sees(who.pay(), "completed"))


@scene("payment-completed-deposit")
def _deposited(who: Person) -> Spot:
    order_id = who.pay(method="VIRTUAL_ACCOUNT")
    who.shop.sandbox.deposit(order_id=order_id)
    return Spot(who.sees(order_id, "completed"))


@scene("payment-mismatch")
def _mismatch(who: Person) -> Spot:
    order_id = who.pay(method="VIRTUAL_ACCOUNT")
    who.shop.sandbox.deposit(order_id=order_id, kind="wrong_sum")
    return Spot(who.sees(order_id, "mismatch"))


@scene("payment-canceled")
def _canceled(who: Person) -> Spot:
    order_id, _ = who.order()
    who.web.submit(f"/payments/{order_id}", f"/payments/{order_id}/cancel")
    return Spot(who.sees(order_id, "canceled"))


def _given_back(who: Person, status: str, **part: int) -> Spot:
    order_id = who.pay()
    (row,) = [row for row in who.shop.sandbox.ledger()["payments"] if row["order_ref"] == order_id]
    who.shop.sandbox.dashboard_cancel(payment_key=row["provider_ref"], **part)
    return Spot(who.sees(order_id, status))


@scene("payment-refunded")
def _refunded(who: Person) -> Spot:
    return _given_back(who, "refunded")


@scene("payment-partly-refunded")
def _partly_refunded(who: Person) -> Spot:
    return _given_back(who, "partially_refunded", amount=3000)


@scene("payment-stranger", logged_in=False)
def _stranger(who: Person) -> Spot:
    return Spot(f"/payments/{who.pay()}")


@scene("payment-not-found")
def _not_found(_who: Person) -> Spot:
    return Spot("/payments/ord_nobodyknowsthisone", status=404)


@scene("signup-slip", logged_in=False)
def _slip(_who: Person) -> Spot:
    def act(page: Page) -> None:
        page.locator("input[name=email]").fill("haneul.kim@gmial.com")
        page.locator("input[name=password]").fill("a wholly different passphrase")
        page.locator(".secret button").click()
        page.locator("[data-meant] button").wait_for()

    return Spot("/signup", act=act)


@scene("history-empty")
def _history_empty(_who: Person) -> Spot:
    return Spot("/payments")


@scene("history-full")
def _history(who: Person) -> Spot:
    for _ in range(14):
        _canceled(who)
    for reach in (_completed, _refunded, _partly_refunded, _mismatch, _confirming, _awaiting, _completed, _pending):
        reach(who)
    return Spot("/payments")


def _consult(who: Person) -> str:
    """Her order for a sum that stands in no catalogue."""
    return str(who.shop.create(who.email, amount=45_000, orderName="작명 상담 60분")["orderId"])


@scene("checkout-open-amount")
def _checkout_open_amount(who: Person) -> Spot:
    return Spot(f"/checkout/{OPEN_AMOUNT}?order={_consult(who)}", act=_drawn)


@scene("payment-open-amount-over")
def _payment_open_amount_over(who: Person) -> Spot:
    order_id = _consult(who)
    who.web.submit(f"/payments/{order_id}", f"/payments/{order_id}/cancel")
    return Spot(f"/payments/{order_id}")
