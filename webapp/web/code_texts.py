"""What each code of the JSON calls means, in a line for whoever programs against them. Pages have other words."""

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

CODE_TEXTS: dict[str, LazyString] = {
    "ACCOUNT_BUSY": _("The account has an order whose money is on its way."),
    "AMOUNT_MISMATCH": _(
        "The amount is not the order's, or other money was taken than was ordered; the detail says which."
    ),
    "CSRF_FAILED": _("A form of a page, too old or from another site."),
    "DATABASE_AWAY": _("Nothing can be stored right now."),
    "EMAIL_TAKEN": _("There is an account with this e-mail."),
    "FORBIDDEN": _("Known, but not allowed."),
    "IDEMPOTENCY_KEY_REUSED": _("This key came with another body before."),
    "IDEMPOTENCY_KEY_RUNNING": _("The first call with this key is not over."),
    "INVALID": _("Readable, but a member is wrong; fields says which."),
    "INVALID_CLIENT_KEY": _("Reserved: the provider refused our public key."),
    "ISSUER_AWAY": _("The keys to check this token with cannot be had right now."),
    "LINK_NOT_GOOD": _("A link from an e-mail that was already used or is too old."),
    "MALFORMED": _("Not JSON, a member twice, or an address with parts missing."),
    "METHOD_NOT_ALLOWED": _("The address exists for another method."),
    "NOT_CANCELABLE": _("The order is paid, or the provider is being asked."),
    "NOT_FOUND": _("No such address or provider."),
    "NOT_PAYABLE": _("The order is paid, closed, or being paid by a newer try."),
    "PAYMENTS_PAUSED": _("Many declined tries in a short time; wait as Retry-After says."),
    "PAYMENT_KEY_IN_USE": _("The payment key belongs to another order, or this order has another."),
    "PAYMENT_NOT_FOUND": _("No such order, or somebody else's."),
    "PAYMENT_REFUSED": _("The provider refused; nothing was taken."),
    "PRICE_MISMATCH": _(
        "No product on sale has this name and this price, and callers may not name this sum themselves."
    ),
    "PRODUCT_NOT_FOUND": _("No product with this id is on sale in this currency."),
    "PROVIDER_BUSY": _("Nothing was sent to the provider; call again."),
    "PROVIDER_NOT_CONFIGURED": _("The shop has no keys for this provider or currency."),
    "PROVIDER_SILENT": _("The provider gave no usable answer; look before paying again."),
    "SCOPE_MISSING": _("The token is good, but was made for something else."),
    "TOO_LARGE": _("The body is over 256 KiB."),
    "TOO_MANY_MAILS": _("Five e-mails of one kind within the hour."),
    "TOO_MANY_REQUESTS": _("Too many calls in a short time; wait as Retry-After says."),
    "TOO_MANY_TOKENS": _("20 tokens of the account still work."),
    "UNAUTHORIZED": _("No token, or one that is wrong, old or of a closed account."),
    "UNEXPECTED": _("Our mistake; quote instance when you report it."),
    "UNSUPPORTED_MEDIA_TYPE": _("The body is not sent as application/json."),
    "WEBHOOK_SIGNATURE_INVALID": _("Not signed with our secret, or not within five minutes of now."),
    "WRONG_CREDENTIALS": _("E-mail or password is wrong."),
}
