"""Everything that can be answered instead of success: code, title, HTTP status. Rendered by `webapp.errors`.

`code` is for programs and never changes; `title` is for people reading the API; the message is for our log.
"""

from http import HTTPStatus


class Failure(Exception):
    """Root of all expected outcomes that are not success; never a 500."""

    code = "FAILURE"
    title = "The request failed"
    status = HTTPStatus.BAD_REQUEST
    #: Seconds for `Retry-After`; None leaves the header out.
    retry_after: int | None = None

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.title)
        #: Safe to show to the caller: no provider text, no secret, no other person's data.
        self.detail = detail


class Malformed(Failure):
    code = "MALFORMED"
    title = "The request could not be read"
    status = HTTPStatus.BAD_REQUEST


class WebhookSignatureInvalid(Malformed):
    """Not signed by the provider, or at another time; says no more than that."""

    code = "WEBHOOK_SIGNATURE_INVALID"
    title = "Webhook signature verification failed"


class Unauthorized(Failure):
    code = "UNAUTHORIZED"
    title = "A valid access token is needed"
    status = HTTPStatus.UNAUTHORIZED


class WrongCredentials(Failure):
    code = "WRONG_CREDENTIALS"
    title = "E-mail or password is wrong"
    status = HTTPStatus.UNAUTHORIZED


class LinkNotGood(Failure):
    """A link of a mail: used, too old, taken back, or never ours; which of them is nobody's business."""

    code = "LINK_NOT_GOOD"
    title = "This link is no longer good"
    status = HTTPStatus.GONE


class Forbidden(Failure):
    code = "FORBIDDEN"
    title = "This is not allowed"
    status = HTTPStatus.FORBIDDEN


class ScopeMissing(Forbidden):
    """The token is good, but was made for something else."""

    code = "SCOPE_MISSING"
    title = "This access token may not do this"


class CsrfFailed(Failure):
    code = "CSRF_FAILED"
    title = "The form was too old or came from elsewhere"
    status = HTTPStatus.FORBIDDEN


class NotFound(Failure):
    """Missing or somebody else's: the same answer."""

    code = "NOT_FOUND"
    title = "Not found"
    status = HTTPStatus.NOT_FOUND


class PaymentNotFound(NotFound):
    code = "PAYMENT_NOT_FOUND"
    title = "Payment not found"


class ProductNotFound(NotFound):
    code = "PRODUCT_NOT_FOUND"
    title = "Product not found"


class MethodNotAllowed(Failure):
    code = "METHOD_NOT_ALLOWED"
    title = "This address does not take that method"
    status = HTTPStatus.METHOD_NOT_ALLOWED


class AmountMismatch(Failure):
    code = "AMOUNT_MISMATCH"
    title = "The amount doesn't match the order"
    status = HTTPStatus.CONFLICT
    #: The detail where only what the caller named is wrong, before paying and after.
    CHANGED = "the amount is not the order's: this call took nothing and changed nothing"


class NotPayable(Failure):
    code = "NOT_PAYABLE"
    title = "This order cannot be paid now"
    status = HTTPStatus.CONFLICT


class NotCancelable(Failure):
    code = "NOT_CANCELABLE"
    title = "This order cannot be cancelled now"
    status = HTTPStatus.CONFLICT


class AccountBusy(Failure):
    """Money of this account is on its way, so its books can't be closed."""

    code = "ACCOUNT_BUSY"
    title = "This account has a payment that is not finished"
    status = HTTPStatus.CONFLICT


class TooManyTokens(Failure):
    code = "TOO_MANY_TOKENS"
    title = "This account has as many access tokens as it may"
    status = HTTPStatus.CONFLICT


class KeyInUse(Failure):
    code = "PAYMENT_KEY_IN_USE"
    title = "This payment key is not the one of this order"
    status = HTTPStatus.CONFLICT


class KeyReused(Failure):
    code = "IDEMPOTENCY_KEY_REUSED"
    title = "This Idempotency-Key came with another body before"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class StillRunning(Failure):
    code = "IDEMPOTENCY_KEY_RUNNING"
    title = "The first call with this Idempotency-Key is not over"
    status = HTTPStatus.CONFLICT
    retry_after = 2


class PaymentRefused(Failure):
    code = "PAYMENT_REFUSED"
    title = "Payment confirmation failed"
    status = HTTPStatus.CONFLICT


class TooLarge(Failure):
    code = "TOO_LARGE"
    title = "The request is too large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class UnsupportedMediaType(Failure):
    code = "UNSUPPORTED_MEDIA_TYPE"
    title = "Send application/json"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class Invalid(Failure):
    """Well-formed but wrong; `fields` names what and why."""

    code = "INVALID"
    title = "The request is not valid"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, detail: str = "", fields: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.fields = fields or {}


class PriceMismatch(Invalid):
    code = "PRICE_MISMATCH"
    title = "No product has this name and price"


class EmailTaken(Invalid):
    code = "EMAIL_TAKEN"
    title = "There is already an account with this e-mail"


class TooManyRequests(Failure):
    code = "TOO_MANY_REQUESTS"
    title = "Too many requests"
    status = HTTPStatus.TOO_MANY_REQUESTS
    retry_after = 60

    def __init__(self, detail: str = "", *, retry_after: int | None = None) -> None:
        super().__init__(detail)
        if retry_after is not None:
            self.retry_after = retry_after


class TooManyMails(TooManyRequests):
    """Enough mails of this kind were sent to this account within the hour."""

    code = "TOO_MANY_MAILS"
    title = "Several of these mails were sent already"
    retry_after = 3600


class PaymentsPaused(TooManyRequests):
    """Too many declined tries of this order, account or address, or of everybody; nothing new was made."""

    code = "PAYMENTS_PAUSED"
    title = "New payments are paused after many declined ones"


class ProviderNotConfigured(Failure):
    code = "PROVIDER_NOT_CONFIGURED"
    title = "This payment provider is not set up"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    retry_after = 3600


class InvalidClientKey(ProviderNotConfigured):
    code = "INVALID_CLIENT_KEY"
    title = "Invalid client key"


class ProviderBusy(Failure):
    """All places for provider calls are taken, or another key or attempt is being checked first; nothing was sent."""

    code = "PROVIDER_BUSY"
    title = "The payment provider is slow right now; nothing was taken"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    retry_after = 3


class ProviderSilent(ProviderBusy):
    """It was asked, and gave no usable answer: what it holds is not known yet."""

    code = "PROVIDER_SILENT"
    title = "The payment provider did not answer; look before paying again"


class IssuerAway(Failure):
    """Another issuer's token came, and the keys to check it with can't be had now."""

    code = "ISSUER_AWAY"
    title = "The issuer of the access token cannot be asked right now"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    retry_after = 60


class DatabaseAway(Failure):
    code = "DATABASE_AWAY"
    title = "The shop cannot store anything right now"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    retry_after = 10


class Unexpected(Failure):
    """The last resort: something we did not foresee, logged with its reference."""

    code = "UNEXPECTED"
    title = "Something went wrong on our side"
    status = HTTPStatus.INTERNAL_SERVER_ERROR


def all_failures() -> list[type[Failure]]:
    """Every failure, each once, sorted by code: what the documents have to list."""
    found: dict[str, type[Failure]] = {}
    todo = list(Failure.__subclasses__())
    while todo:
        failure = todo.pop()
        found[failure.code] = failure
        todo.extend(failure.__subclasses__())
    return [found[code] for code in sorted(found)]
