"""The account at a real browser, on a phone: by touch, by keyboard, without scripts, and at its narrowest."""

import pytest
from playwright.sync_api import Page, expect

from tests.accounts.person import NEW_PASSWORD, letters, link_in
from tests.browser.buyer import Buyer
from tests.browser.conftest import Visit
from tests.shop_server import PASSWORD, RunningShop

EMAIL = "reader@example.com"
LAST_PASSWORD = "the cat came down again"


def fill(page: Page, **fields: str) -> None:
    for name, text in fields.items():
        page.locator(f"main input[name={name}]").fill(text)


def send(buyer: Buyer) -> None:
    """Press the page's own button."""
    buyer.press(buyer.page.locator("main form button[type=submit]").last)


def try_the_form(page: Page) -> None:
    """The password is shown and hidden again; one slip in the address is noticed, and nothing else."""
    fill(page, email="reader@exmaple.com", password=PASSWORD)
    look_at_the_password(page)
    take_the_likely_address(page)


def look_at_the_password(page: Page) -> None:
    field, show = page.locator("main input[name=password]"), page.get_by_role("button", name="Show", exact=True)
    expect(show).to_have_attribute("aria-pressed", "false")
    show.click()
    expect(field).to_have_attribute("type", "text")
    expect(field).to_have_value(PASSWORD)
    show.click()
    expect(field).to_have_attribute("type", "password")


def take_the_likely_address(page: Page) -> None:
    field, likely = page.locator("main input[name=email]"), page.locator("[data-meant] button")
    expect(likely).to_be_hidden()  # nobody's slip
    for typed in ("reader@mail.com", "reader@gmial.com"):
        field.fill(typed)
        field.blur()
        expect(likely).to_be_visible(visible=typed == "reader@gmial.com")
    likely.click()
    expect(field).to_have_value("reader@gmail.com")
    expect(likely).to_be_hidden()


def test_from_sign_up_to_the_closed_account(sqlite_shop: RunningShop, visit: Visit) -> None:
    shop = sqlite_shop
    buyer = visit(shop, phone=True, language="en", email=None).open("/signup")
    page = buyer.page
    try_the_form(page)
    fill(page, email=EMAIL, password=PASSWORD, name="Haneul")
    send(buyer)
    page.get_by_role("link", name="Account").click()
    buyer.reads("Please confirm your e-mail address", EMAIL)

    buyer.open(link_in(letters(shop, EMAIL)[-1]))
    send(buyer)
    page.wait_for_url("**/account")
    buyer.reads("Your e-mail address is confirmed.", "Confirmed")
    expect(page.get_by_text("Please confirm your e-mail address")).to_have_count(0)

    page.get_by_role("link", name="Password").click()
    fill(page, current="not the password", password=NEW_PASSWORD)
    buyer.watch.expect(422)
    send(buyer)
    expect(page.locator("[aria-invalid=true]")).to_have_attribute("name", "current")
    expect(page.locator(".notice:focus")).to_have_count(1)  # what is wrong is read first
    expect(page.locator("main input[name=password]")).to_have_value("")
    fill(page, current=PASSWORD, password=NEW_PASSWORD)
    send(buyer)
    buyer.reads("Your password was changed.")

    buyer.log_out()
    buyer.open("/login")
    page.get_by_role("link", name="Forgot your password?").click()
    fill(page, email=EMAIL)
    send(buyer)
    buyer.reads("a link is on its way")
    buyer.open(link_in(letters(shop, EMAIL)[-1]))
    fill(page, password=LAST_PASSWORD)
    send(buyer)
    page.wait_for_url("**/login")
    buyer.reads("Your new password is set.")
    fill(page, email=EMAIL, password=LAST_PASSWORD)
    send(buyer)

    buyer.open("/account")
    page.get_by_role("link", name="Close my account").click()
    buyer.reads("5 years")
    fill(page, current=LAST_PASSWORD)
    send(buyer)
    page.wait_for_url("**/account/closed")
    expect(page.get_by_role("link", name="Log in")).to_be_visible()
    assert shop.rows("SELECT id FROM users WHERE email = :e", e=EMAIL) == []


def test_a_token_is_copied(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, phone=True, language="en", permissions=["clipboard-read", "clipboard-write"])
    buyer.open("/account/tokens")
    fill(buyer.page, name="Bookkeeping")
    buyer.press(buyer.page.get_by_role("button", name="Make a token"))
    token = buyer.page.locator("#token").inner_text()
    buyer.press(buyer.page.get_by_role("button", name="Copy the token"))
    buyer.reads("Copied")
    assert buyer.page.evaluate("navigator.clipboard.readText()") == token
    assert sqlite_shop.post("/payment/toss/create", {"product": "saju-premium"}, token=token).status_code == 200


def test_by_keyboard_alone(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, phone=True, language="en").open("/account")
    page, keyboard = buyer.page, buyer.page.keyboard

    said = "(one) => one.matches('input') ? one.name : one.textContent.replace(/\\s+/g, ' ')"

    def tab_to(name: str) -> None:
        for _ in range(30):
            keyboard.press("Tab")
            if name in (page.evaluate(f"({said})(document.activeElement)")):
                assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
                return
        raise AssertionError(f"no way to {name}")

    tab_to("Name")
    keyboard.press("Enter")
    page.wait_for_url("**/account/name")
    tab_to("name")
    keyboard.type("Haneul")
    keyboard.press("Enter")
    page.wait_for_url("**/account")
    buyer.reads("Your name was saved.")
    expect(page.locator("main [role=status]")).to_be_focused()
    tab_to("Logged-in devices")
    keyboard.press("Enter")
    page.wait_for_url("**/account/sessions")
    tab_to("Log out Unknown device")
    keyboard.press("Enter")
    expect(page.get_by_role("link", name="Log in")).to_be_visible()


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("width", [320, 360, 390])
def test_the_menu_is_one_line_on_a_phone(sqlite_shop: RunningShop, visit: Visit, language: str, width: int) -> None:
    buyer = visit(sqlite_shop, phone=True, language=language).open("/account")
    buyer.page.set_viewport_size({"width": width, "height": 700})
    tops = buyer.page.locator(".top a, .top button").evaluate_all(
        "all => all.filter((one) => one.offsetParent).map((one) => one.getBoundingClientRect())"
        ".map((box) => Math.round(box.top + box.height / 2))"
    )
    assert len(tops) == 4
    assert max(tops) - min(tops) <= 2, tops
    assert buyer.page.evaluate("document.documentElement.scrollWidth") <= width
    heights = buyer.page.locator(".nav a, .nav button").evaluate_all(
        "all => all.filter((one) => one.offsetParent).map((one) => one.offsetHeight)"
    )
    assert min(heights) >= 44


def test_without_scripts(sqlite_shop: RunningShop, visit: Visit) -> None:
    buyer = visit(sqlite_shop, language="en", java_script_enabled=False).open("/account/name")
    page = buyer.page
    fill(page, name="Haneul")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/account")
    expect(page.get_by_text("Your name was saved.")).to_be_visible()
    page.get_by_role("button", name="한국어").last.click()
    expect(page.get_by_role("heading", name="내 계정")).to_be_visible()
    page.get_by_role("button", name="EUR").click()
    expect(page.get_by_role("button", name="EUR")).to_have_attribute("aria-pressed", "true")
