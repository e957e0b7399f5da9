"""How values look to people: money, times and status words in the reader's language, as Jinja filters."""

from copy import copy
from datetime import datetime, timedelta
from functools import cache
from unicodedata import bidirectional

from babel import Locale
from babel.dates import format_timedelta
from babel.numbers import NumberPattern, format_decimal, get_currency_name
from flask import Flask, has_request_context, request, session
from flask_babel import Babel, get_locale
from flask_babel.speaklater import LazyString
from markupsafe import Markup

from webapp.domain.failures import Failure
from webapp.domain.money import EXPONENTS, Money
from webapp.domain.reasons import Reason
from webapp.domain.states import PaymentStatus
from webapp.services.history import Group
from webapp.services.views import TimelineEntry
from webapp.web.clocks import SHOP_ZONE, current_zone, format_day, format_hour, format_when, time_element, zone_name
from webapp.web.devices import device_filter
from webapp.web.failure_texts import FailureText, failure_text
from webapp.web.texts import (
    GROUP_WORDS,
    METHOD_WORDS,
    PROVIDER_METHODS,
    PROVIDER_NAMES,
    REASON_TEXTS,
    STATUS_TONES,
    STATUS_WORDS,
    STEP_WORDS,
    ReasonText,
)

LOCALES = ("ko", "en")
DEFAULT_LOCALE = "ko"
#: Where the session keeps the reader's own choice.
LOCALE_KEY = "locale"

#: Kinds of signs that turn the direction of what stands beside them.
_TURNS = frozenset({"R", "AL", "AN", "RLE", "RLO", "LRE", "LRO", "PDF", "RLI", "LRI", "FSI", "PDI"})


def select_locale() -> str:
    """`ko` or `en`: the choice kept in the session, else the browser's wish, else Korean.

    Asks no database, so that error pages can be shown without one; outside a request it is Korean
    until the caller says otherwise (`flask_babel.force_locale`).
    """
    if not has_request_context():
        return DEFAULT_LOCALE
    chosen = session.get(LOCALE_KEY)
    if chosen in LOCALES:
        return str(chosen)
    return request.accept_languages.best_match(LOCALES) or DEFAULT_LOCALE


def choose_locale(wish: str) -> str:
    """Keep the reader's choice in the session and return it; an unknown language changes nothing."""
    if wish in LOCALES:
        session[LOCALE_KEY] = wish
    return select_locale()


def current_locale() -> str:
    """`ko` or `en`, as it stands now."""
    locale = get_locale()
    return locale.language if locale is not None and locale.language in LOCALES else DEFAULT_LOCALE


@cache
def _currency_pattern(locale: str, currency: str) -> NumberPattern:
    """The locale's pattern with the decimals of our own table, because Babel's may differ from it."""
    pattern: NumberPattern = copy(Locale.parse(locale).currency_formats["standard"])
    decimals = EXPONENTS[currency]
    pattern.frac_prec = (decimals, decimals)
    return pattern


def format_money(money: Money, locale: str) -> str:
    """The sum as people write it: ₩13,000, $10.00, and 13,000원 in Korean."""
    if locale == "ko" and money.currency == "KRW":
        return f"{format_decimal(money.minor, locale=locale)}원"
    pattern = _currency_pattern(locale, money.currency)
    return str(pattern.apply(money.decimal, locale, currency=money.currency, currency_digits=False))


def money_filter(money: Money) -> str:
    return format_money(money, current_locale())


def when_filter(at: datetime) -> Markup:
    """Date and time on the visitor's own clock."""
    zone = current_zone()
    return time_element(at, format_when(at, current_locale(), zone), zone)


def when_named_filter(at: datetime) -> Markup:
    """Like `when`, and always with the clock's name: for what is kept on paper."""
    zone = current_zone()
    return time_element(at, format_when(at, current_locale(), zone, named=True), zone)


def when_text_filter(at: datetime) -> str:
    """Like `when_named`, without markup, on the shop's clock: for mails, read wherever the reader is."""
    return format_when(at, current_locale(), named=True)


def day_filter(at: datetime) -> Markup:
    """The date, and the time of day below or beside it."""
    zone = current_zone()
    parts = Markup("<span>{}</span> <span>{}</span>").format(
        format_day(at, current_locale(), zone), format_hour(at, zone)
    )
    return time_element(at, parts, zone)


def clock_filter(at: datetime) -> str:
    """What the visitor's clock is called then."""
    return zone_name(at, current_locale(), current_zone())


def status_word_filter(status: PaymentStatus) -> LazyString:
    return STATUS_WORDS[status]


def status_tone_filter(status: PaymentStatus) -> str:
    """`quiet`, `info`, `success`, `warn` or `error`: the design system's tones."""
    return STATUS_TONES[status]


def group_word_filter(group: Group) -> LazyString:
    """The name of a group of the history."""
    return GROUP_WORDS[group]


def step_word_filter(entry: TimelineEntry) -> str:
    """What happened, for the timeline."""
    word = str(next(word for known, word in STEP_WORDS.items() if known == entry.step))
    return word % {"amount": money_filter(entry.amount)} if entry.amount else word


def time_left_filter(until: datetime, now: datetime) -> str:
    """How long it is until then, never more than it is: 23 hours, 23시간; empty once it is over."""
    left = until - now
    if left <= timedelta():
        return ""
    for unit in (timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)):
        if left >= 2 * unit:
            return format_timedelta(left // unit * unit, threshold=2, granularity="minute", locale=current_locale())
    return format_timedelta(timedelta(minutes=1), threshold=2, granularity="minute", locale=current_locale())


def reason_filter(reason: Reason) -> ReasonText:
    return REASON_TEXTS[reason]


def method_word_filter(method: str) -> LazyString | str:
    """A method's name; one that we have no word for is shown as it is."""
    return METHOD_WORDS.get(method, method)


def provider_name_filter(provider: str) -> LazyString | str:
    return PROVIDER_NAMES.get(provider, provider)


def provider_methods_filter(provider: str) -> LazyString | str:
    """What one pays with there; empty for a provider that we have no words for."""
    return PROVIDER_METHODS.get(provider, "")


def currency_name_filter(currency: str) -> str:
    """The currency's name in the reader's language: US Dollar, 미국 달러."""
    return str(get_currency_name(currency, locale=current_locale()))


def isolated_filter(text: str) -> str:
    """A name as it stands in a title, a subject or a sentence, where no `<bdi>` is heard: its direction stays its own.

    A name that only runs from left to right comes back unchanged: the marks show as boxes in some mail programs.
    """
    if all(bidirectional(sign) not in _TURNS for sign in text):
        return text
    return f"\u2068{text}\u2069"


def failure_text_filter(failure: Failure) -> FailureText:
    return failure_text(failure)


def init_presentation(app: Flask) -> Babel:
    """Register the filters and the two languages on the app."""
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", "translations")
    app.config.setdefault("BABEL_DEFAULT_LOCALE", DEFAULT_LOCALE)
    app.config.setdefault("BABEL_DEFAULT_TIMEZONE", SHOP_ZONE.key)
    app.jinja_env.filters.update(
        money=money_filter,
        when=when_filter,
        when_named=when_named_filter,
        when_text=when_text_filter,
        clock=clock_filter,
        day=day_filter,
        status_word=status_word_filter,
        status_tone=status_tone_filter,
        group_word=group_word_filter,
        step_word=step_word_filter,
        time_left=time_left_filter,
        reason=reason_filter,
        method_word=method_word_filter,
        provider_name=provider_name_filter,
        provider_methods=provider_methods_filter,
        currency_name=currency_name_filter,
        failure_text=failure_text_filter,
        isolated=isolated_filter,
        device=device_filter,
    )
    return Babel(app, locale_selector=select_locale)
