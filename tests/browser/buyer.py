"""A buyer at a real browser: what she does on the shop's pages and in Toss's window."""

from collections.abc import Callable
from typing import Self
from urllib.parse import urlsplit

from playwright.sync_api import FrameLocator, Locator, Page, Route, expect

from tests.browser.watched import Watch
from tests.shop_server import BUYER, PASSWORD, PRODUCT, RunningShop

PAID, DECLINED, NO_FUNDS = "4500990000000086", "4500990000001007", "4500990000002005"
REJECTED, CLOSED, THREE_D = "4500990000003003", "4500990000004001", "4500990000005008"
SILENT, BROKEN = "4500990000006006", "4500990000007004"

#: Two pictures drawn: what was asked for before is on the screen by then, and a press goes to what is there.
#: A frame beyond the screen's edge draws none: that is not waited for.
DRAWN = """() => new Promise((done) => {
  setTimeout(done, 1000);
  requestAnimationFrame(() => requestAnimationFrame(done));
})"""
INTO_VIEW = "place => place.scrollIntoView({ block: 'center' })"

WINDOW = "iframe[title='토스페이먼츠 결제창']"
TERMS = "iframe[title='약관 동의']"
METHODS = "iframe[title='결제수단']"


class Buyer:
    """One visitor in one tab. `phone` leaves the shop's page for the payment window, as phones do."""

    def __init__(self, shop: RunningShop, page: Page, watch: Watch, *, phone: bool, scripts: bool = True) -> None:
        self.shop, self.page, self.watch, self.phone, self._scripts = shop, page, watch, phone, scripts

    def open(self, path: str) -> Self:
        """Go to a page of the shop."""
        self.page.bring_to_front()
        self.page.goto(self.shop.origin + path)
        return self

    def new_tab(self) -> "Buyer":
        """The same visitor in another tab."""
        return Buyer(self.shop, self.page.context.new_page(), self.watch, phone=self.phone, scripts=self._scripts)

    def log_in(self, email: str = BUYER) -> None:
        """Fill in the log-in form that is on the screen."""
        self.page.locator("input[name=email]").fill(email)
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.press(self.page.locator("main form button[type=submit]"))

    def log_out(self) -> None:
        """On a phone it is the account's page that has the button."""
        buttons = self.page.locator("form[action='/logout'] button:visible")
        if buttons.count() == 0:
            self.open("/account")
        self.press(buttons.first)
        expect(self.page.locator("form[action='/logout']")).to_have_count(0)

    def checkout(self, path: str = f"/checkout/{PRODUCT}") -> str:
        """Open the checkout page and wait for Toss's part; the id that the attempt sends to Toss."""
        return self.open(path).on_checkout()

    def on_checkout(self) -> str:
        """Wait until the page on the screen can be paid on; the id that the attempt sends to Toss."""
        pane = self.page.locator("[data-toss]")
        if pane.get_attribute("data-kind") == "widget":
            self.tick(self.page.frame_locator(TERMS).get_by_role("checkbox"))
        expect(self.page.locator("button[data-pay]")).to_be_enabled()
        return pane.get_attribute("data-order-id") or ""

    def choose(self, method: str) -> None:
        """Pick a method of the widget by Toss's word: CARD, TOSSPAY, VIRTUAL_ACCOUNT, TRANSFER."""
        self.tick(self.page.frame_locator(METHODS).locator(f"input[value={method}]"))

    def press_pay(self) -> "Page | FrameLocator":
        """Press the shop's button; Toss's window."""
        self.press(self.page.locator("button[data-pay]"))
        if self.phone:
            self.page.wait_for_url("**/toss/pay/**")
        return self.window

    def press(self, button: Locator) -> None:
        """Press a button of the shop's page, or of a frame in it, that may be below the screen's edge."""
        self.settle(button)
        button.click()

    def tick(self, box: Locator) -> None:
        """Tick a box or a choice of the shop's page, or of a frame in it."""
        self.settle(box)
        box.check()

    def settle(self, place: Locator | None = None) -> None:
        """Let the browser draw the page, and the frame that `place` is in.

        A press or a key goes to the frame that was last drawn there, and a tab that is not in front isn't drawn.
        """
        self.page.bring_to_front()
        if place is not None:
            place.evaluate(INTO_VIEW)
        if not self._scripts:
            return  # the page's clock stands still, and there are no frames to wait for
        if place is not None:
            place.evaluate(DRAWN)
        self.page.evaluate(DRAWN)

    @property
    def window(self) -> "Page | FrameLocator":
        return self.page if self.phone else self.page.frame_locator(WINDOW)

    def enter_card(self, number: str) -> None:
        """Enter a test card in the open window and go on."""
        spaced = " ".join(number[start : start + 4] for start in range(0, 16, 4))
        self.press(self.window.locator(f".hint[data-number='{spaced}']"))
        expect(self.window.locator("input[name=number]")).to_have_value(spaced)
        self.press(self.window.locator("button.pay"))

    def pay(self, number: str = PAID) -> None:
        """Press the shop's button and pay with a test card."""
        self.press_pay()
        self.enter_card(number)

    def answer_3d(self, choice: str) -> None:
        """`pass`, `fail` or `abandon` on the page of the 3-D step."""
        self.press(self.window.locator(f"form:has(input[value={choice}]) button"))

    def take_account(self) -> None:
        """Ask the open window for a virtual account at its first bank."""
        self.press(self.window.locator("button[value=account]"))

    def sees(self, status: str, *, within_s: float = 15) -> None:
        """Her payment's page is, or comes to be, on the screen with this status."""
        place = self.page.locator(f"#payment[data-status={status}]")
        place.wait_for(timeout=within_s * 1000)

    def reads(self, *texts: str) -> None:
        """All of these are on the screen."""
        for text in texts:
            expect(self.page.locator("main")).to_contain_text(text)

    def until(self, seen: Callable[[], object], within_s: float = 10) -> None:
        """Let the browser go on until `seen()` is true: it stands still while Python waits by itself."""
        for _ in range(int(within_s / 0.05)):
            if seen():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"not seen within {within_s} s")

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    @property
    def order_id(self) -> str:
        """The order whose page is on the screen."""
        return self.path.removeprefix("/payments/")


class HeldReturn:
    """Stops the way back to the success page before it reaches the server; `address` is where it leads.

    Not on a phone: there Toss's form redirects, and a redirect passes no route.
    """

    def __init__(self, buyer: Buyer) -> None:
        self._page, self._buyer, self._routes = buyer.page, buyer, list[Route]()
        self._page.route(lambda url: urlsplit(url).path == "/payment/success", self._stop)

    def _stop(self, route: Route) -> None:
        self._routes.append(route)

    @property
    def address(self) -> str:
        """Waits for it."""
        self._buyer.until(lambda: self._routes)
        return self._routes[0].request.url

    def release(self) -> None:
        """Let it go on to the server."""
        assert self.address
        self._routes.pop(0).continue_()
        self._page.unroute_all()

    def cut(self) -> None:
        """The connection breaks on the way."""
        assert self.address
        self._routes.pop(0).abort("internetdisconnected")
        self._page.unroute_all()

    def drop(self) -> str:
        """It never arrives; the address it had."""
        address = self.address
        self._routes.pop(0).fulfill(status=204)
        self._page.unroute_all()
        return address
