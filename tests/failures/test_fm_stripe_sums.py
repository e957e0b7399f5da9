"""Another sum, another currency, other decimals: what was ordered is what is asked for, taken and shown."""

import re
from pathlib import Path

import pytest
from babel.numbers import parse_decimal

from tests.conftest import MakeShop
from tests.failures.conftest import BuyAbroad
from tests.failures.news import post_signed, work_off, written
from tests.failures.rest import come_to_rest
from tests.failures.stripe_purchase import StripePurchase
from tests.shop_server import DOLLARS, NAME, PRICE, PRODUCT, READING, RunningShop
from webapp.cli import DEMO_CATALOG
from webapp.domain.money import EXPONENTS
from webapp.services.stock import load_catalog

#: Currency → the price as the catalogue has it, and in the smallest unit.
PRICES = {
    "KRW": ("13000", 13_000),
    "JPY": ("1500", 1500),
    "USD": ("10.00", 1000),
    "EUR": ("9.50", 950),
    "KWD": ("3.250", 3250),
    "JOD": ("7.090", 7090),
}
#: A cent less and more, a tenth, ten and a hundred times as much.
OTHER_SUMS = (DOLLARS - 1, DOLLARS + 1, DOLLARS // 10, DOLLARS * 10, DOLLARS * 100)


def gone_back(purchase: StripePurchase) -> list[tuple[int, int]]:
    return [(row["captured"], row["refunded"]) for row in purchase.intents()]


@pytest.mark.parametrize("by", ["return", "news", "sweep"])
def test_fm_57_another_sum_than_was_ordered_completes_nothing_and_goes_back(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad, by: str
) -> None:
    for amount in OTHER_SUMS:
        purchase = buy_abroad(deaf_shop, paid=False)
        purchase.change_amount(amount)
        purchase.pay()
        if by == "return":
            purchase.back()
        elif by == "sweep":
            purchase.check_when_due()
        else:
            post_signed(deaf_shop, written(deaf_shop, purchase.key)[-1]["body"])
            deaf_shop.work()

        assert purchase.payment()["captured_minor"] == amount
        assert purchase.alerts() == ["mismatch"]
        assert purchase.told() in ("mismatch", "refunded")
        work_off(deaf_shop)
        assert gone_back(purchase) == [(amount, amount)]
        assert purchase.told() == "refunded"
        assert not [move for move in purchase.moves() if move.endswith(">completed")]
        assert purchase.mails() == [("sent_back", "sent")]


def test_fm_57_a_person_decides_where_the_shop_wants_it_so(
    make_shop: MakeShop, database_url: str, buy_abroad: BuyAbroad
) -> None:
    shop = make_shop(database_url, ON_MISMATCH="person")
    purchase = buy_abroad(shop, paid=False)
    purchase.change_amount(DOLLARS - 1)
    purchase.pay()
    purchase.back()
    come_to_rest(shop)

    assert gone_back(purchase) == [(DOLLARS - 1, 0)]
    assert purchase.told() == "mismatch"
    assert purchase.alerts() == ["mismatch"]
    assert purchase.mails() == []
    assert purchase.form().headers["Location"] == f"/payments/{purchase.order_id}"


def test_fm_57_the_same_number_in_another_currency_is_another_sum(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad
) -> None:
    purchase = buy_abroad(deaf_shop, paid=False)
    purchase.change_amount(DOLLARS, "jpy")
    purchase.pay()
    purchase.back()

    assert purchase.alerts() == ["mismatch"]
    assert purchase.told() == "mismatch"
    work_off(deaf_shop)
    assert gone_back(purchase) == [(DOLLARS, DOLLARS)]
    assert purchase.told() == "refunded"
    assert not [move for move in purchase.moves() if move.endswith(">completed")]


def test_fm_58_an_order_in_dollars_is_never_paid_in_won(deaf_shop: RunningShop, buy_abroad: BuyAbroad) -> None:
    purchase = buy_abroad(deaf_shop, paid=False, page=True)
    in_dollars = {"currency": "USD", "provider": "toss"}

    answers = [
        purchase.form(provider="toss"),
        purchase.form(provider="toss", currency="KRW"),
        purchase.owner().get(f"/checkout/{PRODUCT}", params=in_dollars),
    ]

    assert [answer.status_code for answer in answers] == [503] * 3
    assert not any("data-order-id" in answer.text for answer in answers)
    assert [(p["provider"], p["currency"]) for p in purchase.payments()] == [("stripe", "USD")]
    purchase.pay()
    purchase.back()
    deaf_shop.work()
    purchase.is_sold_once()


@pytest.mark.parametrize("body", [
    {"amount": DOLLARS, "orderName": NAME},
    {"amount": DOLLARS, "orderName": READING},
    {"amount": DOLLARS, "orderName": NAME, "currency": "USD"},
    {"amount": 10, "orderName": READING},
])  # fmt: skip
def test_fm_58_toss_takes_no_price_in_dollars(shop: RunningShop, body: dict[str, object]) -> None:
    answer = shop.post("/payment/toss/create", body, token=shop.token())

    assert answer.status_code == 422
    assert shop.rows("SELECT id FROM orders") == []


def test_fm_58_stripe_takes_only_what_the_catalogue_has_a_price_for(shop: RunningShop) -> None:
    bodies = [
        {"amount": 10, "description": READING},
        {"amount": DOLLARS * 100, "description": READING},
        {"amount": PRICE, "description": NAME},
        {"amount": DOLLARS, "description": READING, "currency": "JPY"},
        {"amount": DOLLARS, "description": READING, "currency": "XXX"},
        {"product": PRODUCT, "currency": "KWD"},
        {"product": PRODUCT, "currency": "us"},
        {"amount": 10.0, "description": READING},
    ]

    for body in bodies:
        answer = shop.post("/payment/stripe/create", body, token=shop.token())
        assert answer.status_code in (404, 422), (body, answer.text)
    assert shop.rows("SELECT id FROM orders") == []
    assert shop.sandbox.calls() == []


@pytest.mark.parametrize("written_as", ["usd", "USD", "Usd"])
def test_fm_58_the_case_of_a_currencys_letters_changes_nothing(
    deaf_shop: RunningShop, buy_abroad: BuyAbroad, written_as: str
) -> None:
    made = deaf_shop.create_abroad(amount=DOLLARS, description=READING, currency=written_as)
    assert (made["amount"], made["currency"]) == (DOLLARS, "USD")
    deaf_shop.sandbox.stripe_pay(order_id=made["orderId"])
    come_to_rest(deaf_shop)

    (order,) = deaf_shop.rows("SELECT status, currency FROM orders")
    assert (order["status"], order["currency"]) == ("completed", "USD")


@pytest.fixture
def world_shop(make_shop: MakeShop, database_url: str, tmp_path: Path) -> RunningShop:
    """A shop with a price in every currency, in the demo's own catalogue file."""
    shop = make_shop(database_url)
    lines = [f'{currency} = "{price}"' for currency, (price, _) in PRICES.items()]
    catalog = re.sub(r"(?<=\.prices\]\n)(?:[A-Z]{3} = .*\n)+", "\n".join(lines) + "\n", DEMO_CATALOG.read_text("utf-8"))
    (tmp_path / "world.toml").write_text(catalog, "utf-8")
    assert load_catalog(shop.context, tmp_path / "world.toml") == 2
    shop.sandbox.mute()
    return shop


def sums_on(page: str) -> set[str]:
    """Every number on a page that stands where sums stand."""
    return {str(parse_decimal(found, locale="en")) for found in re.findall(r"[0-9][0-9,]*(?:\.[0-9]+)?", page)}


@pytest.mark.parametrize("currency", PRICES)
def test_fm_121_a_price_stays_the_same_from_the_catalogue_to_the_receipt(
    world_shop: RunningShop, buy_abroad: BuyAbroad, currency: str
) -> None:
    price, minor = PRICES[currency]
    assert set(PRICES) == set(EXPONENTS)
    purchase = buy_abroad(world_shop, page=True, currency=currency, price=minor, paid=False)

    (intent,) = purchase.intents()
    assert (intent["amount"], intent["currency"]) == (minor, currency)
    form = purchase.form()
    assert f'data-amount="{minor}"' in form.text
    assert f'data-currency="{currency}"' in form.text
    assert price in sums_on(form.text)
    purchase.pay()
    purchase.back()
    world_shop.work()
    assert (purchase.order()["amount_minor"], purchase.order()["currency"]) == (minor, currency)
    assert price in sums_on(purchase.page())
    assert price in sums_on(purchase.owner().get("/payments").text)
    purchase.is_sold_once()


@pytest.mark.parametrize("currency", PRICES)
def test_fm_121_the_api_takes_and_gives_the_smallest_unit(
    world_shop: RunningShop, buy_abroad: BuyAbroad, currency: str
) -> None:
    _, minor = PRICES[currency]
    purchase = buy_abroad(world_shop, currency=currency, price=minor)

    assert [(row["captured"], row["currency"]) for row in purchase.intents()] == [(minor, currency)]
    body = {"paymentIntentId": purchase.key, "orderId": purchase.order_id}
    answer = world_shop.post("/payment/stripe/confirm", body).json()
    assert (answer["payment"]["amount"], answer["payment"]["currency"]) == (minor, currency)
    world_shop.work()
    purchase.is_sold_once()


@pytest.mark.parametrize("currency", [name for name, decimals in EXPONENTS.items() if decimals == 3])
def test_fm_121_a_price_that_is_no_multiple_of_ten_is_refused_before_stripe_hears_of_it(
    world_shop: RunningShop, currency: str
) -> None:
    with world_shop.db() as session:
        session.connection().exec_driver_sql(
            f"UPDATE product_prices SET amount_minor = 3255 WHERE currency = '{currency}'"
        )
    owner = world_shop.browse()

    page = owner.get(f"/checkout/{PRODUCT}", params={"currency": currency, "provider": "stripe"})

    assert 400 <= page.status_code < 600
    assert page.status_code != 500
    assert "data-client-secret" not in page.text
    assert world_shop.sandbox.calls() == []
