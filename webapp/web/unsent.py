"""A form that came without a valid session: what was typed is kept, and comes back after the log-in, filled in.

Nothing is sent by itself: she reads what she typed and presses the button once more. The values live in a signed
cookie of her own browser, for a quarter of an hour; passwords and other secrets are never among them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, before_render_template, current_app, g, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from itsdangerous import BadSignature
from werkzeug.wrappers import Response as BaseResponse
from wtforms import BooleanField, Form, PasswordField

from webapp.domain.failures import CsrfFailed
from webapp.errors import render_failure
from webapp.web.htmx import page_behind
from webapp.wiring import wiring

#: Where the session keeps whose it was; it outlives the log-out, so that nobody else is shown what she typed.
OWNER_KEY = "owner"

#: The mark of a view that shows nothing to a stranger.
NEEDS_LOGIN = "needs_login"

LASTS = timedelta(minutes=15)
#: Characters of all that is kept: a cookie has room for 4096 bytes, and Korean takes three of them or more.
ROOM = 1000

_SECRET = re.compile(r"pass|secret|token|key|code|pin|card|cvc", re.IGNORECASE)
#: A part of the page that a form's answer leads to, whatever happened on the way.
_PLACE = "unsent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """A form that was not taken: where it stood, where it was sent, what was typed, whose it was if that is known."""

    page: str
    action: str
    typed: Mapping[str, str] = field(default_factory=dict)
    too_long: bool = False
    owner: str | None = None
    until: datetime

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        return cls(**{**kept, "until": datetime.fromisoformat(kept["until"])})

    def as_kept(self) -> dict[str, Any]:
        rest = {"page": self.page, "action": self.action, "too_long": self.too_long, "owner": self.owner}
        return {**rest, "typed": dict(self.typed), "until": self.until.isoformat()}


class _Signing(SecureCookieSessionInterface):
    """Flask's own signing, keys and their fall-backs included; the salt keeps it from passing as a session."""

    salt = "unsent-form"


def _signer() -> Any:
    return _Signing().get_signing_serializer(current_app)


def _cookie() -> str:
    return "__Host-unsent" if current_app.config["SESSION_COOKIE_SECURE"] else "unsent"


def keep(answer: BaseResponse) -> BaseResponse:
    """Have the answer carry what was typed, if the form is one of ours and stood on a page that can be opened."""
    page = _page_of_form()
    if page is None:
        return answer
    typed = {name: value for name, value in request.form.items() if not _SECRET.search(name)}
    too_long = sum(len(name) + len(value) for name, value in typed.items()) > ROOM
    unsent = Unsent(
        page=page,
        action=request.path,
        typed={} if too_long else typed,
        too_long=too_long,
        owner=session.get(OWNER_KEY),
        until=wiring().context.nature.clock.now() + LASTS,
    )
    g.unsent_kept = True
    answer.set_cookie(
        _cookie(),
        _signer().dumps(unsent.as_kept()),
        max_age=int(LASTS.total_seconds()),
        httponly=True,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        samesite="Lax",
    )
    return answer


def _page_of_form() -> str | None:
    """The page that the form stood on. None for one of another site: what a stranger filled in is not offered."""
    referrer = urlsplit(request.headers.get("Referer", ""))
    here = request.host_url.rstrip("/")
    is_ours = request.headers.get("Origin", here) == here and f"{referrer.scheme}://{referrer.netloc}" == here
    path = referrer.path
    if request.method != "POST" or not is_ours or not path.startswith("/") or path.startswith("//") or "\\" in path:
        return None
    query = referrer.query
    if path == request.path and not query and request.form.get("next"):
        query = urlencode({"next": request.form["next"]})  # it was answered once already, at its own address
    page = f"{path}?{query}" if query else path
    return page if len(page) <= 500 else None


def find_unsent() -> Unsent | None:
    """What this browser holds, if it is still good and was not typed by somebody else."""
    if "unsent" not in g:
        g.unsent = _read(request.cookies.get(_cookie()))
    found: Unsent | None = g.unsent
    return found


def _read(cookie: str | None) -> Unsent | None:
    if not cookie or g.get("unsent_kept"):
        return None
    try:
        unsent = Unsent.read(_signer().loads(cookie))
    except (BadSignature, KeyError, TypeError, ValueError):
        return None
    is_over = unsent.until <= wiring().context.nature.clock.now()
    is_another_s = unsent.owner is not None and session.get(OWNER_KEY, unsent.owner) != unsent.owner
    return None if is_over or is_another_s else unsent


def unsent_here() -> Unsent | None:
    """What was typed on the page that is being shown."""
    unsent = find_unsent()
    return unsent if unsent and unsent.page == request.full_path.rstrip("?") else None


def _fill(_app: Flask, context: dict[str, Any], **_more: object) -> None:
    """Put what was typed into the page's form: the one that has a field for all of it."""
    if request.method != "GET" or not (unsent := unsent_here()):
        return
    wanted = unsent.typed.keys() - {"next"}
    for form in (value for value in context.values() if isinstance(value, Form)):
        if wanted and all(name in form for name in wanted):
            _fill_form(form, unsent.typed)
            g.unsent_filled = True


def _fill_form(form: Form, typed: Mapping[str, str]) -> None:
    for entry in form:
        if isinstance(entry, BooleanField):
            entry.data = entry.name in typed  # a box that is not ticked is not sent at all
        elif entry.name in typed and not isinstance(entry, PasswordField):
            entry.process_formdata([typed[entry.name]])


def is_filled() -> bool:
    """Whether the page that is being shown has a form with what was typed."""
    return bool(g.get("unsent_filled"))


def _from_csrf(_error: CSRFError) -> BaseResponse:
    page, view = _page_of_form(), current_app.view_functions.get(request.endpoint or "")
    if page and NEEDS_LOGIN in getattr(view, "__dict__", {}) and not current_user.is_authenticated:
        return ask_to_log_in()
    return keep(redirect(f"{page}#{_PLACE}", code=303)) if page else render_failure(CsrfFailed())


def ask_to_log_in() -> BaseResponse:
    """Lead to the log-in and back: to the page itself, to the one that htmx asked for a part of, or to the form's."""
    if request.endpoint == "accounts.logout":
        return redirect(url_for("catalog.index"), code=303)  # she is out already
    if request.headers.get("HX-Request"):
        # htmx would swap the log-in page into the middle of this one.
        door = url_for("accounts.login", next=page_behind() or request.full_path.rstrip("?"))
        return Response(status=204, headers={"HX-Redirect": door})
    if request.method == "POST":
        return keep(redirect(url_for("accounts.login", next=_page_of_form(), _anchor=_PLACE), code=303))
    return redirect(url_for("accounts.login", next=request.full_path.rstrip("?")), code=303)


def _forget_when_sent(answer: Response) -> Response:
    """The form got through, or the buyer who typed it left."""
    unsent = find_unsent() if request.method == "POST" and request.cookies.get(_cookie()) else None
    if unsent and unsent.action == request.path and answer.status_code < 400 and not g.get("unsent_kept"):
        answer.delete_cookie(_cookie(), secure=current_app.config["SESSION_COOKIE_SECURE"], httponly=True)
    return answer


def init_unsent(app: Flask) -> None:
    """Answer forms without a valid token, fill in what was kept, and forget it once it is sent."""
    app.register_error_handler(CSRFError, _from_csrf)
    app.after_request(_forget_when_sent)
    before_render_template.connect(_fill, app)
    app.jinja_env.globals.update(unsent_here=unsent_here, find_unsent=find_unsent, is_filled=is_filled)
