"""The scenes of a purchase in other currencies, paid at Stripe."""

from playwright.sync_api import Page, expect

from tests.browser.scene import Spot, scene
from tests.browser.stage import Person
from tests.browser.stripe_buyer import BANK, DECLINED, FORM, PAID, THREE_D
from tests.shop_server import PRODUCT

IN_DOLLARS = f"/checkout/{PRODUCT}?currency=USD"


@scene("catalogue-dollars")
def _catalogue(who: Person) -> Spot:
    who.choose("USD")
    return Spot("/")


def _drawn(page: Page) -> None:
    """Stripe's form is there, and nothing is typed yet."""
    page.frame_locator(FORM).locator("#number").wait_for()
    expect(page.locator("button[data-pay]")).to_be_enabled()


@scene("stripe-checkout")
def _checkout(_who: Person) -> Spot:
    return Spot(IN_DOLLARS, act=_drawn)


def _type(page: Page, card: str) -> None:
    _drawn(page)
    form = page.frame_locator(FORM)
    for field, text in (("number", card), ("expiry", "12 / 34"), ("cvc", "123")):
        form.locator(f"#{field}").fill(text)
    page.locator("button[data-pay]").press("Enter")


@scene("stripe-declined")
def _declined(_who: Person) -> Spot:
    def act(page: Page) -> None:
        _type(page, DECLINED)
        expect(page.locator("[data-stripe] [role=alert]")).not_to_be_empty()

    return Spot(IN_DOLLARS, act=act, errors=(402,))


def _open_check(page: Page) -> None:
    """By a card that asks for it, or the one that still waits from an earlier visit."""
    expect(page.locator("button[data-pay]")).to_be_enabled()
    if page.locator("[data-kind=form]").count():
        _type(page, THREE_D)
    else:
        page.locator("button[data-pay]").press("Enter")


def _leave_check(page: Page) -> None:
    page.frame_locator(BANK).locator("button[value=abandon]").last.click()
    expect(page.locator("[data-stripe] [role=alert]")).not_to_be_empty()


def _wait_for_check(page: Page) -> None:
    """The bank's check was opened and left, and the page was loaded again."""
    _open_check(page)
    _leave_check(page)
    page.reload()
    page.locator("[data-kind=action]").wait_for()
    expect(page.locator("button[data-pay]")).to_be_enabled()


@scene("stripe-check")
def _check(_who: Person) -> Spot:
    def act(page: Page) -> None:
        _open_check(page)
        page.frame_locator(BANK).locator("button[value=pass]").wait_for()

    return Spot(IN_DOLLARS, act=act)


@scene("stripe-action")
def _action(_who: Person) -> Spot:
    return Spot(IN_DOLLARS, act=_wait_for_check)


@scene("stripe-action-left")
def _action_left(_who: Person) -> Spot:
    def act(page: Page) -> None:
        _wait_for_check(page)
        _open_check(page)
        _leave_check(page)

    return Spot(IN_DOLLARS, act=act)


@scene("stripe-unreachable")
def _unreachable(_who: Person) -> Spot:
    def act(page: Page) -> None:
        page.route("**/endive/stripe.js", lambda route: route.fulfill(status=404))
        page.reload()
        page.locator("[data-retry]").wait_for()

    return Spot(IN_DOLLARS, act=act, errors=(404,))


@scene("stripe-completed")
def _completed(who: Person) -> Spot:
    return Spot(who.sees(who.pay_at_stripe(PAID), "completed"))


@scene("stripe-processing")
def _processing(who: Person) -> Spot:
    return Spot(who.sees(who.pay_at_stripe(method="bank_debit"), "processing"))


@scene("stripe-failed-check")
def _failed_check(who: Person) -> Spot:
    return Spot(who.sees(who.pay_at_stripe(THREE_D, challenge="fail"), "pending"))


@scene("guide-card")
def _guide_card(_who: Person) -> Spot:
    def act(page: Page) -> None:
        expect(page.locator("button[data-run]")).to_be_enabled()
        # A frame that nobody has come to yet is not painted.
        page.locator(".guide-card iframe").scroll_into_view_if_needed()
        page.wait_for_timeout(300)

    return Spot("/sandbox/guide/2.5", act=act)
