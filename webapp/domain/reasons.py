"""Why a payment did not happen, in the buyer's terms. Providers' own codes stop at their mapping."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """One group of refusals that has one text for the buyer and one next step.

    Lost, stolen and suspicious cards are `DECLINED`: the person at the keyboard may not be the owner.
    """

    DECLINED = "declined"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    CARD_DATA = "card_data"
    CARD_UNUSABLE = "card_unusable"
    LIMIT_EXCEEDED = "limit_exceeded"
    INSTALMENT = "instalment"
    AMOUNT_RULES = "amount_rules"
    ACCOUNT = "account"
    AUTHENTICATION = "authentication"
    TOO_MANY_TRIES = "too_many_tries"
    CANCELED_BY_BUYER = "canceled_by_buyer"
    EXPIRED = "expired"
    BANK_UNAVAILABLE = "bank_unavailable"
    PROVIDER_UNAVAILABLE = "provider_unavailable"
    TAMPERED = "tampered"
    SHOP_SETUP = "shop_setup"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """What a provider's code says about the money."""

    #: Refused; nothing was taken and this attempt will never take anything.
    FINAL = "final"
    #: Nothing decided yet; the same request with the same key may be sent again.
    RETRY = "retry"
    #: Says nothing about the money; only a look-up does.
    UNKNOWN = "unknown"


class RefusalKind(StrEnum):
    """What a final refusal means for the attempt, beyond "nothing was taken"."""

    #: Issuer or provider said no to this payment.
    DECLINED = "declined"
    #: The provider's own window has passed.
    EXPIRED = "expired"
    #: The provider has no such payment: the presented reference was invented, or belongs elsewhere.
    NOT_FOUND = "not_found"
    #: Our keys, contract or request are wrong: the shop's problem, not the buyer's.
    MISUSED = "misused"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A provider's "no", in our words; `code` is theirs, for the merchant and the log, never for the buyer."""

    code: str
    reason: Reason
    kind: RefusalKind = RefusalKind.DECLINED
