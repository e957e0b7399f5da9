"""The scenes of an account: its pages, and where the links of its mails lead."""

from playwright.sync_api import Page

from tests.accounts.person import ANDROID, letters, link_in
from tests.browser.scene import Spot, scene
from tests.browser.stage import Person
from tests.shop_server import PASSWORD
from webapp.db.users import find_user_by_email
from webapp.services import access_tokens, accounts, email_address
from webapp.services.account_links import send_link

NEW = "new-{email}"


@scene("account")
def _account(who: Person) -> Spot:
    who.web.submit("/account/name", "/account/name", name="김하늘" if who.language == "ko" else "Haneul Kim")
    who.web.get("/account")  # what was said about it is read here
    return Spot("/account")


@scene("account-unconfirmed")
def _unconfirmed(who: Person) -> Spot:
    _doubt(who)
    return Spot("/account")


def _doubt(who: Person) -> None:
    who.shop.rows("UPDATE users SET email_confirmed_at = NULL WHERE email = :e RETURNING id", e=who.email)


@scene("account-said")
def _said(_who: Person) -> Spot:
    def act(page: Page) -> None:
        page.locator("input[name=name]").fill("Haneul")
        page.locator("main form button[type=submit]").click()
        page.locator("main [role=status]").wait_for()

    return Spot("/account/name", act=act)


@scene("account-new-address")
def _new_address(who: Person) -> Spot:
    _ask_to_change(who)
    return Spot("/account")


def _ask_to_change(who: Person) -> str:
    new = NEW.format(email=who.email)
    email_address.ask_to_change(who.shop.context, _id(who), password=PASSWORD, email=new, locale=who.language)
    return new


def _id(who: Person) -> str:
    return str(who.shop.rows("SELECT id FROM users WHERE email = :e", e=who.email)[0]["id"])


@scene("account-name")
def _name(_who: Person) -> Spot:
    return Spot("/account/name")


@scene("account-email")
def _email(_who: Person) -> Spot:
    return Spot("/account/email")


@scene("account-email-refused")
def _email_refused(who: Person) -> Spot:
    def act(page: Page) -> None:
        page.locator("input[name=email]").fill(who.email)
        page.locator("input[name=current]").fill("not the password")
        page.locator("main form button[type=submit]").click()
        page.locator("[aria-invalid]").wait_for()

    return Spot("/account/email", act=act, errors=(422,))


@scene("account-password")
def _password(_who: Person) -> Spot:
    return Spot("/account/password")


@scene("account-password-refused")
def _password_refused(_who: Person) -> Spot:
    def act(page: Page) -> None:
        page.locator("input[name=current]").fill(PASSWORD)
        page.locator("input[name=password]").fill("password12345")
        page.locator("main form button[type=submit]").click()
        page.locator("[aria-invalid]").wait_for()

    return Spot("/account/password", act=act, errors=(422,))


@scene("account-sessions")
def _sessions(who: Person) -> Spot:
    for device in (ANDROID, "curl/8"):
        other = who.shop.browse(None)
        other.http.headers["User-Agent"] = device
        other.submit("/login", "/login", email=who.email, password=PASSWORD)
    return Spot("/account/sessions")


@scene("account-tokens-empty")
def _no_tokens(_who: Person) -> Spot:
    return Spot("/account/tokens")


@scene("account-tokens")
def _tokens(who: Person) -> Spot:
    for name in ("Bookkeeping", "정산 프로그램", "Bookkeeping of the second shop in Busan, read every month"):
        token, _ends = access_tokens.make_own_token(who.shop.context, _id(who), name)
    access_tokens.token_owner(who.shop.context, token)
    return Spot("/account/tokens")


@scene("account-token-made")
def _token_made(_who: Person) -> Spot:
    def act(page: Page) -> None:
        page.locator("input[name=name]").fill("Bookkeeping")
        page.locator("main form button[type=submit]").first.click()
        page.locator("[data-copy]").wait_for()

    return Spot("/account/tokens", act=act)


@scene("account-tokens-refused")
def _too_many(who: Person) -> Spot:
    for number in range(access_tokens.MOST_TOKENS):
        access_tokens.make_own_token(who.shop.context, _id(who), f"Program {number}")

    def act(page: Page) -> None:
        page.locator("input[name=name]").fill("One more")
        page.locator("main form button[type=submit]").first.click()
        page.locator("[role=alert]").wait_for()

    return Spot("/account/tokens", act=act, errors=(422,))


@scene("account-close")
def _close(_who: Person) -> Spot:
    return Spot("/account/close")


@scene("account-close-busy")
def _close_busy(who: Person) -> Spot:
    who.sees(who.pay(method="VIRTUAL_ACCOUNT"), "awaiting_deposit")

    def act(page: Page) -> None:
        page.locator("input[name=current]").fill(PASSWORD)
        page.locator("main form button[type=submit]").click()
        page.locator("[role=alert]").wait_for()

    return Spot("/account/close", act=act, errors=(422,))


@scene("account-closed", logged_in=False)
def _closed(_who: Person) -> Spot:
    return Spot("/account/closed")


@scene("password-forgot", logged_in=False)
def _forgot(_who: Person) -> Spot:
    return Spot("/password/forgot")


@scene("password-sent", logged_in=False)
def _sent(_who: Person) -> Spot:
    return Spot("/password/sent")


def _reset_link(who: Person) -> str:
    """A link as the worker makes it; asking by the form twice within a minute would give one."""
    with who.shop.context.sessions.write() as session:
        user = find_user_by_email(session, who.email)
        assert user is not None
        send_link(session, who.shop.context.nature, user, "reset", who.email, who.language)
    return link_in(letters(who.shop, who.email)[-1])


@scene("password-reset", logged_in=False)
def _reset(who: Person) -> Spot:
    return Spot(_reset_link(who))


@scene("password-reset-refused", logged_in=False)
def _reset_refused(who: Person) -> Spot:
    def act(page: Page) -> None:
        page.locator("input[name=password]").fill("aaaaaaaaaaaa")
        page.locator("main form button[type=submit]").click()
        page.locator("[aria-invalid]").wait_for()

    return Spot(_reset_link(who), act=act, errors=(422,))


@scene("password-reset-done", logged_in=False)
def _reset_done(who: Person) -> Spot:
    """Each visit needs a link of its own: a used one sets nothing."""

    def act(page: Page) -> None:
        page.goto(who.shop.origin + _reset_link(who))
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("main form button[type=submit]").click()
        page.locator("main [role=status]").wait_for()

    return Spot("/login", act=act)


@scene("password-reset-spent", logged_in=False)
def _reset_spent(who: Person) -> Spot:
    link = _reset_link(who)
    _reset_link(who)  # a newer one takes its place
    return Spot(link, status=410)


@scene("confirm-link", logged_in=False)
def _confirm(who: Person) -> Spot:
    _doubt(who)
    email_address.ask_to_confirm(who.shop.context, _id(who), who.language)
    return Spot(link_in(letters(who.shop, who.email)[-1]))


@scene("confirm-link-spent", logged_in=False)
def _confirm_spent(_who: Person) -> Spot:
    return Spot("/account/confirm/nobody.wrote.this", status=410)


@scene("change-link", logged_in=False)
def _change(who: Person) -> Spot:
    new = _ask_to_change(who)
    return Spot(link_in(letters(who.shop, new)[-1]))


@scene("change-link-spent", logged_in=False)
def _change_spent(_who: Person) -> Spot:
    return Spot("/account/change/nobody.wrote.this", status=410)


@scene("change-link-taken", logged_in=False)
def _change_taken(who: Person) -> Spot:
    new = _ask_to_change(who)
    accounts.sign_up(who.shop.context, email=new, password=PASSWORD)

    def act(page: Page) -> None:
        page.locator("main form button[type=submit]").click()
        page.locator("main a.button").first.wait_for()

    return Spot(link_in(letters(who.shop, new)[-1]), act=act, errors=(409,))
