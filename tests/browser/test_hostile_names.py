"""Names without a blank, from right to left, or of pictures: nothing runs out of the page, and nothing turns round."""

from email import message_from_bytes, policy
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.buyer import PAID, Buyer
from tests.browser.conftest import Visit
from tests.browser.measures import narrow_faults
from tests.conftest import MakeShop
from tests.shop_server import PASSWORD, PRODUCT, RunningShop
from webapp.services import accounts
from webapp.services.stock import load_catalog

#: What a name may be at its longest (`catalog load`, sign-up), and a description that nobody breaks.
UNBROKEN = "WidestUnbrokenName" + "W" * 82
ARABIC = "قراءة الطالع ١٢٣ (VIP) 👨‍👩‍👧‍👦🔮"
TURNED = "\u202edetrever\u202e 🇰🇷"  # an override that the name never ends
NAMES = {"unbroken": UNBROKEN, "right to left": ARABIC, "turned": TURNED}

PHONE = {"width": 390, "height": 844}

_CATALOG = """
[[product]]
id = "saju-premium"
[product.names]
ko = "{name}"
en = "{name}"
[product.descriptions]
ko = "{about}"
en = "{about}"
[product.prices]
KRW = "13000"
USD = "10.00"
"""


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return NAMES[str(request.param)]


@pytest.fixture
def shop(make_shop: MakeShop, sqlite_url: str, tmp_path: Path, name: str) -> RunningShop:
    shop = make_shop(sqlite_url, SHOP_NAME=name[:100])
    file = tmp_path / "catalog.toml"
    file.write_text(_CATALOG.format(name=name, about=name if "W" not in name else "W" * 400), "utf-8")
    load_catalog(shop.context, file)
    local = ("w" * 60 if "W" in name else "someone") + "@example.com"
    accounts.sign_up(shop.context, email=local, password=PASSWORD, name=name, locale="en")
    return shop


def _email(shop: RunningShop) -> str:
    return str(shop.rows("SELECT email FROM users WHERE name IS NOT NULL AND is_demo = FALSE")[0]["email"])


def fits(buyer: Buyer, name: str) -> None:
    """Nothing leaves a phone's screen, nor one of 320 pixels, and the name turns nothing round but itself."""
    buyer.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    width = buyer.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1], buyer.page.url
    # A name without a blank has to be broken somewhere.
    faults = [fault for fault in narrow_faults(buyer.page) if not fault.startswith("broken: ")]
    assert faults == [], buyer.page.url
    title = buyer.page.title()
    if name != UNBROKEN:
        assert name not in title.replace(f"\u2068{name}\u2069", ""), title
        loose = buyer.page.evaluate(_LOOSE, name)
        assert loose == [], buyer.page.url
    buyer.page.set_viewport_size(PHONE)  # type: ignore[arg-type]


# Where the name stands in text without anything that keeps its direction to itself.
_LOOSE = """
(name) => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data;
    const parent = walker.currentNode.parentElement;
    if (!text.includes(name) || parent.closest("bdi, template, script, [dir]")) continue;
    if (!text.includes(`\\u2068${name}\\u2069`)) found.push(parent.outerHTML.slice(0, 200));
  }
  return found;
}
"""


def test_every_page_of_a_purchase_bears_the_name(shop: RunningShop, visit: Visit, name: str) -> None:
    buyer = visit(shop, phone=True, language="en", email=_email(shop))
    for path in ("/", f"/products/{PRODUCT}", "/account", "/account/name"):
        buyer.open(path)
        fits(buyer, name)
    buyer.open(f"/checkout/{PRODUCT}?currency=KRW").on_checkout()
    fits(buyer, name)
    sent = buyer.page.locator("[data-toss]").get_attribute("data-order-id") or ""
    buyer.open(f"/payment/fail?code=REJECT_CARD_COMPANY&message=x&orderId={sent}")
    fits(buyer, name)
    buyer.open(f"/payments/{sent}").sees("pending")
    fits(buyer, name)
    buyer.checkout(f"/checkout/{PRODUCT}?currency=KRW&order={sent}")
    buyer.pay(PAID)
    buyer.sees("completed")
    fits(buyer, name)
    for path in ("/payments", f"/payments/{sent}/receipt", f"/checkout/{PRODUCT}"):
        buyer.open(path)
        expect(buyer.page.locator("main")).to_contain_text(name)
        fits(buyer, name)


def test_the_receipt_mail_bears_the_name(shop: RunningShop, visit: Visit, name: str) -> None:
    buyer = visit(shop, phone=True, language="en", email=_email(shop))
    buyer.checkout(f"/checkout/{PRODUCT}?currency=KRW")
    buyer.pay(PAID)
    buyer.sees("completed")
    shop.work()
    mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in shop.outbox.glob("*.eml")]
    (mail,) = [each for each in mails if "13,000" in str(each["Subject"])]
    subject = str(mail["Subject"])
    if name == UNBROKEN:
        assert name in subject
    else:
        assert f"\u2068{name}\u2069" in subject
    page = mail.get_body(("html",))
    assert page is not None
    reader = buyer.new_tab()
    reader.page.set_content(page.get_content())
    fits(reader, name)
