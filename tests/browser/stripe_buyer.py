"""A buyer at a real browser who pays at Stripe: its form on the shop's page, and the bank's check."""

from playwright.sync_api import FrameLocator, expect

from tests.browser.buyer import Buyer
from tests.shop_server import PRODUCT

PAID, DECLINED, NO_FUNDS = "4242 4242 4242 4242", "4000 0000 0000 0002", "4000 0000 0000 9995"
THREE_D = "4000 0025 0000 3155"

FORM, BANK = "#stripe-element iframe", "dialog iframe"


class StripeBuyer:
    """What a `Buyer` does where Stripe takes the payment."""

    def __init__(self, buyer: Buyer) -> None:
        self.buyer, self.page = buyer, buyer.page

    def checkout(self, currency: str = "USD", product: str = PRODUCT) -> str:
        """Open the checkout page in a currency and wait for Stripe's part; the id that the intent carries."""
        self.buyer.open(f"/checkout/{product}?currency={currency}&provider=stripe")
        return self.on_checkout()

    def on_checkout(self) -> str:
        """Wait until the page on the screen can be paid on; the id that the intent carries."""
        self.page.bring_to_front()
        expect(self.page.locator("button[data-pay]")).to_be_enabled()
        return self.page.locator("[data-stripe]").get_attribute("data-order-id") or ""

    @property
    def form(self) -> FrameLocator:
        """Stripe's frame with the card's fields."""
        return self.page.frame_locator(FORM)

    @property
    def bank(self) -> FrameLocator:
        """The bank's check, laid over the shop's page."""
        return self.page.frame_locator(BANK)

    def fill(self, card: str = PAID) -> None:
        """Type a card into Stripe's fields."""
        for field, text in (("number", card), ("expiry", "12 / 34"), ("cvc", "123")):
            self.enter(field, text)

    def enter(self, field: str, text: str) -> None:
        """Type into one of the fields, which sets the blanks itself, and look at what stands there then.

        Keys go to whichever frame has the focus, and a busy browser may still be handing it over: what went astray
        is typed again, as a buyer does who reads what she wrote.
        """
        place = self.form.locator(f"#{field}")
        for _ in range(3):
            place.fill("")
            self.buyer.press(place)
            place.press_sequentially(text.replace(" ", "").replace("/", ""))
            if place.input_value() == text:
                return
        expect(place).to_have_value(text)

    def press_pay(self) -> None:
        self.buyer.press(self.page.locator("button[data-pay]"))

    def pay(self, card: str = PAID) -> None:
        """Type a card and press the shop's button."""
        self.fill(card)
        self.press_pay()

    def answer_bank(self, choice: str) -> None:
        """`pass`, `fail` or `abandon` in the bank's check."""
        self.buyer.press(self.bank.locator(f"button[value={choice}]").last)

    def is_told(self, *texts: str) -> None:
        """The page says so beside Stripe's form."""
        for text in texts:
            expect(self.page.locator("[data-stripe] [role=alert]")).to_contain_text(text)
