"""The forms about accounts: what is asked, and the words for what has to be mended."""

from collections.abc import Callable, Mapping
from typing import ClassVar

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from webapp.domain.failures import Invalid
from webapp.services.access_tokens import MAX_TOKEN_NAME, SCOPES
from webapp.services.accounts import MAX_NAME, normal_email
from webapp.services.passwords import MAX_PASSWORD, MIN_PASSWORD
from webapp.web.mistyped import GENUINE, KNOWN

#: What a token may be made for, and how the page says it.
SCOPE_WORDS: dict[str, LazyString] = {
    "pay read": _("Order and see payments"),
    "read": _("See payments only"),
    "pay": _("Order only"),
}

WRONG_PASSWORD = _("This is not your current password.")

_MENDS: dict[tuple[str, str], LazyString] = {
    ("email", "address"): _("This is not a complete e-mail address, for example name@example.com."),
    ("email", "taken"): _("There is already an account with this e-mail address. Please log in."),
    ("email", "same"): _("This is your e-mail address already."),
    ("password", "length"): _("A password has at least 12 characters."),
    ("password", "same"): _("This is your password already. Please choose another one."),
    ("password", "guessable"): _("This password is easy to guess. Please choose another one."),
}


def _email(*checks: Callable[[FlaskForm, EmailField], None]) -> EmailField:
    return EmailField(validators=[InputRequired(_("Please enter your e-mail address.")), Length(max=254), *checks])


def _is_address(_form: FlaskForm, field: EmailField) -> None:
    """Looked at with the rest of the form: whoever slipped twice hears of both at once."""
    try:
        normal_email(field.data)
    except Invalid:
        raise ValidationError(_MENDS["email", "address"]) from None


def _password() -> PasswordField:
    return PasswordField(validators=[InputRequired(_("Please enter your password.")), Length(max=1000)])


def _new_password() -> PasswordField:
    return PasswordField(
        validators=[
            InputRequired(_("Please choose a password.")),
            Length(MIN_PASSWORD, MAX_PASSWORD, _("A password has at least 12 characters.")),
        ]
    )


class AccountForm(FlaskForm):  # type: ignore[misc]
    """A form that can be told what a service refused."""

    #: Words of this form alone, before the general ones.
    own_mends: ClassVar[Mapping[tuple[str, str], LazyString]] = {}
    #: For the field of a new address: what a slip is compared with.
    mail_services: ClassVar[tuple[str, ...]] = KNOWN
    genuine_services: ClassVar[tuple[str, ...]] = GENUINE

    def refuse(self, refused: Invalid) -> None:
        """Put the mend beside the field that it is about."""
        for name, why in refused.fields.items():
            self[name].errors = [self.own_mends.get((name, why)) or _MENDS[name, why]]

    def refuse_password(self, field: PasswordField) -> None:
        field.errors = [WRONG_PASSWORD]


class LoginForm(AccountForm):
    email = _email()
    password = _password()


class SignupForm(AccountForm):
    email = _email(_is_address)
    password = _new_password()
    name = StringField(validators=[Length(max=MAX_NAME)])


class NameForm(AccountForm):
    name = StringField(validators=[Length(max=MAX_NAME, message=_("A name has at most 100 characters."))])


class EmailForm(AccountForm):
    own_mends = {("email", "taken"): _("Another account has this e-mail address.")}  # noqa: RUF012 (declared above)

    email = _email(_is_address)
    current = _password()


class PasswordForm(AccountForm):
    current = _password()
    password = _new_password()


class ForgotForm(AccountForm):
    email = _email()


class ResetForm(AccountForm):
    password = _new_password()


class ConfirmForm(AccountForm):
    """A button alone: reading a link changes nothing, pressing does."""


class TokenForm(AccountForm):
    name = StringField(
        validators=[
            DataRequired(_("Please say what the token is for.")),
            Length(max=MAX_TOKEN_NAME, message=_("A token's name has at most 60 characters.")),
        ]
    )
    #: A form without it asks for everything.
    scope = SelectField(
        choices=list(SCOPE_WORDS),
        default=" ".join(SCOPES),
        validate_choice=True,
    )


class CloseForm(AccountForm):
    current = _password()
