"""The account's own pages: name, e-mail, password, closing."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import logout_user
from werkzeug.wrappers import Response

from webapp.domain.failures import AccountBusy, Failure, Invalid, ProviderBusy, TooManyMails, WrongCredentials
from webapp.services import account_closing, accounts, email_address, password_change, user_sessions
from webapp.web.account_forms import CloseForm, ConfirmForm, EmailForm, NameForm, PasswordForm
from webapp.web.patience import patiently
from webapp.web.presentation import current_locale
from webapp.web.visitor import login_needed, offered_currencies, visitor_currency, visitor_id, visitor_session
from webapp.wiring import wiring

bp = Blueprint("account", __name__, url_prefix="/account")

Page = Response | tuple[str, int] | str


def own_id() -> str:
    """The account's id, behind `login_needed`."""
    return visitor_id() or ""


def done(text: str, endpoint: str = "account.index") -> Response:
    """Go on, and say there what was done."""
    flash(text)
    return redirect(url_for(endpoint), code=303)


def form_page(template: str, form: ConfirmForm, **values: object) -> Page:
    """The form, or what has to be mended in it."""
    page = render_template(f"account/{template}.html", form=form, **values)
    return (page, 422) if form.is_submitted() else page


@bp.get("")
@login_needed
def index() -> str:
    context = wiring().context
    return render_template(
        "account/index.html",
        form=ConfirmForm(),
        profile=accounts.profile(context, own_id()),
        sessions=user_sessions.list_sessions(context, own_id(), visitor_session()),
        currencies=offered_currencies(),
        currency=visitor_currency(current_locale()),
    )


@bp.route("/name", methods=["GET", "POST"])
@login_needed
def name() -> Page:
    form = NameForm(name=accounts.profile(wiring().context, own_id()).name)
    if form.validate_on_submit():
        accounts.rename(wiring().context, own_id(), form.name.data or "")
        return done(_("Your name was saved.") if (form.name.data or "").strip() else _("Your name was removed."))
    return form_page("name", form)


@bp.post("/confirmation")
@login_needed
def confirmation() -> Response:
    """Send the mail that asks to confirm the address once more."""
    try:
        email_address.ask_to_confirm(wiring().context, own_id(), current_locale())
    except TooManyMails:
        return done(_("We have sent this e-mail several times already. Please check your spam folder, too."))
    return done(_("The e-mail is on its way. It may take a minute."))


@bp.route("/email", methods=["GET", "POST"])
@login_needed
def email() -> Page:
    form = EmailForm()
    failure: TooManyMails | None = None
    if form.validate_on_submit():
        try:
            address = email_address.ask_to_change(
                wiring().context,
                own_id(),
                password=form.current.data,
                email=form.email.data,
                locale=current_locale(),
            )
        except WrongCredentials:
            form.refuse_password(form.current)
        except Invalid as invalid:
            form.refuse(invalid)
        except TooManyMails as many:
            failure = many
        else:
            return done(_("We sent a link to %(address)s. Open it to finish the change.", address=address))
    return form_page("email", form, profile=accounts.profile(wiring().context, own_id()), failure=failure)


@bp.post("/email/cancel")
@login_needed
def cancel_email() -> Response:
    email_address.cancel_change(wiring().context, own_id())
    return done(_("Your e-mail address stays as it is."))


@bp.route("/password", methods=["GET", "POST"])
@login_needed
def password() -> Page:
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            password_change.change_password(
                wiring().context,
                own_id(),
                visitor_session(),
                current=form.current.data,
                new=form.password.data,
                locale=current_locale(),
            )
        except WrongCredentials:
            form.refuse_password(form.current)
        except Invalid as invalid:
            form.refuse(invalid)
        else:
            return done(_("Your password was changed. Your other devices were logged out."))
    return form_page("password", form, profile=accounts.profile(wiring().context, own_id()))


@bp.route("/close", methods=["GET", "POST"])
@login_needed
def close() -> Page:
    form = CloseForm()
    failure: Failure | None = None
    if form.validate_on_submit():
        context, user_id, locale = wiring().context, own_id(), current_locale()
        try:
            at_once = account_closing.may_close(context, user_id, form.current.data)
            wait = (lambda work: work()) if at_once else patiently
            wait(lambda: account_closing.close_account(context, user_id, locale=locale))
        except WrongCredentials:
            form.refuse_password(form.current)
        except (AccountBusy, ProviderBusy) as busy:
            failure = busy
        else:
            logout_user()
            return redirect(url_for("account.closed"), code=303)
    return form_page("close", form, profile=accounts.profile(wiring().context, own_id()), failure=failure)


@bp.get("/closed")
def closed() -> str:
    return render_template("account/closed.html")
