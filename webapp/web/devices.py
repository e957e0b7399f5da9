"""What a browser calls itself, in two plain names. Some say something else on purpose: an iPad, that it is a Mac."""

import re

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from webapp.services.user_sessions import Device

#: The first that fits counts: most browsers name others beside themselves.
_BROWSERS = (
    ("KakaoTalk", r"KAKAOTALK"),
    ("Naver", r"NAVER\("),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Whale", r"Whale/"),
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/"),
    ("Safari", r"Version/[\d.]+ .*Safari/"),
)
_SYSTEMS = (
    ("iPhone", r"iPhone|iPod"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows NT"),
    ("ChromeOS", r"CrOS"),
    ("Mac", r"Macintosh|Mac OS X"),
    ("Linux", r"Linux|X11"),
)

#: Names that Koreans write in their own letters.
_NAMES: dict[str, LazyString] = {
    "KakaoTalk": _("KakaoTalk"),
    "Naver": _("Naver app"),
    "Samsung Internet": _("Samsung Internet"),
    "Whale": _("Whale"),
}
UNKNOWN = _("Unknown device")


def device_of(user_agent: str) -> Device:
    """Browser and system as they call themselves; None for what the table doesn't know."""
    return Device(browser=_first(_BROWSERS, user_agent), system=_first(_SYSTEMS, user_agent))


def _first(table: tuple[tuple[str, str], ...], user_agent: str) -> str | None:
    return next((name for name, pattern in table if re.search(pattern, user_agent[:400])), None)


def device_filter(device: Device) -> str:
    """`Chrome · Android`, in the reader's language."""
    parts = [part for part in (device.browser, device.system) if part]
    return " · ".join(str(_NAMES.get(part, part)) for part in parts) or str(UNKNOWN)
