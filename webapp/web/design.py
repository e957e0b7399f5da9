"""`/design`: every token and every macro of the templates in every state, to look at. Development only."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from flask import Blueprint, render_template
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, PasswordField, SelectField, StringField, TextAreaField

from webapp.domain.money import EXPONENTS, Money
from webapp.domain.states import PaymentStatus
from webapp.services.timeline import Step
from webapp.services.views import TimelineEntry
from webapp.web.contrast import EDGES, TEXTS, ratio, themes
from webapp.wiring import wiring

bp = Blueprint("design", __name__)

_ICONS = Path(__file__).resolve().parents[2] / "templates" / "macros" / "icon.html"

#: What a token's name begins with → the heading it stands under; what nothing fits is a colour.
_GROUPS = {
    "font": "type",
    "text": "type",
    "leading": "type",
    "weight": "type",
    "space": "space",
    "target": "space",
    "measure": "space",
    "page": "space",
    "radius": "corners",
    "shadow": "shadows",
    "fast": "motion",
    "turn": "motion",
    "breath": "motion",
}


@dataclass(frozen=True, slots=True)
class Token:
    """A value of the design system by its name without dashes, as it stands in light and dark."""

    name: str
    light: str
    dark: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A colour on another, and how far apart they are in light and dark (1 to 21)."""

    name: str
    ground: str
    light: float
    dark: float


class SampleForm(FlaskForm):  # type: ignore[misc]
    email = EmailField()
    password = PasswordField()
    name = StringField()
    note = TextAreaField()
    currency = SelectField(choices=sorted(EXPONENTS))
    agreed = BooleanField()


@bp.get("/design")
def index() -> str:
    """The whole design system, in the reader's language and colour scheme."""
    return render_template(
        "design/index.html",
        groups=token_groups(),
        pairs=pairs(),
        icons=sorted(set(re.findall(r'name == "(\w+)"', _ICONS.read_text("utf-8")))),
        statuses=list(PaymentStatus),
        sums=[Money(13_000, "KRW"), Money(1_050, "USD"), Money(1_234_567, "EUR"), Money(1_500, "JPY")],
        currencies=[(code, code) for code in sorted(EXPONENTS)],
        entries=_timeline(wiring().context.nature.clock.now()),
        fresh=SampleForm(formdata=None, prefix="fresh-"),
        filled=_filled(),
        refused=_refused(),
    )


@cache
def token_groups() -> dict[str, list[Token]]:
    """The tokens in the order of their file, by the heading they stand under."""
    light, dark = themes()["light"], themes()["dark"]
    groups: dict[str, list[Token]] = {}
    for name, value in light.items():
        group = _GROUPS.get(name.split("-")[0], "colours")
        groups.setdefault(group, []).append(Token(name, value, dark[name]))
    return groups


@cache
def pairs() -> list[Pair]:
    """What is used on what."""
    light, dark = themes()["light"], themes()["dark"]
    return [
        Pair(text, ground, ratio(light[text], light[ground]), ratio(dark[text], dark[ground]))
        for text, ground in (*TEXTS, *EDGES)
    ]


def _timeline(now: datetime) -> list[TimelineEntry]:
    steps = (Step.ORDERED, Step.DECLINED, Step.NEW_TRY, Step.PAID)
    return [TimelineEntry(at=now + timedelta(minutes=number), step=step) for number, step in enumerate(steps)]


def _filled() -> SampleForm:
    values = {"email": "buyer@example.com", "name": "남궁아름다운별하늘", "currency": "USD", "agreed": True}
    return SampleForm(formdata=None, prefix="filled-", data={**values, "note": "Lorem ipsum dolor sit amet.\n" * 2})


def _refused() -> SampleForm:
    form = SampleForm(formdata=None, prefix="refused-", data={"email": "somebody@"})
    form.email.errors = [_("This is not a complete e-mail address, for example name@example.com.")]
    form.password.errors = [_("A password has at least 12 characters.")]
    for field in (form.name, form.note, form.currency, form.agreed):
        field.errors = [_("Please check what you entered")]
    return form
