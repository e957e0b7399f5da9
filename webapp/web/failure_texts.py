"""What an error page says for each failure: title, text, and where to go next; Korean is in the catalogue."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from webapp.domain.failures import Failure


@dataclass(frozen=True, slots=True)
class FailureText:
    """An error page's words; `next_endpoint` is the page to go on to and `next_label` its name."""

    title: LazyString
    text: LazyString
    next_label: LazyString
    next_endpoint: str


_TO_SHOP = (_("Back to the shop"), "catalog.index")
_TO_PAYMENTS = (_("My payments"), "payments.index")
_TO_LOGIN = (_("Log in"), "accounts.login")
_TO_ACCOUNT = (_("My account"), "account.index")

FAILURE_TEXTS: dict[str, FailureText] = {
    "FAILURE": FailureText(_("That did not work"), _("We could not do what was asked."), *_TO_SHOP),
    "MALFORMED": FailureText(
        _("This address is not complete"),
        _("The link or form could not be read. Nothing was changed."),
        *_TO_SHOP,
    ),
    "WEBHOOK_SIGNATURE_INVALID": FailureText(
        _("This address is not for people"), _("Payment services report there. Nothing was changed."), *_TO_SHOP
    ),
    "UNAUTHORIZED": FailureText(_("Please log in"), _("This page is only for you, once you log in."), *_TO_LOGIN),
    "WRONG_CREDENTIALS": FailureText(
        _("E-mail or password is wrong"), _("Please check both and try once more."), *_TO_LOGIN
    ),
    "LINK_NOT_GOOD": FailureText(
        _("This link is no longer good"),
        _("It was used already, or it is too old. You can ask for a new one."),
        *_TO_LOGIN,
    ),
    "FORBIDDEN": FailureText(_("This page is not open to you"), _("Your account may not see or do this."), *_TO_SHOP),
    "SCOPE_MISSING": FailureText(
        _("This page is not open to you"), _("Your account may not see or do this."), *_TO_SHOP
    ),
    "CSRF_FAILED": FailureText(
        _("This form is too old"),
        _("A form is only good for a while. Nothing was changed. Please go back, reload and try again."),
        *_TO_SHOP,
    ),
    "NOT_FOUND": FailureText(
        _("There is nothing here"),
        _("The page may have moved, or there is a typo in the address."),
        *_TO_SHOP,
    ),
    "PAYMENT_NOT_FOUND": FailureText(
        _("We cannot find this payment"),
        _("It may belong to another account. Please check which e-mail you are logged in with."),
        *_TO_PAYMENTS,
    ),
    "PRODUCT_NOT_FOUND": FailureText(
        _("This product is not on sale"), _("It may have been taken off the shelf."), *_TO_SHOP
    ),
    "METHOD_NOT_ALLOWED": FailureText(
        _("This page cannot be opened that way"), _("Please go back and use the button once more."), *_TO_SHOP
    ),
    "AMOUNT_MISMATCH": FailureText(
        _("The amount does not match the order"),
        _("We stopped, because the amount that came back is not the amount of the order."),
        *_TO_PAYMENTS,
    ),
    "NOT_PAYABLE": FailureText(
        _("This order cannot be paid now"),
        _("It is already paid, being checked or closed. The payment page shows where it stands."),
        *_TO_PAYMENTS,
    ),
    "NOT_CANCELABLE": FailureText(
        _("This order cannot be canceled now"),
        _("It is already paid, being checked or closed. The payment page shows where it stands."),
        *_TO_PAYMENTS,
    ),
    "ACCOUNT_BUSY": FailureText(
        _("A payment is not finished yet"),
        _("Your account can be closed as soon as it is. Your payments show where it stands and what to do."),
        *_TO_PAYMENTS,
    ),
    "TOO_MANY_TOKENS": FailureText(
        _("You have 20 access tokens already"),
        _("Please revoke one that you no longer need, then make the new one."),
        *_TO_ACCOUNT,
    ),
    "PAYMENT_KEY_IN_USE": FailureText(
        _("This payment belongs to another order"),
        _("We changed nothing. Your payments show where each order stands."),
        *_TO_PAYMENTS,
    ),
    "PAYMENT_REFUSED": FailureText(
        _("The payment was refused"), _("Your order is kept. You can pay it another way."), *_TO_PAYMENTS
    ),
    "TOO_LARGE": FailureText(
        _("That was too much at once"),
        _("What was sent is larger than we accept. Please shorten it and send it again."),
        *_TO_SHOP,
    ),
    "UNSUPPORTED_MEDIA_TYPE": FailureText(
        _("We cannot read this"), _("What was sent has a form that we do not accept."), *_TO_SHOP
    ),
    "INVALID": FailureText(
        _("Something in the form needs to be changed"),
        _("Please go back, check what you entered and send it again."),
        *_TO_SHOP,
    ),
    "PRICE_MISMATCH": FailureText(
        _("The price has changed"), _("Please look at the product again for today's price."), *_TO_SHOP
    ),
    "EMAIL_TAKEN": FailureText(
        _("There is already an account with this e-mail"),
        _("Please log in, or sign up with another e-mail."),
        *_TO_LOGIN,
    ),
    "IDEMPOTENCY_KEY_REUSED": FailureText(
        _("We cannot read this"), _("What was sent has a form that we do not accept."), *_TO_SHOP
    ),
    "IDEMPOTENCY_KEY_RUNNING": FailureText(
        _("One moment, please"),
        _("The same request is still being worked on. Please try again in a moment."),
        *_TO_PAYMENTS,
    ),
    "TOO_MANY_REQUESTS": FailureText(
        _("A little too fast"),
        _("There were many tries in a short time. Nothing was changed, and nothing was taken."),
        *_TO_SHOP,
    ),
    "TOO_MANY_MAILS": FailureText(
        _("Several e-mails are on their way already"),
        _("Please check your inbox and your spam folder. You can ask again in an hour."),
        *_TO_ACCOUNT,
    ),
    "PAYMENTS_PAUSED": FailureText(
        _("Payments are paused for a while"),
        _("Several payments in a row were declined. Nothing was taken, and your order is kept."),
        *_TO_PAYMENTS,
    ),
    "PROVIDER_NOT_CONFIGURED": FailureText(
        _("Payment is not available right now"), _("The shop has not set up this way to pay."), *_TO_SHOP
    ),
    "INVALID_CLIENT_KEY": FailureText(
        _("Payment is not available right now"), _("The shop has not set up this way to pay."), *_TO_SHOP
    ),
    "PROVIDER_BUSY": FailureText(
        _("The payment service is busy"),
        _("We did not send your request, so nothing was taken by it. Please try again in a moment."),
        *_TO_PAYMENTS,
    ),
    "PROVIDER_SILENT": FailureText(
        _("The payment service does not answer"),
        _("If you have just paid, do not pay again: your payments show it as soon as we know."),
        *_TO_PAYMENTS,
    ),
    "ISSUER_AWAY": FailureText(
        _("The shop is taking a short break"),
        _("We cannot process anything at the moment. Please try again in a minute; do not pay twice."),
        *_TO_SHOP,
    ),
    "DATABASE_AWAY": FailureText(
        _("The shop is taking a short break"),
        _("We cannot process anything at the moment. Please try again in a minute; do not pay twice."),
        *_TO_SHOP,
    ),
    "UNEXPECTED": FailureText(
        _("Something went wrong on our side"),
        _("We have noted it. If you were paying, please look at your payments before you pay again."),
        *_TO_PAYMENTS,
    ),
}


def failure_text(failure: Failure) -> FailureText:
    """The page's words for a failure; one without words of its own gets the general ones."""
    return FAILURE_TEXTS.get(failure.code, FAILURE_TEXTS["FAILURE"])
