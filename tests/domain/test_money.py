"""Money: whole smallest units, one currency at a time, nothing rounded."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.money import EXPONENTS, MAX_MINOR, CurrencyMismatch, Money, TooManyDecimals, minor_units

AMOUNTS = st.integers(-(10**15), 10**15)
CURRENCIES = st.sampled_from(sorted(EXPONENTS))


@given(AMOUNTS, CURRENCIES)
def test_a_written_amount_comes_back_as_it_was(minor: int, currency: str) -> None:
    assert minor_units(Money(minor, currency).decimal, currency) == minor


@given(AMOUNTS, AMOUNTS, CURRENCIES)
def test_what_is_added_can_be_taken_away_again(one: int, other: int, currency: str) -> None:
    assert Money(one, currency) + Money(other, currency) - Money(other, currency) == Money(one, currency)


@given(AMOUNTS, AMOUNTS, CURRENCIES)
def test_sums_of_one_currency_have_an_order(one: int, other: int, currency: str) -> None:
    assert (Money(one, currency) < Money(other, currency)) is (one < other)
    assert (Money(one, currency) <= Money(other, currency)) is (one <= other)
    assert Money(one, currency).equals(Money(other, currency)) is (one == other)


@pytest.mark.parametrize(
    "written, currency, minor",
    [("13000", "KRW", 13000), ("10.00", "USD", 1000), ("0.07", "EUR", 7), ("1.234", "KWD", 1234), ("1E3", "JPY", 1000)],
)
def test_amounts_as_people_write_them(written: str, currency: str, minor: int) -> None:
    assert minor_units(Decimal(written), currency) == minor


@pytest.mark.parametrize("written, currency", [("13000.5", "KRW"), ("10.001", "USD"), ("0.0001", "KWD")])
def test_an_amount_finer_than_its_currency_is_refused(written: str, currency: str) -> None:
    with pytest.raises(TooManyDecimals):
        minor_units(Decimal(written), currency)


@pytest.mark.parametrize("wrong", [13000.0, True, Decimal(13000), "13000", None])
def test_only_whole_numbers_are_money(wrong: object) -> None:
    with pytest.raises(TypeError):
        Money(wrong, "KRW")  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["krw", "XXX", "", "BTC"])
def test_an_unknown_currency_is_refused(currency: str) -> None:
    with pytest.raises(ValueError, match="unknown currency"):
        Money(1, currency)


def test_what_no_column_holds_is_refused() -> None:
    assert Money(MAX_MINOR, "KRW").minor == 2**63 - 1
    with pytest.raises(OverflowError):
        Money(MAX_MINOR + 1, "KRW")
    with pytest.raises(OverflowError):
        Money(MAX_MINOR, "KRW") + Money(1, "KRW")


def test_two_currencies_do_not_mix() -> None:
    won, dollars = Money(1000, "KRW"), Money(1000, "USD")

    for mix in (
        lambda: won + dollars,
        lambda: won - dollars,
        lambda: won < dollars,
        lambda: won <= dollars,
        lambda: won.equals(dollars),
    ):
        with pytest.raises(CurrencyMismatch):
            mix()
    assert won != dollars


@pytest.mark.parametrize(
    "minor, currency, percent, tax",
    [
        (11_000, "KRW", "10", 1000),
        (13_000, "KRW", "10", 1182),
        (0, "KRW", "10", 0),
        (1_000, "USD", "8.25", 76),
        (119, "EUR", "19", 19),
        (21, "KRW", "5", 1),
        (1, "JPY", "10", 0),
    ],
)
def test_the_tax_in_a_price_is_whole_units(minor: int, currency: str, percent: str, tax: int) -> None:
    assert Money(minor, currency).tax_included(Decimal(percent)) == Money(tax, currency)


@given(st.integers(0, 10**15), st.integers(1, 9_999))
def test_a_tax_and_the_rest_are_the_price_and_the_tax_is_off_by_half_a_unit_at_most(minor: int, rate: int) -> None:
    tax = Money(minor, "KRW").tax_included(Decimal(rate).scaleb(-2)).minor
    assert 0 <= tax <= minor
    assert abs(2 * (tax * (10_000 + rate) - minor * rate)) <= 10_000 + rate
