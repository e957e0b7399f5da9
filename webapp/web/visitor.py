"""Who is looking at a page: the logged-in person, the language, the currency."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import Flask, after_this_request, g, request, session
from flask_login import LoginManager, UserMixin, current_user, login_required, logout_user

from webapp.rate_limits import mark_device
from webapp.services import user_sessions
from webapp.services.accounts import Account
from webapp.services.currencies import currencies_on_offer
from webapp.web.devices import device_of
from webapp.web.presentation import LOCALE_KEY
from webapp.web.unsent import NEEDS_LOGIN, OWNER_KEY, ask_to_log_in
from webapp.wiring import wiring

login_manager = LoginManager()

P = ParamSpec("P")
R = TypeVar("R")

#: Where the session keeps the visitor's own choice.
CURRENCY_KEY = "currency"
#: Language and currency in this session are those of somebody who has logged out, not a wish of whoever comes next.
LEFT_KEY = "left"
#: Language → what its readers most likely pay in. Any other comes next, and won last: few cards from abroad take it.
_NEAREST = {"ko": "KRW", "en": "USD"}
_FARTHEST = "KRW"


class Visitor(UserMixin):  # type: ignore[misc]
    """The account behind a session cookie, which names a session and nothing else."""

    def __init__(self, user: Account, session_id: str) -> None:
        self.id = user.id
        self.email = user.email
        self.name = user.name
        self.role = user.role
        self.session_id = session_id

    def get_id(self) -> str:
        return self.session_id


def _load(session_id: str) -> Visitor | None:
    user = user_sessions.session_owner(wiring().context, session_id)
    return Visitor(user, session_id) if user else None


def init_login(app: Flask) -> None:
    """flask-login, with sessions that the database can end."""
    login_manager.session_protection = None
    login_manager.init_app(app)
    login_manager.user_loader(_load)
    login_manager.unauthorized_handler(ask_to_log_in)


def login_needed(view: Callable[P, R]) -> Callable[P, R]:
    """Send strangers to the log-in page, and back here afterwards."""
    wrapped: Callable[P, R] = login_required(view)
    wrapped.__dict__[NEEDS_LOGIN] = True
    return wrapped


def visitor_id() -> str | None:
    """The account's id, or None for a stranger."""
    return str(current_user.id) if current_user.is_authenticated else None


def visitor_session() -> str | None:
    """The id of the visitor's session, or None for a stranger."""
    return str(current_user.session_id) if current_user.is_authenticated else None


def admit(user: Account, login: object) -> None:
    """Begin a new session for this account; nothing of an earlier one survives but language and currency.

    What was chosen here before the log-in is remembered in the account, which decides the rest.
    """
    context, before = wiring().context, visitor_session()
    if before is not None:
        user_sessions.end(context, str(current_user.id), before)
    shown = {name: session.get(name) for name in (LOCALE_KEY, CURRENCY_KEY)}
    chosen = dict.fromkeys(shown) if LEFT_KEY in session else shown
    locale, currency = chosen[LOCALE_KEY], chosen[CURRENCY_KEY]
    device = device_of(request.user_agent.string)
    session_id = user_sessions.begin(context, user.id, device, locale=locale, currency=currency)
    kept = {
        LOCALE_KEY: locale or user.locale or shown[LOCALE_KEY],
        CURRENCY_KEY: currency or user.currency or shown[CURRENCY_KEY],
    }
    session.clear()
    session.update({name: choice for name, choice in kept.items() if choice})
    session.permanent = True
    session[OWNER_KEY] = user.id
    login(Visitor(user, session_id))  # type: ignore[operator]
    after_this_request(lambda answer: mark_device(answer, user.email))


def dismiss() -> None:
    """End this session here and on the server; the page stays in its language."""
    session_id, user_id = visitor_session(), visitor_id()
    if session_id and user_id:
        user_sessions.end(wiring().context, user_id, session_id)
    logout_user()
    shown = {name: session[name] for name in (LOCALE_KEY, CURRENCY_KEY, OWNER_KEY) if name in session}
    session.clear()
    session.update(shown)
    session[LEFT_KEY] = True


def offered_currencies() -> tuple[str, ...]:
    """What the visitor may choose from; asked of the database once a request."""
    if "currencies" not in g:
        g.currencies = currencies_on_offer(wiring().context)
    found: tuple[str, ...] = g.currencies
    return found


def choose_currency(wish: str) -> str | None:
    """Keep the visitor's choice in the session and return it; a currency that nothing is sold in changes nothing."""
    if wish not in offered_currencies():
        return None
    session[CURRENCY_KEY] = wish
    session.pop(LEFT_KEY, None)
    return wish


def visitor_currency(locale: str) -> str:
    """The currency to show prices in: the visitor's choice, else her language's own, else what there is."""
    offered = offered_currencies()
    wishes = (session.get(CURRENCY_KEY), _NEAREST[locale], *(c for c in offered if c != _FARTHEST))
    return next((c for c in wishes if c in offered), _FARTHEST)
