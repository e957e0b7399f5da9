"""Times as people read them: on the visitor's own clock where the browser has told it, else on Korea's, the shop's."""

import re
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel.dates import format_datetime, get_timezone_name
from flask import g, has_request_context, request
from flask_babel import gettext
from markupsafe import Markup

#: The shop's clock: mails, and whoever has not told where she is.
SHOP_ZONE = ZoneInfo("Asia/Seoul")
#: Set by `static/js/zone.js`; not a secret, and believed only as far as it names a zone that exists.
ZONE_COOKIE = "zone"

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+/-]{1,49}\Z")
_DAY_PATTERNS = {"ko": "y. M. d.", "en": "MMM d, y"}
_TIME_PATTERNS = {"ko": "y년 M월 d일 HH:mm", "en": "MMM d, y, HH:mm"}


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def find_zone(name: str) -> ZoneInfo | None:
    """The zone of that name; None for what is none."""
    return ZoneInfo(name) if _NAME.match(name) and name in _zones() else None


def current_zone() -> ZoneInfo:
    """The visitor's own, if her browser has told it; outside of a request the shop's."""
    if not has_request_context():
        return SHOP_ZONE
    if "zone" not in g:
        g.zone = find_zone(request.cookies.get(ZONE_COOKIE, "")) or SHOP_ZONE
    zone: ZoneInfo = g.zone
    return zone


def zone_name(at: datetime, locale: str, zone: ZoneInfo = SHOP_ZONE) -> str:
    """What the clock is called: KST, EST, GMT+1; in Korean Korea's is called by its country."""
    if zone.key == SHOP_ZONE.key:
        return "KST" if locale == "en" else str(gettext("Korean time"))
    there = at.astimezone(zone)
    name = str(get_timezone_name(there, width="short", locale=locale))
    return name if name.isalpha() else _from_greenwich(there)


def _from_greenwich(at: datetime) -> str:
    """GMT-5, GMT+5:30: for a clock that the language has no name for."""
    minutes = int((at.utcoffset() or timedelta()).total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"GMT{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def format_when(at: datetime, locale: str, zone: ZoneInfo = SHOP_ZONE, *, named: bool = False) -> str:
    """Date and time to the minute, with the clock's name; Korea's goes without in Korean, unless `named`."""
    text = format_datetime(at.astimezone(zone), _TIME_PATTERNS[locale], locale=locale)
    if locale == "en":
        return f"{text} {zone_name(at, locale, zone)}"
    return f"{text} ({zone_name(at, locale, zone)})" if named or zone.key != SHOP_ZONE.key else text


def format_day(at: datetime, locale: str, zone: ZoneInfo = SHOP_ZONE) -> str:
    """The date alone, on that clock's calendar."""
    return format_datetime(at.astimezone(zone), _DAY_PATTERNS[locale], locale=locale)


def format_hour(at: datetime, zone: ZoneInfo = SHOP_ZONE) -> str:
    """The time of day alone."""
    return f"{at.astimezone(zone):%H:%M}"


def time_element(at: datetime, text: str | Markup, zone: ZoneInfo = SHOP_ZONE) -> Markup:
    """The text for people, with the moment for machines."""
    stamp = at.astimezone(zone).isoformat(timespec="seconds")
    return Markup('<time datetime="{}">{}</time>').format(stamp, text)
