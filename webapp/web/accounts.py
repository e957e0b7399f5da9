"""Sign up, log in, log out, language, currency."""

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_login import current_user, login_user
from werkzeug.wrappers import Response

from webapp.domain.failures import EmailTaken, Failure, Invalid, WrongCredentials
from webapp.services import accounts
from webapp.services.sign_in import log_in
from webapp.web.account_forms import LoginForm, SignupForm
from webapp.web.mistyped import suggest
from webapp.web.presentation import LOCALE_KEY, choose_locale, current_locale
from webapp.web.visitor import LEFT_KEY, admit, choose_currency, dismiss, login_needed, visitor_id
from webapp.wiring import wiring

bp = Blueprint("accounts", __name__)


def safe_next(wanted: str | None) -> str | None:
    """The path to go on to, if it is one of ours; anything a browser could read as another site is dropped."""
    if not wanted or not wanted.startswith("/") or wanted.startswith("//") or len(wanted) > 500:
        return None
    if any(ord(c) < 0x21 or c == "\\" or ord(c) == 0x7F for c in wanted):
        return None
    parts = urlsplit(wanted)
    return wanted if not parts.scheme and not parts.netloc else None


@bp.route("/login", methods=["GET", "POST"])
def login() -> Response | tuple[str, int] | str:
    onward = safe_next(request.values.get("next"))
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(onward or url_for("payments.index"), code=303)
    form = LoginForm()
    failure: Failure | None = None
    if form.validate_on_submit():
        try:
            admit(log_in(wiring().context, form.email.data, form.password.data), login_user)
        except WrongCredentials as wrong:
            failure = wrong
        else:
            return redirect(onward or url_for("catalog.index"), code=303)
    page = render_template("accounts/login.html", form=form, next=onward, failure=failure)
    return (page, 422) if request.method == "POST" else page


@bp.route("/signup", methods=["GET", "POST"])
def signup() -> Response | tuple[str, int] | str:
    """She is logged in right away; a mail asks her to confirm the address."""
    onward = safe_next(request.values.get("next"))
    form = SignupForm()
    failure: Failure | None = None
    if form.validate_on_submit():
        try:
            user = accounts.sign_up(
                wiring().context,
                email=form.email.data,
                password=form.password.data,
                name=form.name.data,
                locale=session.get(LOCALE_KEY),
                confirm_in=current_locale(),
            )
        except Invalid as invalid:
            failure = invalid if isinstance(invalid, EmailTaken) else None
            form.refuse(invalid)
        else:
            admit(user, login_user)
            said = gettext(
                "Your account is ready. We sent a link to confirm the address to %(email)s.", email=user.email
            )
            if meant := suggest(user.email):
                slip = gettext("If you meant %(meant)s, change it in your account.", meant=meant)
                said = f"{said} {slip}"
            flash(said)
            return redirect(onward or url_for("catalog.index"), code=303)
    page = render_template("accounts/signup.html", form=form, next=onward, failure=failure)
    return (page, 422) if request.method == "POST" else page


@bp.post("/logout")
@login_needed
def logout() -> Response:
    """End this session, on the server too: a copied cookie is worth nothing afterwards."""
    dismiss()
    flash(gettext("You are logged out."))
    return redirect(url_for("catalog.index"), code=303)


@bp.post("/language")
def language() -> Response:
    locale = choose_locale(request.form.get("locale", ""))
    session.pop(LEFT_KEY, None)
    user_id = visitor_id()
    if user_id is not None:
        accounts.remember(wiring().context, user_id, locale=locale)
    return redirect(safe_next(request.form.get("next")) or url_for("catalog.index"), code=303)


@bp.post("/currency")
def currency() -> Response:
    chosen = choose_currency(request.form.get("currency", ""))
    user_id = visitor_id()
    if user_id is not None and chosen:
        accounts.remember(wiring().context, user_id, currency=chosen)
    return redirect(safe_next(request.form.get("next")) or url_for("catalog.index"), code=303)
