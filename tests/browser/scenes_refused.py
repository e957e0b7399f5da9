"""The scenes in which something is refused, missing or broken; and the guide."""

from datetime import timedelta

from playwright.sync_api import Page
from sqlalchemy import text

from tests.browser.scene import Reach, Spot, scene
from tests.browser.stage import Person
from tests.shop_server import PRODUCT
from webapp.db.pauses import Pause


def _fail(code: str) -> Reach:
    def reach(who: Person) -> Spot:
        order_id, sent_id = who.order()
        assert order_id == sent_id
        return Spot(f"/payment/fail?code={code}&message=ignored&orderId={sent_id}")

    return reach


for _name, _code in {
    "fail-left": "PAY_PROCESS_CANCELED",
    "fail-declined": "REJECT_CARD_COMPANY",
    "fail-authentication": "PAY_PROCESS_ABORTED",
    "fail-limit": "EXCEED_MAX_DAILY_PAYMENT_COUNT",
    "fail-unknown": "SOMETHING_NEW",
}.items():
    scene(_name)(_fail(_code))


@scene("fail-stranger", logged_in=False)
def _fail_stranger(_who: Person) -> Spot:
    return Spot("/payment/fail?code=PAY_PROCESS_CANCELED&message=ignored")


@scene("fail-moved-on")
def _fail_moved_on(who: Person) -> Spot:
    return Spot(f"/payment/fail?code=PAY_PROCESS_ABORTED&message=ignored&orderId={who.pay()}")


def _changed(brought: dict[str, object], old: str, new: str) -> str:
    address = str(brought["redirect"])
    assert old in address
    return "/payment/" + address.replace(old, new).split("/payment/", 1)[1]


@scene("refused-amount")
def _refused_amount(who: Person) -> Spot:
    return Spot(_changed(who.bring(), "amount=13000", "amount=100"), status=409)


@scene("refused-key")
def _refused_key(who: Person) -> Spot:
    taken = who.bring()
    who.web.back(taken)
    other = who.bring()
    return Spot(_changed(other, other["paymentKey"], taken["paymentKey"]), status=409)


@scene("refused-closed")
def _refused_closed(who: Person) -> Spot:
    brought = who.bring()
    who.web.submit(f"/payments/{brought['order_id']}", f"/payments/{brought['order_id']}/cancel")
    return Spot(_changed(brought, "", ""), status=409)


@scene("refused-unknown", logged_in=False)
def _refused_unknown(_who: Person) -> Spot:
    return Spot("/payment/success?paymentKey=tviva123&orderId=ord_unknown1&amount=13000", status=404)


@scene("refused-malformed", logged_in=False)
def _refused_malformed(_who: Person) -> Spot:
    return Spot("/payment/success?paymentKey=tviva123&orderId=ord_unknown1&amount=1e3", status=400)


@scene("landing-busy", shop="troubled")
def _busy(who: Person) -> Spot:
    return Spot(_changed(who.bring(), "", ""), status=503)


@scene("error-product-not-found")
def _no_product(_who: Person) -> Spot:
    return Spot("/checkout/nothing", status=404)


@scene("error-not-found", logged_in=False)
def _no_page(_who: Person) -> Spot:
    return Spot("/nothing/here", status=404)


@scene("error-too-fast")
def _too_fast(who: Person) -> Spot:
    path = "/checkout/nothing"
    while who.web.get(path).status_code == 404:
        pass
    return Spot(path, status=429)


@scene("error-paused")
def _paused(who: Person) -> Spot:
    """As after ten declined cards, without the ten."""
    with who.shop.db() as session:
        (user_id,) = session.execute(text("SELECT id FROM users WHERE email = :e"), {"e": who.email}).one()
        now, ends = who.shop.clock.now(), who.shop.clock.now() + timedelta(minutes=50)
        pause = Pause(id=user_id, scope="account", object_id=user_id, declines=10, began_at=now, ends_at=ends)
        session.add(pause)
    return Spot(f"/checkout/{PRODUCT}", status=429)


@scene("error-form-too-old", logged_in=False)
def _old_form(_who: Person) -> Spot:
    def act(page: Page) -> None:
        page.context.clear_cookies()
        # A browser that says where a form stood gets it back, filled in (`login-unsent`).
        page.locator("form[action='/login']").evaluate("form => form.setAttribute('rel', 'noreferrer')")
        page.locator("input[name=email]").fill("somebody@example.com")
        page.locator("input[name=password]").fill("some password")
        page.locator("main form button[type=submit]").click()
        page.locator("h1").wait_for()

    return Spot("/login", act=act, errors=(403,))


@scene("error-break", shop="troubled", logged_in=False)
def _database_gone(who: Person) -> Spot:
    with who.shop.db() as session:
        session.connection().exec_driver_sql("DROP TABLE IF EXISTS product_texts")
    return Spot("/", status=503)


@scene("guide-reading")
def _reading(who: Person) -> Spot:
    return Spot(f"/sandbox/readings/{who.pay()}")


@scene("guide")
def _guide(_who: Person) -> Spot:
    return Spot("/sandbox/guide")
