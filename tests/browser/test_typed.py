"""Another language in the middle of a form: what was typed is still there, and a password never is."""

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visit
from tests.shop_server import RunningShop


def test_another_language_keeps_what_was_typed_but_no_password(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, phone=True, language="en", email=None, currency=None)
    buyer.open("/signup?next=/payments")
    email, password, name = (buyer.page.locator(f"main input[name={name}]") for name in ("email", "password", "name"))
    email.fill("haneul.kim@gmial.com")
    name.fill("김하늘")
    password.fill("correct horse battery")
    buyer.page.get_by_role("button", name="Show").click()  # it is a field of text then
    _switch(buyer.page.locator("main"), "회원가입")
    expect(email).to_have_value("haneul.kim@gmial.com")
    expect(name).to_have_value("김하늘")
    expect(password).to_have_value("")
    buyer.reads("haneul.kim@gmail.com")  # what goes with what was typed comes back with it
    assert buyer.page.evaluate("window.sessionStorage.length") == 0
    assert buyer.page.url.endswith("/signup?next=/payments")

    buyer.page.reload()
    expect(email).to_have_value("")  # it was kept for one page and not for the next visitor


def test_another_language_stays_at_a_form_that_was_refused(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, language="en", email=None, currency=None).open("/login?next=/payments")
    buyer.watch.expect(422)
    buyer.page.locator("input[name=email]").fill("nobody@example.com")
    buyer.page.locator("input[name=password]").fill("wrong")
    buyer.page.locator("main form button[type=submit]").click()
    buyer.reads("E-mail or password is wrong")
    _switch(buyer.page.locator("main"), "로그인")
    expect(buyer.page.locator("input[name=email]")).to_have_value("nobody@example.com")
    assert buyer.page.url.endswith("/login?next=/payments")


def _switch(main: Locator, title: str) -> None:
    main.page.wait_for_load_state()  # the script that keeps it comes last
    main.page.locator("form[action='/language'] button").click()
    expect(main.get_by_role("heading", level=1)).to_have_text(title)
