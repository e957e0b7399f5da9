"""What people read: a word for each status and a text for each reason; Korean is in the catalogue.

Every entry is lazy: it is put into the reader's language at the moment it is shown.
"""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from webapp.domain.reasons import Reason
from webapp.domain.states import PaymentStatus
from webapp.services.history import Group
from webapp.services.timeline import Step

S = PaymentStatus


@dataclass(frozen=True, slots=True)
class ReasonText:
    """Why a try failed: the title, what happened, and what to do next.

    None of the three speaks of money taken: a page adds that sentence only where our books prove it.
    """

    title: LazyString
    text: LazyString
    next_step: LazyString


STATUS_WORDS: dict[PaymentStatus, LazyString] = {
    S.PENDING: _("Not paid yet"),
    S.CONFIRMING: _("Checking"),
    S.PROCESSING: _("Processing"),
    S.AWAITING_DEPOSIT: _("Waiting for deposit"),
    S.COMPLETED: _("Paid"),
    S.MISMATCH: _("Under review"),
    S.FAILED: _("Failed"),
    S.CANCELED: _("Canceled"),
    S.EXPIRED: _("Expired"),
    S.PARTIALLY_REFUNDED: _("Partly refunded"),
    S.REFUNDED: _("Refunded"),
}

#: How a status looks: the design system's four tones, and `quiet` for what is over.
STATUS_TONES: dict[PaymentStatus, str] = {
    S.PENDING: "quiet",
    S.CONFIRMING: "info",
    S.PROCESSING: "info",
    S.AWAITING_DEPOSIT: "warn",
    S.COMPLETED: "success",
    S.MISMATCH: "warn",
    S.FAILED: "error",
    S.CANCELED: "quiet",
    S.EXPIRED: "quiet",
    S.PARTIALLY_REFUNDED: "info",
    S.REFUNDED: "quiet",
}

#: What happened, in plain words: the timeline of one payment. `amount` is filled in where it is shown.
STEP_WORDS: dict[Step, LazyString] = {
    Step.ORDERED: _("You placed the order"),
    Step.NEW_TRY: _("You started a new attempt"),
    Step.OTHER_WAY: _("You chose another way to pay"),
    Step.CHECKING: _("We started checking the result"),
    Step.DECLINED: _("An attempt was not approved"),
    Step.TAMPERED: _("Stopped: the amount did not match the order"),
    Step.NOT_TAKEN: _("An attempt did not lead to a payment"),
    Step.ON_ITS_WAY: _("Payment accepted, money on its way"),
    Step.NOT_ARRIVED: _("The money did not arrive"),
    Step.ACCOUNT: _("Account issued, waiting for your deposit"),
    Step.ACCOUNT_CLOSED: _("The deposit account was closed"),
    Step.ACCOUNT_EXPIRED: _("The time for the deposit ran out"),
    Step.PAID: _("Payment completed"),
    Step.TAKEN_BACK: _("The bank reversed the deposit"),
    Step.OTHER_SUM: _("Another amount than ordered arrived"),
    Step.UNWANTED: _("A payment arrived that this order did not need"),
    Step.FAILED: _("The payment did not go through"),
    Step.TOO_LATE: _("The time to pay ran out"),
    Step.CLOSED: _("The payment was ended"),
    Step.REFUNDED: _("%(amount)s refunded"),
    Step.REFUND_COMING: _("Refund of %(amount)s on its way"),
    Step.CANCELED: _("You canceled the order"),
    Step.REPLACED: _("You placed a new order instead"),
    Step.EXPIRED: _("Not paid in time: the order expired"),
}

GROUP_WORDS: dict[Group, LazyString] = {
    Group.OPEN: _("To do"),
    Group.PAID: _("Bought"),
    Group.REFUNDED: _("Refunds"),
    Group.OVER: _("Closed"),
}

METHOD_WORDS: dict[str, LazyString] = {
    "card": _("Card"),
    "easy_pay": _("Easy pay"),
    "virtual_account": _("Virtual account"),
    "transfer": _("Bank transfer"),
    "bank_debit": _("Bank debit"),
    "mobile": _("Mobile phone bill"),
    "gift_certificate": _("Gift certificate"),
}

PROVIDER_NAMES: dict[str, LazyString] = {"toss": _("Toss Payments"), "stripe": _("Stripe")}

#: What a buyer pays with there: few words beside the name, where she chooses.
PROVIDER_METHODS: dict[str, LazyString] = {
    "toss": _("Korean cards, easy pay, bank"),
    "stripe": _("Cards from any country"),
}

_OTHER_CARD = _("Please pay with another card or another method.")
_LATER = _("Please try again in a few minutes.")

REASON_TEXTS: dict[Reason, ReasonText] = {
    Reason.DECLINED: ReasonText(
        _("The payment was not approved"),
        _("Your card company or bank did not approve this payment. They do not tell us why."),
        _("Please pay another way, or ask your card company or bank."),
    ),
    Reason.INSUFFICIENT_FUNDS: ReasonText(
        _("The balance is too low"),
        _("The card or account did not have enough balance for this amount."),
        _("Please check the balance, or pay with another card or account."),
    ),
    Reason.CARD_DATA: ReasonText(
        _("Please check the card details"),
        _("The card number, expiry date or another detail did not match."),
        _("Please enter the details again exactly as they are on the card."),
    ),
    Reason.CARD_UNUSABLE: ReasonText(
        _("This card cannot be used here"),
        _("The card is expired, paused, or not open for online payments."),
        _OTHER_CARD,
    ),
    Reason.LIMIT_EXCEEDED: ReasonText(
        _("A payment limit was reached"),
        _("The amount is above the limit of this card or account, for one payment or for today."),
        _("Please pay another way, or change the limit with your card company or bank."),
    ),
    Reason.INSTALMENT: ReasonText(
        _("These installments are not available"),
        _("This card cannot split this amount over the months you chose."),
        _("Please choose fewer months or pay at once."),
    ),
    Reason.AMOUNT_RULES: ReasonText(
        _("This method does not take this amount"),
        _("The amount is below or above what this payment method allows."),
        _("Please choose another payment method."),
    ),
    Reason.ACCOUNT: ReasonText(
        _("The bank account could not be used"),
        _("The bank did not accept this account or its details."),
        _("Please check the account, or pay another way."),
    ),
    Reason.AUTHENTICATION: ReasonText(
        _("The identity check was not finished"),
        _("Your card company or bank could not confirm that it was you."),
        _("Please try again and complete the check in your card or bank app."),
    ),
    Reason.TOO_MANY_TRIES: ReasonText(
        _("Too many tries"),
        _("There were too many tries with this card or password, so it is locked for a while."),
        _("Please try later, or pay with another card."),
    ),
    Reason.CANCELED_BY_BUYER: ReasonText(
        _("You left the payment"),
        _("The payment window was closed before the payment was finished."),
        _("Your order is still here. You can go on whenever you like."),
    ),
    Reason.EXPIRED: ReasonText(
        _("The time to pay ran out"),
        _("A payment has to be finished within a few minutes, and that time has passed."),
        _("Please start the payment once more."),
    ),
    Reason.BANK_UNAVAILABLE: ReasonText(
        _("The bank is not answering"),
        _("The card company or bank is under maintenance or busy right now."),
        _("Please try again in a few minutes, or pay with another card."),
    ),
    Reason.PROVIDER_UNAVAILABLE: ReasonText(
        _("The payment service is not answering"),
        _("The payment service is busy or having trouble right now. It is not your card."),
        _LATER,
    ),
    Reason.TAMPERED: ReasonText(
        _("The amount did not match the order"),
        _("What came back to us was not the amount of your order, so we stopped there."),
        _("Please start the payment once more from the order page."),
    ),
    Reason.SHOP_SETUP: ReasonText(
        _("The shop cannot take this payment"),
        _("Something in the shop's payment settings is wrong. It is not your card."),
        _("Please choose another method or contact the shop."),
    ),
    Reason.UNKNOWN: ReasonText(
        _("The payment did not go through"),
        _("The payment service stopped the payment without a reason that we know."),
        _("Please try again, or pay another way."),
    ),
}
