"""What a provider says, in our words. Made by a provider's mapping, compared by `services.settle`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from webapp.domain.money import Money
from webapp.domain.reasons import Refusal
from webapp.domain.states import PaymentStatus


@dataclass(frozen=True, slots=True)
class RefundSnapshot:
    """One refund as the provider books it; `provider_ref` is the provider's id of this refund.

    Neither `succeeded` nor `under_way` means that it came to nothing.
    """

    provider_ref: str
    amount: Money
    succeeded: bool
    at: datetime | None
    under_way: bool = False
    #: Our own id of it, where the provider was told and kept it.
    our_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """The card as a receipt shows it: `number` as the provider masked it; what is not known is ""."""

    issuer: str
    number: str
    approval: str = ""


@dataclass(frozen=True, slots=True)
class DepositInstructions:
    """Where a virtual account's money has to go, and until when."""

    bank: str
    account_number: str
    holder: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSnapshot:
    """One reading of one payment at the provider.

    `status` is None when the provider used a word that the mapping doesn't list: nothing may be
    concluded, a person is told. `PENDING` means nothing taken yet, still may be. `asked_at` is the
    moment before the question was sent, so a slow answer can be told from newer news.
    """

    provider_ref: str
    order_ref: str
    word: str
    status: PaymentStatus | None
    amount: Money
    captured: Money
    refunded: Money
    asked_at: datetime
    #: Which of the provider's key pairs the answer came through; only that one can refund it.
    key_pair: str = ""
    method: str | None = None
    approved_at: datetime | None = None
    refunds: tuple[RefundSnapshot, ...] = ()
    deposit: DepositInstructions | None = None
    receipt_url: str | None = None
    #: Proves later webhooks (Toss); stored encrypted, never shown.
    secret: str | None = field(default=None, repr=False)
    refusal: Refusal | None = None
    #: With `PENDING`: nothing of an earlier try is under way, the buyer may try again on this same payment.
    payable: bool = False
    #: The buyer's bank has disputed it; stands beside the status.
    disputed: bool = False
    #: An allow-listed, card-free part of the answer, kept as evidence and shown as `tossPayment`.
    evidence: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderEvent:
    """A webhook after parsing: a reason to look, not a source of amounts."""

    event_id: str
    kind: str
    provider_ref: str | None
    order_ref: str | None
    #: Something to compare with the stored one (Toss); None when the event carries none.
    secret: str | None = field(default=None, repr=False)
    #: What is kept of the body, where a part of it may not be; None keeps it as it came.
    body: str | None = field(default=None, repr=False, compare=False)
    #: Genuine, but not as expected (another API version, the other mode, an unknown shape): a person is told.
    warning: str | None = None
