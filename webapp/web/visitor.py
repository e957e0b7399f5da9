"""Who is looking at a page: the logged-in person, the language, the currency."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import Flask, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_required
from werkzeug.wrappers import Response

from webapp.services.accounts import Account, session_owner
from webapp.web.presentation import LOCALE_KEY
from webapp.wiring import wiring

login_manager = LoginManager()

P = ParamSpec("P")
R = TypeVar("R")

#: Language → currencies from the nearest to the farthest.
_CURRENCIES = {"ko": ("KRW",), "en": ("USD", "KRW")}


class Visitor(UserMixin):  # type: ignore[misc]
    """The account behind a session cookie; the cookie also carries the mark that a log-out changes."""

    def __init__(self, user: Account) -> None:
        self.id = user.id
        self.email = user.email
        self.role = user.role
        self.mark = user.mark

    def get_id(self) -> str:
        return f"{self.id}|{self.mark}"


def _load(cookie: str) -> Visitor | None:
    user_id, _, mark = cookie.partition("|")
    user = session_owner(wiring().context, user_id, mark)
    return Visitor(user) if user else None


def _ask_to_log_in() -> Response:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    door = url_for("accounts.login", next=wanted)
    if request.headers.get("HX-Request"):
        # htmx would swap the log-in page into the middle of this one.
        return Response(status=204, headers={"HX-Redirect": door})
    return redirect(door, code=303)


def init_login(app: Flask) -> None:
    """flask-login, with a session that is bound to the account's mark."""
    login_manager.session_protection = None
    login_manager.init_app(app)
    login_manager.user_loader(_load)
    login_manager.unauthorized_handler(_ask_to_log_in)


def login_needed(view: Callable[P, R]) -> Callable[P, R]:
    """Send strangers to the log-in page, and back here afterwards."""
    wrapped: Callable[P, R] = login_required(view)
    return wrapped


def visitor_id() -> str | None:
    """The account's id, or None for a stranger."""
    return str(current_user.id) if current_user.is_authenticated else None


def admit(user: Account, login: object) -> None:
    """Begin a new session for this account; nothing of an earlier one survives but the language."""
    locale = session.get(LOCALE_KEY) or user.locale
    session.clear()
    if locale:
        session[LOCALE_KEY] = locale
    session.permanent = True
    login(Visitor(user))  # type: ignore[operator]


def visitor_currency(locale: str) -> str:
    """The currency to show prices in: the language's own where somebody takes it, else won."""
    taken = {c for p in wiring().context.providers.values() for c in p.capabilities.currencies}
    return next((c for c in _CURRENCIES[locale] if c in taken), "KRW")
