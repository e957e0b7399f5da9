"""What the shop asks of a payment provider: six verbs. Each provider is one folder that answers them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from webapp.domain.money import Money
from webapp.domain.reasons import Refusal
from webapp.domain.snapshots import PaymentSnapshot, ProviderEvent


class ProviderError(Exception):
    """Root of what a provider call can end in besides an answer."""


class ProviderRefused(ProviderError):
    """A definite "no" from the table of codes: this call took nothing and never will.

    `evidence` is the refusal as the provider worded it (code and HTTP status, no text).
    """

    def __init__(self, refusal: Refusal, evidence: Mapping[str, object]) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal
        self.evidence = evidence


class ProviderUnclear(ProviderError):
    """An answer that doesn't say where the money is: retry and unknown codes, 5xx, nonsense. Look it up."""

    def __init__(self, code: str, *, retry_after_s: float | None = None, alarming: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after_s = retry_after_s
        #: A code the table doesn't list, or our keys refused: a person is told.
        self.alarming = alarming


class ProviderUnavailable(ProviderError):
    """No answer. `sent=False`: it failed before any byte of the request left, so nothing can have happened."""

    def __init__(self, cause: str, *, sent: bool) -> None:
        super().__init__(cause)
        self.cause = cause
        self.sent = sent


class ProviderCrowded(ProviderUnavailable):
    """Our own bulkhead is full: too many calls in flight; nothing was sent."""

    def __init__(self) -> None:
        super().__init__("bulkhead full", sent=False)


class EventRefused(Exception):
    """A webhook that can't be read: answered 400, nothing stored."""


class SignatureRefused(EventRefused):
    """A webhook without the provider's valid signature, or signed too long ago or in the future."""


class ProviderResting(ProviderUnavailable):
    """It failed so often in a row that it is left alone for a moment; nothing was sent."""

    def __init__(self) -> None:
        super().__init__("resting", sent=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to collect one order's total, as the provider is told about it."""

    payment_id: str
    order_ref: str
    order_name: str
    amount: Money
    customer_key: str
    customer_email: str
    customer_name: str | None
    #: `ko` or `en`: the language the buyer reads.
    locale: str
    success_url: str
    fail_url: str
    #: Which of the provider's key pairs took this attempt; "" before it is opened.
    key_pair: str = ""
    provider_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pane:
    """What the checkout page needs to show this provider: a template, a script, and its values."""

    #: Template file inside the provider's own `pane` folder, e.g. `toss/pane.html`.
    template: str
    #: Our own script, served from the provider's pane folder, e.g. `toss/pane.js`.
    script: str
    #: The provider's script on the provider's host.
    sdk_url: str
    #: `data-` values for our script; no secret of ours, but perhaps one that is this buyer's alone: not for logs.
    values: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The result of `open`: how the browser goes on, and what to store on the attempt."""

    pane: Pane
    #: What the JSON create call answers beside order and amount (`tossConfig`, or `clientSecret`, …).
    client: Mapping[str, object] = field(repr=False)
    #: The provider's id of the payment, where opening made one: bound to the attempt before a browser sees it.
    provider_ref: str | None = None
    #: What the provider said about that payment while it was opened; the browser gets a form only if it is payable.
    snapshot: PaymentSnapshot | None = None


@dataclass(frozen=True, slots=True)
class Sources:
    """Hosts the checkout page may load from while this provider is shown (CSP)."""

    script: tuple[str, ...] = ()
    frame: tuple[str, ...] = ()
    connect: tuple[str, ...] = ()
    image: tuple[str, ...] = ()
    #: Where the provider's script may send a form (Toss on a phone leaves our page that way).
    form: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a provider can do beyond the six verbs, and its own limits."""

    currencies: frozenset[str]
    #: Our `confirm` moves money (Toss). False where the browser's own call does (Stripe): `open` makes a payment at
    #: the provider, `confirm` only reads it, an open attempt is watched, and closed at the provider (`ClosesAttempts`).
    confirm_charges: bool
    #: After this long an unconfirmed attempt can no longer be charged (Toss: 600 s after authentication).
    confirm_window_s: float | None
    #: Its webhooks are signed: whoever is not the provider can't make us look anything up.
    signs_events: bool = False
    #: The provider's key pairs: ("widget", "api") for Toss.
    key_pairs: tuple[str, ...] = ()
    sources: Sources = field(default_factory=Sources)
    #: Currency → the smallest sum in minor units that it takes, where it documents one.
    smallest: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRef:
    """How to ask for one payment: by the provider's reference where we have it, by our sent id otherwise."""

    provider_ref: str | None
    order_ref: str | None
    key_pair: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundCall:
    """Give money back. `amount` None means all that is left, whatever the provider holds.

    `order_ref` is empty for money that no attempt of ours asked for.
    """

    provider_ref: str
    order_ref: str
    key_pair: str
    amount: Money | None
    reason: str
    idempotency_key: str
    #: Our own id of this refund, for a provider that keeps it: so that theirs is known as ours.
    refund_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCall:
    """Make sure that an opened payment can't be paid any more. `order_ref` as in `RefundCall`."""

    provider_ref: str
    order_ref: str
    key_pair: str
    idempotency_key: str


class Provider(Protocol):
    """The six verbs. All raise `ProviderError`s and nothing else; none keeps a database transaction open."""

    name: str
    capabilities: Capabilities
    #: `sandbox`, `test` or `live`, read off the keys; stored on every attempt.
    mode: str

    def default_key_pair(self, *, page: bool) -> str:
        """The pair that takes a new attempt: from our checkout page, or from the JSON calls."""
        ...

    def open(self, attempt: Attempt, *, idempotency_key: str) -> Opened:
        """Prepare the attempt for the browser; a second time, with the same key, it is the same payment.

        Local where `confirm_charges`. Elsewhere it makes the payment at the provider, or reads the one that
        `attempt.provider_ref` names.

        Raises:
            ProviderRefused, ProviderUnclear, ProviderUnavailable: nothing to show; the buyer may try again.
        """
        ...

    def confirm(self, attempt: Attempt, *, idempotency_key: str) -> PaymentSnapshot:
        """Take the money that the buyer authorised. `attempt.provider_ref` is set.

        Raises:
            ProviderRefused: a definite no. ProviderUnclear, ProviderUnavailable: ask later.
        """
        ...

    def fetch(self, ref: PaymentRef) -> PaymentSnapshot | None:
        """Read the payment's present truth; None when the provider says that it has no such payment."""
        ...

    def refund(self, call: RefundCall) -> PaymentSnapshot:
        """Give money back; the payment as it stands afterwards."""
        ...

    def parse_event(self, body: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        """Read a webhook from its raw bytes.

        Raises:
            EventRefused: unreadable. SignatureRefused: not signed by the provider where it signs.
            ProviderNotConfigured: nothing to check the signature with.
        """
        ...

    def list_between(self, start: datetime, end: datetime) -> Iterator[PaymentSnapshot]:
        """Every payment the provider booked in the interval, oldest first, one reading each."""
        ...


@runtime_checkable
class ClosesAttempts(Protocol):
    """What a provider has beyond the six verbs where the browser's own call takes the money."""

    def close(self, call: CloseCall) -> PaymentSnapshot:
        """End an open payment unpaid; the payment as it stands afterwards, which may be paid after all.

        Raises:
            ProviderError: no usable answer; it may still be payable.
        """
        ...
