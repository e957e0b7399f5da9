"""What a buyer reads in her mails: her order's language, both parts, the sum, the way to what she bought."""

import re
from email.utils import parseaddr
from html import unescape

import pytest
from sqlalchemy import text

from tests.conftest import MakeShop
from tests.mail.mail_server import Received, RunningMailServer
from tests.mail.paid_orders import charge_again, pay
from tests.shop_server import BUYER, NAME, PASSWORD, PRICE, Browsing, RunningShop
from webapp.services import accounts

ENGLISH = "reader@example.com"

#: The order's language → who buys, the product's name, words of the subject, the sum, what the body says.
SAID = {
    "ko": (BUYER, NAME, "영수증", "13,000원", ("결제가 완료", "주문번호")),
    "en": (
        ENGLISH,
        "Premium Four Pillars Reading",
        "Receipt",
        "₩13,000",
        ("Your payment is complete", "Order number"),
    ),
}


def only(mailbox: RunningMailServer) -> Received:
    (mail,) = mailbox.received
    return mail


def seen(html: str) -> str:
    """The words of an HTML part, as a reader sees them."""
    body = html.split("<body>")[1]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


@pytest.mark.parametrize("locale", SAID)
def test_fm_115_the_receipt_speaks_the_orders_language(
    sqlite_mailing_shop: RunningShop, mailbox: RunningMailServer, locale: str
) -> None:
    shop = sqlite_mailing_shop
    accounts.sign_up(shop.context, email=ENGLISH, password=PASSWORD, locale="en")
    address, name, subject, amount, sentences = SAID[locale]
    order_id = pay(shop, address, name)
    shop.work()
    mail = only(mailbox)
    sender = shop.wiring.settings.mail_from
    assert (mail.sender, mail.recipients) == (parseaddr(sender)[1], (address,))
    message = mail.message
    assert all(words in str(message["Subject"]) for words in (subject, name, amount)), message["Subject"]
    assert (message["From"], message["To"]) == (sender, address)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "multipart/alternative"
    page, delivery = f"{shop.wiring.settings.public_url}/payments/{order_id}", f"/readings/{order_id}"
    plain, html = mail.part("plain"), mail.part("html")
    for words in (plain, seen(html)):
        assert all(said in words for said in (*sentences, name, amount, order_id)), words
    assert page in plain
    assert delivery in plain
    alone = plain.replace("\r\n", "\n").split("\n\n")
    assert [part.split("\n")[1:] for part in alone if page in part] == [[page]], "each link stands by itself"
    assert f'href="{page}"' in html
    assert re.search(rf'href="https://[^"]+{delivery}"', html)
    assert f'lang="{locale}"' in html
    assert "_(" not in plain
    assert "{{" not in plain + html


def test_every_mail_says_where_the_shop_is_reached(
    make_shop: MakeShop, sqlite_url: str, mailbox: RunningMailServer
) -> None:
    shop = make_shop(sqlite_url, SMTP_URL=mailbox.url, SHOP_EMAIL="help@shop.example", SHOP_PHONE="02-123-4567")
    pay(shop)
    Browsing(shop, None).submit("/password/forgot", "/password/forgot", email=BUYER)
    shop.work()
    assert len(mailbox.received) == 2
    for mail in mailbox.received:
        assert mail.message["Reply-To"] == "help@shop.example"
        assert mail.part("plain").rstrip().splitlines()[-2:] == ["help@shop.example", "02-123-4567"]
        assert 'href="mailto:help@shop.example"' in mail.part("html")
        assert seen(mail.part("html")).endswith("help@shop.example 02-123-4567")


def test_a_mail_has_the_form_that_every_server_takes(
    sqlite_mailing_shop: RunningShop, mailbox: RunningMailServer
) -> None:
    pay(sqlite_mailing_shop)
    sqlite_mailing_shop.work()
    raw = only(mailbox).raw
    assert b"\n" not in raw.replace(b"\r\n", b""), "a line that ends without CR"
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.isascii(), "needs a server that takes eight bits"


def test_the_deposit_mail_says_where_to_send_the_money(
    sqlite_mailing_shop: RunningShop, mailbox: RunningMailServer
) -> None:
    shop = sqlite_mailing_shop
    order_id = pay(shop, method="VIRTUAL_ACCOUNT")
    shop.work()
    mail = only(mailbox)
    payment = shop.payments(order_id)[0]
    assert "입금" in str(mail.message["Subject"])
    assert payment["deposit_bank"] in mail.part("plain")
    assert re.search(r"X\d{13}", mail.part("plain")), "the account number"
    assert re.search(r"X\d{13}", seen(mail.part("html")))
    assert "13,000" in mail.part("plain")
    shop.sandbox.deposit(order_id=payment["sent_order_id"])
    shop.settle_down(hours=1)
    _, receipt = mailbox.received
    assert "영수증" in str(receipt.message["Subject"])


def test_money_sent_back_is_explained(sqlite_mailing_shop: RunningShop, mailbox: RunningMailServer) -> None:
    shop = sqlite_mailing_shop
    order_id = pay(shop)
    shop.work()
    charge_again(shop, order_id)
    shop.settle_down(hours=1)
    receipt, sent_back = mailbox.received
    assert "영수증" in str(receipt.message["Subject"])
    assert NAME in str(sent_back.message["Subject"])
    assert sent_back.recipients == (BUYER,)
    for words in (sent_back.part("plain"), seen(sent_back.part("html"))):
        assert order_id in words
        assert "전액" in words, "says that all of it went back"
    assert shop.sandbox.ledger()["refunds"][0]["amount"] == PRICE


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\u2028", "\x0b"])
def test_fm_105_a_name_adds_no_header(mailing_shop: RunningShop, mailbox: RunningMailServer, break_: str) -> None:
    shop = mailing_shop
    order_id = pay(shop)
    with shop.db() as session:
        bad = f"Reading{break_}Bcc: spy@example.com{break_}{break_}<b>bold</b>"
        session.execute(text("UPDATE orders SET product_name = :n WHERE public_id = :o"), {"n": bad, "o": order_id})
    shop.work()
    mail = only(mailbox)
    assert mail.message["Bcc"] is None
    assert mail.recipients == (BUYER,)
    assert "Reading Bcc: spy@example.com <b>bold</b>" in str(mail.message["Subject"]), "one line, nothing lost"
    assert "<b>bold</b>" not in mail.part("html")


@pytest.mark.parametrize("field", ["to", "subject"])
def test_fm_105_an_address_adds_no_header(
    sqlite_mailing_shop: RunningShop, mailbox: RunningMailServer, field: str
) -> None:
    fields = {"to": BUYER, "subject": "Receipt", "text": "t\n", "html": "<p>t", "mail_id": "0" * 8}
    fields[field] += "\r\nBcc: spy@example.com"
    if field == "to":
        with pytest.raises(ValueError, match="linefeed or carriage return"):
            sqlite_mailing_shop.wiring.mailer.send(**fields)
        assert mailbox.received == []
    else:
        sqlite_mailing_shop.wiring.mailer.send(**fields)
        assert only(mailbox).message["Bcc"] is None


def test_without_a_mail_server_the_mails_are_files(sqlite_shop: RunningShop) -> None:
    order_id = pay(sqlite_shop)
    sqlite_shop.work()
    (file,) = sqlite_shop.outbox.glob("*.eml")
    mail = Received("", (), file.read_bytes())
    assert mail.message["To"] == BUYER
    assert NAME in str(mail.message["Subject"])
    assert order_id in mail.part("plain")
    assert order_id in mail.part("html")
    assert mail.mail_id == sqlite_shop.mails()[0]["id"]
    assert file.stem == sqlite_shop.mails()[0]["id"]
    assert sqlite_shop.mails()[0]["state"] == "sent"
