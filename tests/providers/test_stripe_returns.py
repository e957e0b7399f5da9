"""What a buyer brings back from Stripe, and the bodies of its two JSON calls."""

from typing import Any

import pytest

from tests.providers.stripe_intents import INTENT, ORDER, SECRET
from webapp.domain.arrivals import Return, Wanted
from webapp.domain.failures import Invalid, Malformed
from webapp.domain.money import EXPONENTS
from webapp.providers.stripe import read_return
from webapp.providers.stripe.calls import read_confirm, read_create

HOME = {
    "payment_intent": [INTENT],
    "payment_intent_client_secret": [SECRET],
    "redirect_status": ["succeeded"],
    "order": [ORDER],
}


def test_a_return_names_the_intent_and_the_order_and_nothing_else() -> None:
    found = read_return(HOME)
    assert found == Return(provider_ref=INTENT, order_ref=ORDER, amount_minor=None)
    assert "_secret_" not in repr(found)


@pytest.mark.parametrize("status", [[], ["failed"], ["pending"], ["succeeded", "failed"], ["<script>"]])
def test_what_the_address_says_about_success_is_not_looked_at(status: list[str]) -> None:
    assert read_return(HOME | {"redirect_status": status}) == read_return(HOME)


def test_without_our_parameter_the_order_is_looked_for_by_the_intent() -> None:
    found = read_return({"payment_intent": [INTENT]})
    assert found == Return(provider_ref=INTENT, order_ref="", amount_minor=None)


@pytest.mark.parametrize("query", [{}, {"order": [ORDER]}, {"paymentKey": ["k"], "orderId": [ORDER], "amount": ["1"]}])
def test_a_return_without_an_intent_is_somebody_elses(query: dict[str, list[str]]) -> None:
    assert read_return(query) is None


@pytest.mark.parametrize(
    "change",
    [
        {"payment_intent": [INTENT, INTENT]},
        {"payment_intent": [""]},
        {"payment_intent": ["pi_"]},
        {"payment_intent": ["ch_3TnQv2LkdIwHu7ix"]},
        {"payment_intent": ["pi_3TnQv2/../x"]},
        {"payment_intent": ["pi_" + "x" * 256]},
        {"payment_intent": [INTENT + "\n"]},
        {"payment_intent": ["pi_３３３３３３"]},
        {"order": [ORDER, ORDER]},
        {"order": ["ord"]},
        {"order": ["ord_/../x"]},
        {"order": ["o" * 65]},
    ],
)
def test_fm_09_another_shape_is_malformed(change: dict[str, list[str]]) -> None:
    with pytest.raises(Malformed):
        read_return(HOME | change)


@pytest.mark.parametrize("currency", [*EXPONENTS, *map(str.lower, EXPONENTS)])
def test_a_create_names_a_price_in_any_currency_that_we_sell_in(currency: str) -> None:
    found = read_create({"amount": 1000, "description": "Saju reading", "currency": currency})
    assert found == Wanted(product_id=None, name="Saju reading", amount_minor=1000, currency=currency.upper())


def test_a_create_is_in_dollars_unless_it_says_otherwise() -> None:
    assert read_create({"amount": 1000, "description": "Saju reading"}).currency == "USD"
    wanted = Wanted(product_id="saju", name=None, amount_minor=None, currency="USD")
    assert read_create({"product": "saju"}) == wanted


@pytest.mark.parametrize(
    "body, field",
    [
        ({}, "body"),
        ({"amount": 1000}, "body"),
        ({"description": "x"}, "body"),
        ({"amount": 1000, "description": "x", "product": "p"}, "body"),
        ({"amount": 0, "description": "x"}, "amount"),
        ({"amount": -1, "description": "x"}, "amount"),
        ({"amount": 10.5, "description": "x"}, "amount"),
        ({"amount": "1000", "description": "x"}, "amount"),
        ({"amount": True, "description": "x"}, "amount"),
        ({"amount": 10**15, "description": "x"}, "amount"),
        ({"amount": 1000, "description": ""}, "description"),
        ({"amount": 1000, "description": "x" * 101}, "description"),
        ({"product": "p", "currency": "XXX"}, "currency"),
        ({"product": "p", "currency": ""}, "currency"),
        ({"product": "p", "currency": 840}, "currency"),
        ({"product": "p", "currency": "dollars"}, "currency"),
        ({"product": "p", "price": 1}, "price"),
    ],
)
def test_fm_63_a_create_of_another_shape_is_named_field_by_field(body: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_create(body)
    assert field in caught.value.fields


def test_a_confirm_names_the_intent_and_the_order() -> None:
    found = read_confirm({"paymentIntentId": INTENT, "orderId": ORDER})
    assert found == Return(provider_ref=INTENT, order_ref=ORDER, amount_minor=None)


@pytest.mark.parametrize(
    "body",
    [
        {"paymentIntentId": INTENT},
        {"orderId": ORDER},
        {"paymentIntentId": "pi_x/..", "orderId": ORDER},
        {"paymentIntentId": INTENT, "orderId": "o"},
        {"paymentIntentId": INTENT, "orderId": ORDER, "amount": 1000},
        {"paymentIntentId": [INTENT], "orderId": ORDER},
    ],
)
def test_a_confirm_of_another_shape_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        read_confirm(body)
