"""Who is looking at a page: the logged-in person, the language, the currency."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import Flask, g, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_required
from werkzeug.wrappers import Response

from webapp.services.accounts import Account, session_owner
from webapp.services.currencies import currencies_on_offer
from webapp.web.presentation import LOCALE_KEY
from webapp.wiring import wiring

login_manager = LoginManager()

P = ParamSpec("P")
R = TypeVar("R")

#: Where the session keeps the visitor's own choice.
CURRENCY_KEY = "currency"
#: Language → what its readers most likely pay in. Any other comes next, and won last: few cards from abroad take it.
_NEAREST = {"ko": "KRW", "en": "USD"}
_FARTHEST = "KRW"


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
    """Begin a new session for this account; nothing of an earlier one survives but language and currency."""
    kept = {LOCALE_KEY: session.get(LOCALE_KEY) or user.locale, CURRENCY_KEY: session.get(CURRENCY_KEY)}
    session.clear()
    session.update({name: choice for name, choice in kept.items() if choice})
    session.permanent = True
    login(Visitor(user))  # type: ignore[operator]


def offered_currencies() -> tuple[str, ...]:
    """What the visitor may choose from; asked of the database once a request."""
    if "currencies" not in g:
        g.currencies = currencies_on_offer(wiring().context)
    found: tuple[str, ...] = g.currencies
    return found


def choose_currency(wish: str) -> None:
    """Keep the visitor's choice in the session; a currency that nothing is sold in changes nothing."""
    if wish in offered_currencies():
        session[CURRENCY_KEY] = wish


def visitor_currency(locale: str) -> str:
    """The currency to show prices in: the visitor's choice, else her language's own, else what there is."""
    offered = offered_currencies()
    wishes = (session.get(CURRENCY_KEY), _NEAREST[locale], *(c for c in offered if c != _FARTHEST))
    return next((c for c in wishes if c in offered), _FARTHEST)
