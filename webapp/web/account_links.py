"""Where the links of mails lead. Opening one changes nothing, because programs that check mail open links too:
the page has a button.
"""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response

from webapp.domain.failures import EmailTaken, Failure, Invalid, LinkNotGood
from webapp.rate_limits import spend
from webapp.services import email_address, password_change
from webapp.services.account_links import linked_address
from webapp.web.account import Page, form_page
from webapp.web.account_forms import ConfirmForm, ForgotForm, ResetForm
from webapp.web.presentation import current_locale
from webapp.wiring import wiring

bp = Blueprint("account_links", __name__)


@bp.route("/account/confirm/<secret>", methods=["GET", "POST"])
def confirm(secret: str) -> Page:
    """Prove that the address is read by whoever made the account."""
    form, link_id = ConfirmForm(), wiring().signer.read("confirm", secret)
    try:
        address = linked_address(wiring().context, "confirm", link_id)
        if form.validate_on_submit():
            email_address.confirm(wiring().context, link_id)
            return _onward(_("Your e-mail address is confirmed. Thank you."))
    except LinkNotGood as spent:
        return _spent("confirm", spent)
    return form_page("link_use", form, purpose="confirm", address=address)


@bp.route("/account/change/<secret>", methods=["GET", "POST"])
def change(secret: str) -> Page:
    """Give the account this address."""
    form, link_id = ConfirmForm(), wiring().signer.read("change", secret)
    try:
        address = linked_address(wiring().context, "change", link_id)
        if form.validate_on_submit():
            email_address.change(wiring().context, link_id, current_locale())
            return _onward(_("Your account now uses %(address)s.", address=address))
    except (LinkNotGood, EmailTaken) as spent:
        return _spent("change", spent)
    return form_page("link_use", form, purpose="change", address=address)


@bp.route("/password/forgot", methods=["GET", "POST"])
def forgot() -> Page:
    """Ask for a link; the answer is the same whether there is such an account."""
    form = ForgotForm()
    if form.validate_on_submit():
        try:
            password_change.ask_to_reset(wiring().context, form.email.data, current_locale())
        except Invalid as invalid:
            form.refuse(invalid)
        else:
            return redirect(url_for("account_links.sent"), code=303)
    return form_page("forgot", form)


@bp.get("/password/sent")
def sent() -> str:
    return render_template("account/sent.html")


@bp.route("/password/reset/<secret>", methods=["GET", "POST"])
def reset(secret: str) -> Page:
    """Set a new password; afterwards the account is logged in nowhere."""
    form, link_id = ResetForm(), wiring().signer.read("reset", secret)
    try:
        address = _reset_address(link_id)
        if form.validate_on_submit():
            password_change.reset_password(wiring().context, link_id, form.password.data, current_locale())
            logout_user()
            flash(_("Your new password is set. Please log in with it."))
            return redirect(url_for("accounts.login"), code=303)
    except LinkNotGood as spent:
        return _spent("reset", spent)
    except Invalid as invalid:
        form.refuse(invalid)
    return form_page("link_reset", form, address=address)


def _reset_address(link_id: str | None) -> str:
    """The address that the link is about. A form counts: by its link where that works, else as everybody's guesses.

    Whoever has a good one guesses nothing, so what strangers invent doesn't stop her; a guess costs next to nothing.

    Raises:
        LinkNotGood, TooManyRequests.
    """
    is_pressed = request.method == "POST"
    try:
        address = linked_address(wiring().context, "reset", link_id)
    except LinkNotGood:
        if is_pressed:
            spend("resets")
        raise
    if is_pressed:
        spend("resets", account=f"link {link_id}", known=True)
    return address


def _onward(text: str) -> Response:
    """To the account, or to its door, with a word about what was done."""
    flash(text)
    return redirect(url_for("account.index" if current_user.is_authenticated else "accounts.login"), code=303)


def _spent(purpose: str, failure: Failure) -> Page:
    page = render_template("account/link_spent.html", purpose=purpose, taken=isinstance(failure, EmailTaken))
    return page, int(failure.status) if isinstance(failure, LinkNotGood) else 409
