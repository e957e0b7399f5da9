"""The life of an order, a payment and a refund, as data. Words and meanings: the contract, section 3."""

from enum import StrEnum


class PaymentStatus(StrEnum):
    """Where the money of one attempt stands; an order carries the word of its deciding attempt."""

    PENDING = "pending"
    CONFIRMING = "confirming"
    PROCESSING = "processing"
    AWAITING_DEPOSIT = "awaiting_deposit"
    COMPLETED = "completed"
    MISMATCH = "mismatch"
    FAILED = "failed"
    CANCELED = "canceled"
    EXPIRED = "expired"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


S = PaymentStatus

_LATE = "the provider turned out to hold the money after all"
_FIRST = "the provider's news came before the buyer did"

#: (where we are, where we may go) → why. A move that isn't here is a bug or an attack.
MOVES: dict[tuple[PaymentStatus, PaymentStatus], str] = {
    (S.PENDING, S.CONFIRMING): "the buyer came back and the provider is being asked",
    (S.PENDING, S.PROCESSING): _FIRST,
    (S.PENDING, S.AWAITING_DEPOSIT): _FIRST,
    (S.PENDING, S.COMPLETED): _FIRST,
    (S.PENDING, S.MISMATCH): "the provider holds money that is not what was ordered",
    (S.PENDING, S.FAILED): "the provider says this attempt is over",
    (S.PENDING, S.CANCELED): "the buyer gave up, or starts a new try; nothing can be taken without us",
    (S.PENDING, S.EXPIRED): "the provider's window passed",
    (S.CONFIRMING, S.PENDING): "the presented key was proven foreign; or nothing of it is under way, it may be retried",
    (S.CONFIRMING, S.PROCESSING): "accepted, the money is on its way",
    (S.CONFIRMING, S.AWAITING_DEPOSIT): "a virtual account was issued",
    (S.CONFIRMING, S.COMPLETED): "taken",
    (S.CONFIRMING, S.MISMATCH): "the provider took something else than was ordered",
    (S.CONFIRMING, S.FAILED): "refused for good",
    (S.CONFIRMING, S.CANCELED): "cancelled at the provider before anything was taken",
    (S.CONFIRMING, S.EXPIRED): "the provider's window passed with nothing taken",
    (S.PROCESSING, S.COMPLETED): "the money arrived",
    (S.PROCESSING, S.MISMATCH): "the money that arrived is not what was ordered",
    (S.PROCESSING, S.PENDING): "the money did not arrive; the same payment may be tried again",
    (S.PROCESSING, S.FAILED): "the money did not arrive",
    (S.PROCESSING, S.CANCELED): "cancelled before the money arrived",
    (S.AWAITING_DEPOSIT, S.COMPLETED): "deposited",
    (S.AWAITING_DEPOSIT, S.MISMATCH): "another sum was deposited",
    (S.AWAITING_DEPOSIT, S.CANCELED): "the account was cancelled before a deposit",
    (S.AWAITING_DEPOSIT, S.EXPIRED): "the due date passed without a deposit",
    (S.AWAITING_DEPOSIT, S.FAILED): "the account was closed by the provider",
    (S.COMPLETED, S.AWAITING_DEPOSIT): "the bank took the deposit back",
    (S.COMPLETED, S.PARTIALLY_REFUNDED): "part was given back",
    (S.COMPLETED, S.REFUNDED): "all was given back",
    (S.PARTIALLY_REFUNDED, S.PARTIALLY_REFUNDED): "another part was given back",
    (S.PARTIALLY_REFUNDED, S.REFUNDED): "the rest was given back",
    (S.MISMATCH, S.REFUNDED): "the money that was not ordered was sent back",
    (S.FAILED, S.COMPLETED): _LATE,
    (S.FAILED, S.MISMATCH): _LATE,
    (S.EXPIRED, S.COMPLETED): _LATE,
    (S.EXPIRED, S.MISMATCH): _LATE,
    (S.CANCELED, S.COMPLETED): _LATE,
    (S.CANCELED, S.MISMATCH): _LATE,
}

#: (where we are, what is reported) that is old news or says nothing new: ignored, not refused. Where a move
#: to `pending` is in the table above, only proof leads there (`services.reading.is_released`).
STALE: frozenset[tuple[PaymentStatus, PaymentStatus]] = frozenset(
    {
        *((state, S.PENDING) for state in S if state is not S.PENDING),
        (S.COMPLETED, S.PROCESSING),
        (S.PARTIALLY_REFUNDED, S.PROCESSING),
        (S.PARTIALLY_REFUNDED, S.COMPLETED),
        (S.PARTIALLY_REFUNDED, S.AWAITING_DEPOSIT),
        (S.REFUNDED, S.PROCESSING),
        (S.REFUNDED, S.COMPLETED),
        (S.REFUNDED, S.PARTIALLY_REFUNDED),
        (S.REFUNDED, S.AWAITING_DEPOSIT),
        (S.MISMATCH, S.PROCESSING),
        (S.MISMATCH, S.AWAITING_DEPOSIT),
        (S.FAILED, S.CANCELED),
        (S.FAILED, S.EXPIRED),
        (S.FAILED, S.PROCESSING),
        (S.EXPIRED, S.CANCELED),
        (S.EXPIRED, S.FAILED),
        (S.EXPIRED, S.PROCESSING),
        (S.EXPIRED, S.AWAITING_DEPOSIT),
        (S.CANCELED, S.EXPIRED),
        (S.CANCELED, S.FAILED),
        (S.CANCELED, S.PROCESSING),
        (S.CANCELED, S.AWAITING_DEPOSIT),
    }
)

#: An order has at most one attempt in one of these; the database keeps it (partial unique index).
DECIDING: frozenset[PaymentStatus] = frozenset(
    {S.PENDING, S.CONFIRMING, S.PROCESSING, S.AWAITING_DEPOSIT, S.COMPLETED, S.PARTIALLY_REFUNDED}
)

#: The answer is not final: the sweeper asks again.
OPEN: frozenset[PaymentStatus] = frozenset({S.CONFIRMING, S.PROCESSING, S.AWAITING_DEPOSIT})

#: The provider was asked, or money is on its way or here: a buyer may not pay this order once more.
BUSY: frozenset[PaymentStatus] = OPEN | {S.COMPLETED, S.MISMATCH, S.PARTIALLY_REFUNDED, S.REFUNDED}

#: The shop holds, or held, the buyer's money for this order.
PAID: frozenset[PaymentStatus] = frozenset({S.COMPLETED, S.PARTIALLY_REFUNDED, S.REFUNDED})

#: An attempt that ended here leaves its order payable.
LEAVES_PAYABLE: frozenset[PaymentStatus] = frozenset({S.FAILED, S.CANCELED, S.EXPIRED})


def can_move(current: PaymentStatus, target: PaymentStatus) -> bool:
    """Whether the table has this edge."""
    return (current, target) in MOVES


def steps(current: PaymentStatus, target: PaymentStatus) -> tuple[PaymentStatus, ...]:
    """The moves from `current` to what the provider reports; empty when there is nothing to do or no way.

    Money that came and went before we looked (cancelled in the provider's console) was taken first:
    such a payment passes through `completed`, so that the books show both. A deposit that the bank took back
    after its due date leaves `completed` the same way, through `awaiting_deposit`.
    """
    if current is target and target is not S.PARTIALLY_REFUNDED:
        return ()
    if can_move(current, target):
        return (target,)
    if target in (S.PARTIALLY_REFUNDED, S.REFUNDED) and can_move(current, S.COMPLETED):
        return (S.COMPLETED, target)
    if current is S.COMPLETED and can_move(S.AWAITING_DEPOSIT, target):
        return (S.AWAITING_DEPOSIT, target)
    return ()


def order_status(attempt: PaymentStatus) -> PaymentStatus:
    """The order's word when this attempt decides: an attempt that failed leaves the order payable."""
    return S.PENDING if attempt in LEAVES_PAYABLE else attempt


class RefundStatus(StrEnum):
    """Where one refund stands."""

    RESERVED = "reserved"
    SENT = "sent"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


#: Counted against the payment's balance: what may already be on its way out.
REFUND_COUNTS: frozenset[RefundStatus] = frozenset(
    {RefundStatus.RESERVED, RefundStatus.SENT, RefundStatus.PENDING, RefundStatus.SUCCEEDED}
)

REFUND_MOVES: dict[tuple[RefundStatus, RefundStatus], str] = {
    (RefundStatus.RESERVED, RefundStatus.SENT): "the provider is being asked",
    (RefundStatus.SENT, RefundStatus.PENDING): "accepted, on its way",
    (RefundStatus.RESERVED, RefundStatus.PENDING): "found at the provider, on its way",
    (RefundStatus.RESERVED, RefundStatus.SUCCEEDED): "found at the provider",
    (RefundStatus.SENT, RefundStatus.SUCCEEDED): "given back",
    (RefundStatus.PENDING, RefundStatus.SUCCEEDED): "arrived",
    (RefundStatus.RESERVED, RefundStatus.FAILED): "somebody gave it all back elsewhere",
    (RefundStatus.SENT, RefundStatus.FAILED): "refused",
    (RefundStatus.PENDING, RefundStatus.FAILED): "came back",
}
