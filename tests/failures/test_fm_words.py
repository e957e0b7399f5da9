"""Long and unusual text in names: the same on both databases, whole on our pages, cut cleanly for a provider."""

import unicodedata
from urllib.parse import parse_qs

from markupsafe import escape

from tests.accounts.person import letters, words
from tests.mail.paid_orders import pay
from tests.shop_server import BUYER, DOLLARS, PRODUCT, RunningShop

FAMILY = "👩‍👩‍👧‍👦"
TURNED = ("קריאה (2026) مرحبا", "reading\u202egpj.exe")
NAMES = (
    f"사주 {FAMILY} 풀이 👍🏽",
    "𠮷" * 100,
    FAMILY * 14,
    *TURNED,
    "e\u0301" * 50,
    "Z" + "\u0351" * 60,
    "\u1112\u1161\u11ab" * 33,
    "사\u200b주\u2060",
    "<b>\"사주\" & 'x'</b>",
    "=1+1;DROP TABLE orders --",
    "가" * 100,
)
#: What somebody types as her name → what is kept; None is no name.
TYPED = {
    "   ": None,
    "\u3000\u00a0\t": None,
    "\u200b\u200d\ufeff": None,
    "\u3164\u115f": None,
    "\u202e\u2066": None,
    "\x00": None,
    " 김\u3000하늘 ": "김 하늘",
    "a\r\nb": "a b",
    "\x1b[31mred\x07": "[31mred",
    "nul\x00byte": "nulbyte",
    FAMILY: FAMILY,
    "𠮷" * 100: "𠮷" * 100,
    "e\u0301": "e\u0301",
    "\u202eabc": "\u202eabc",
}


def test_fm_112_a_product_keeps_its_name_from_the_shelf_to_the_receipt(shop: RunningShop) -> None:
    buyer = shop.browse()
    for name in NAMES:
        assert shop.rows("UPDATE product_texts SET name = :n WHERE product_id = :p RETURNING 1", n=name, p=PRODUCT)

        order_id = pay(shop, name=name)
        abroad = shop.create_abroad(amount=DOLLARS, description=name)
        shop.work()

        assert {shop.order(order)["product_name"] for order in (order_id, abroad["orderId"])} == {name}
        shown = f"<bdi>{escape(name)}</bdi>"
        for page in ("/", f"/payments/{order_id}", f"/payments/{order_id}/receipt"):
            assert shown in buyer.get(page).text, f"{page} {name!a}"
        wanted = f"\u2068{name}\u2069" if name in TURNED else name
        assert any(wanted in words(letter) for letter in letters(shop, BUYER)), ascii(name)
        (sent,) = parse_qs(shop.sandbox.calls("create")[-1]["body"])["description"]
        assert sent == unicodedata.normalize("NFC", name)


def test_fm_112_a_persons_name_is_kept_as_it_can_be_seen(shop: RunningShop) -> None:
    web = shop.browse()
    for typed, kept in TYPED.items():
        assert web.submit("/account/name", "/account/name", name="before").status_code == 303
        assert web.submit("/account/name", "/account/name", name=typed).status_code == 303, ascii(typed)

        (row,) = shop.rows("SELECT name FROM users WHERE email = :e", e=BUYER)
        assert row["name"] == kept, ascii(typed)
        page = web.get("/account")
        assert page.status_code == 200
        assert kept is None or f"<bdi>{escape(kept)}</bdi>" in page.text, ascii(typed)


def test_fm_112_a_name_that_is_too_long_is_told_and_not_cut(shop: RunningShop) -> None:
    web = shop.browse()
    for typed in ("x" * 10_000, "👩" * 101, "가" * 101, "e\u0301" * 51):
        answer = web.submit("/account/name", "/account/name", name=typed)
        assert (answer.status_code, "100자까지" in answer.text) == (422, True)
    assert shop.rows("SELECT name FROM users WHERE email = :e", e=BUYER) == [{"name": None}]
