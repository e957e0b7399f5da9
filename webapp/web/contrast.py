"""Which colour stands on which, and whether it can be read there: the tokens of `static/css/tokens.css` as data."""

import re
from functools import cache
from pathlib import Path

_SHEET = Path(__file__).resolve().parents[2] / "static" / "css" / "tokens.css"

_TONES = ("info", "success", "warn", "error")

#: Text on ground. WCAG AA asks for 4.5, and for 7 where more contrast is wanted.
TEXTS: tuple[tuple[str, str], ...] = (
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ("ground", "surface", "surface-2", "surface-3")),
    *((link, ground) for link in ("accent", "accent-press") for ground in ("ground", "surface", "surface-2")),
    ("accent", "accent-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-press"),
    *((tone, f"{tone}-soft") for tone in _TONES),
    *((ink, f"{tone}-soft") for ink in ("ink", "ink-2") for tone in _TONES),
    *((tone, "surface") for tone in _TONES),
)

#: Edges and the focus ring, which nothing is written in. WCAG AA asks for 3.
EDGES: tuple[tuple[str, str], ...] = (
    *(("line-strong", ground) for ground in ("ground", "surface", "surface-2")),
    *(("focus", ground) for ground in ("ground", "surface", "surface-2", "surface-3", "error-soft", "accent-soft")),
)


@cache
def themes() -> dict[str, dict[str, str]]:
    """Token → value, for `light`, `dark`, and both with `more` contrast (`light more`, `dark more`)."""
    sheet = re.sub(r"/\*.*?\*/", "", _SHEET.read_text("utf-8"), flags=re.S)
    blocks: dict[str, dict[str, str]] = {}
    for media, body in re.findall(r"(?:@media ([^{]+?)\s*\{\s*)?:root\s*\{([^}]*)\}", sheet):
        found = re.findall(r"--([\w-]+):\s*([^;]+);", body)
        blocks[media] = {name: " ".join(value.split()) for name, value in found}
    dark, more = blocks["(prefers-color-scheme: dark)"], blocks["(prefers-contrast: more)"]
    darkest = blocks["(prefers-contrast: more) and (prefers-color-scheme: dark)"]
    light = blocks[""]
    return {
        "light": _resolved(light),
        "dark": _resolved({**light, **dark}),
        "light more": _resolved({**light, **more}),
        "dark more": _resolved({**light, **dark, **more, **darkest}),
    }


def _resolved(values: dict[str, str]) -> dict[str, str]:
    """Without `var(…)`, which may lead to another one."""

    def value(name: str) -> str:
        return re.sub(r"var\(--([\w-]+)\)", lambda found: value(found[1]), values[name])

    return {name: value(name) for name in values}


def ratio(one: str, other: str) -> float:
    """The contrast of two colours (`#fff`, `#ffffff`), 1 to 21, cut off after two places as WCAG compares them."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return int((lighter + 0.05) / (darker + 0.05) * 100) / 100


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    parts = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
