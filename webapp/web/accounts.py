"""Sign up, log in, log out, language, currency."""

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_babel import lazy_gettext as _
from flask_login import current_user, login_user, logout_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from webapp.domain.failures import EmailTaken, Failure, Invalid, WrongCredentials
from webapp.services import accounts
from webapp.web.presentation import LOCALE_KEY, choose_locale
from webapp.web.visitor import admit, choose_currency, login_needed, visitor_id
from webapp.wiring import wiring

bp = Blueprint("accounts", __name__)


class LoginForm(FlaskForm):  # type: ignore[misc]
    email = EmailField(validators=[InputRequired(_("Please enter your e-mail address.")), Length(max=254)])
    password = PasswordField(validators=[InputRequired(_("Please enter your password.")), Length(max=1000)])


class SignupForm(FlaskForm):  # type: ignore[misc]
    email = EmailField(validators=[InputRequired(_("Please enter your e-mail address.")), Length(max=254)])
    password = PasswordField(
        validators=[
            InputRequired(_("Please choose a password.")),
            Length(accounts.MIN_PASSWORD, accounts.MAX_PASSWORD, _("A password has at least 12 characters.")),
        ]
    )
    name = StringField(validators=[Length(max=100)])


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
            user = accounts.log_in(wiring().context, form.email.data, form.password.data)
        except WrongCredentials as wrong:
            failure = wrong
        else:
            admit(user, login_user)
            return redirect(onward or url_for("catalog.index"), code=303)
    page = render_template("accounts/login.html", form=form, next=onward, failure=failure)
    return (page, 422) if request.method == "POST" else page


@bp.route("/signup", methods=["GET", "POST"])
def signup() -> Response | tuple[str, int] | str:
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
            )
        except EmailTaken as taken:
            failure = taken
            form.email.errors = [_("There is already an account with this e-mail address. Please log in.")]
        except Invalid:
            form.email.errors = [_("This is not a complete e-mail address, for example name@example.com.")]
        else:
            admit(user, login_user)
            return redirect(onward or url_for("catalog.index"), code=303)
    page = render_template("accounts/signup.html", form=form, next=onward, failure=failure)
    return (page, 422) if request.method == "POST" else page


@bp.post("/logout")
@login_needed
def logout() -> Response:
    """End this account's sessions, on the server too: a copied cookie is worth nothing afterwards."""
    accounts.log_out(wiring().context, visitor_id() or "")
    logout_user()
    return redirect(url_for("catalog.index"), code=303)


@bp.post("/language")
def language() -> Response:
    locale = choose_locale(request.form.get("locale", ""))
    user_id = visitor_id()
    if user_id is not None:
        accounts.remember_locale(wiring().context, user_id, locale)
    return redirect(safe_next(request.form.get("next")) or url_for("catalog.index"), code=303)


@bp.post("/currency")
def currency() -> Response:
    choose_currency(request.form.get("currency", ""))
    return redirect(safe_next(request.form.get("next")) or url_for("catalog.index"), code=303)
