"""Money, times and words, as people read them."""

from datetime import UTC, datetime

import pytest
from flask import Flask, session
from flask_babel import force_locale
from werkzeug.test import EnvironBuilder

from webapp.domain.money import EXPONENTS, Money
from webapp.domain.reasons import Reason
from webapp.domain.states import PaymentStatus
from webapp.web.clocks import ZONE_COOKIE, find_zone, format_when
from webapp.web.presentation import (
    LOCALE_KEY,
    choose_locale,
    format_money,
    init_presentation,
    select_locale,
)

LATE = datetime(2026, 11, 22, 15, 5, tzinfo=UTC)


@pytest.fixture
def app() -> Flask:
    app = Flask("webapp")
    app.secret_key = "only for this test"
    init_presentation(app)
    return app


def shown(app: Flask, locale: str, template: str, **values: object) -> str:
    with app.app_context(), force_locale(locale):
        return app.jinja_env.from_string(template).render(**values)


@pytest.mark.parametrize(
    "minor, currency, korean, english",
    [
        (13000, "KRW", "13,000원", "₩13,000"),
        (0, "KRW", "0원", "₩0"),
        (1234567890123, "KRW", "1,234,567,890,123원", "₩1,234,567,890,123"),
        (-500, "KRW", "-500원", "-₩500"),
        (1000, "USD", "US$10.00", "$10.00"),
        (5, "USD", "US$0.05", "$0.05"),
        (1234567, "JPY", "JP¥1,234,567", "¥1,234,567"),
        (1999, "EUR", "€19.99", "€19.99"),
    ],
)
def test_money_is_written_as_people_of_the_language_write_it(
    minor: int, currency: str, korean: str, english: str
) -> None:
    assert format_money(Money(minor, currency), "ko") == korean
    assert format_money(Money(minor, currency), "en") == english


@pytest.mark.parametrize("locale", ["ko", "en"])
@pytest.mark.parametrize("currency", sorted(EXPONENTS))
def test_no_digit_of_an_amount_is_rounded_away(currency: str, locale: str) -> None:
    digits = "".join(c for c in format_money(Money(2**63 - 1, currency), locale) if c.isdigit())
    assert digits == str(2**63 - 1)


def test_times_are_told_on_koreas_clock() -> None:
    assert format_when(LATE, "ko") == "2026년 11월 23일 00:05"
    assert format_when(LATE, "en") == "Nov 23, 2026, 00:05 KST"


def test_a_time_on_a_page_can_be_read_by_machines(app: Flask) -> None:
    page = shown(app, "en", "{{ at|when }} {{ at|day }}", at=LATE)
    assert page == (
        '<time datetime="2026-11-23T00:05:00+09:00">Nov 23, 2026, 00:05 KST</time> '
        '<time datetime="2026-11-23T00:05:00+09:00"><span>Nov 23, 2026</span> <span>00:05</span></time>'
    )


@pytest.mark.parametrize(
    "zone, english, korean",
    [
        ("America/New_York", "Nov 22, 2026, 10:05 EST", "2026년 11월 22일 10:05 (GMT-5)"),
        ("Asia/Kolkata", "Nov 22, 2026, 20:35 GMT+5:30", "2026년 11월 22일 20:35 (GMT+5:30)"),
        ("Asia/Seoul", "Nov 23, 2026, 00:05 KST", "2026년 11월 23일 00:05"),
        ("", "Nov 23, 2026, 00:05 KST", "2026년 11월 23일 00:05"),
    ],
)
def test_a_page_tells_the_time_on_the_clock_that_the_browser_named(
    app: Flask, zone: str, english: str, korean: str
) -> None:
    for locale, said in (("en", english), ("ko", korean)):
        with app.test_request_context(headers={"Cookie": f"{ZONE_COOKIE}={zone}"}):
            assert f">{said}</time>" in shown(app, locale, "{{ at|when }}", at=LATE)
    with app.test_request_context(headers={"Cookie": f"{ZONE_COOKIE}=America/New_York"}):
        assert "<span>Nov 22, 2026</span> <span>10:05</span>" in shown(app, "en", "{{ at|day }}", at=LATE)
        assert shown(app, "ko", "{{ at|when_text }}", at=LATE) == "2026년 11월 23일 00:05 (한국 시간)", "a mail"


@pytest.mark.parametrize(
    "name", ["", "Mars/Base", "../../etc/passwd", "/etc/localtime", "Asia/Seoul\n", "a" * 4000, "서울", "Asia/Seoul/"]
)
def test_a_zone_that_is_none_is_not_believed(name: str) -> None:
    assert find_zone(name) is None


def test_the_same_template_speaks_both_languages(app: Flask) -> None:
    template = "{{ status|status_word }} / {{ reason|reason|attr('title') }} / {{ amount|money }}"
    values = {"status": PaymentStatus.COMPLETED, "reason": Reason.DECLINED, "amount": Money(100, "KRW")}
    assert shown(app, "ko", template, **values) == "결제 완료 / 결제가 승인되지 않았어요 / 100원"
    assert shown(app, "en", template, **values) == "Paid / The payment was not approved / ₩100"


def test_markup_in_a_name_stays_text(app: Flask) -> None:
    page = shown(app, "ko", "{{ name|method_word|e }} {{ name|provider_name|e }}", name="<b>x</b>")
    assert "<b>" not in page


def test_outside_a_request_the_shop_speaks_korean(app: Flask) -> None:
    with app.app_context():
        assert select_locale() == "ko"


@pytest.mark.parametrize(
    "accepted, locale",
    [
        ("en-US,en;q=0.9,ko;q=0.8", "en"),
        ("ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        ("fr", "ko"),
        ("", "ko"),
        ("*", "ko"),
    ],
)
def test_the_browsers_wish_counts_until_the_reader_chooses(app: Flask, accepted: str, locale: str) -> None:
    environ = EnvironBuilder(headers=[("Accept-Language", accepted)]).get_environ()
    with app.request_context(environ):
        assert select_locale() == locale
        assert choose_locale("en") == "en"
        assert select_locale() == "en"


def test_an_unknown_language_changes_nothing(app: Flask) -> None:
    with app.test_request_context():
        session[LOCALE_KEY] = "en"
        assert choose_locale("tlh") == "en"
        session[LOCALE_KEY] = "tlh"
        assert select_locale() == "ko"
