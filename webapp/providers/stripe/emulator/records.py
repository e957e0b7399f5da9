"""What hangs on a PaymentIntent: payment methods, charges, refunds, disputes, events."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Method:
    """A payment method. `number` is a test card's and never shown; `cvc` says whether one was given."""

    id: str
    created: int
    type: str = "card"
    number: str = ""
    brand: str = ""
    exp_month: int = 0
    exp_year: int = 0
    cvc: bool = False
    billing: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def alias(self) -> str:
        """Belongs to nothing."""
        return ""

    @property
    def state(self) -> str:
        """Has none."""
        return ""


@dataclass
class Charge:
    """One try to take money, successful or not. `refunded` counts what went back or is on its way."""

    id: str
    intent: str
    amount: int
    currency: str
    created: int
    method: str
    status: str = "succeeded"
    refunded: int = 0
    disputed: bool = False
    failure: dict[str, Any] | None = None
    blocked: bool = False
    three_d_secure: str | None = None
    description: str | None = None
    receipt_email: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def alias(self) -> str:
        """The PaymentIntent."""
        return self.intent

    @property
    def state(self) -> str:
        """The status."""
        return self.status


@dataclass
class Refund:
    """Money on its way back. `turns_to` is the status it changes to at `turns_at`, if it will."""

    id: str
    charge: str
    intent: str
    amount: int
    currency: str
    created: int
    status: str = "succeeded"
    reason: str | None = None
    failure_reason: str | None = None
    turns_to: str | None = None
    turns_at: float = 0.0
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def alias(self) -> str:
        """The charge."""
        return self.charge

    @property
    def state(self) -> str:
        """Whether it will still change by itself."""
        return "turning" if self.turns_to else "settled"


@dataclass
class Dispute:
    """The buyer's bank wants the money back."""

    id: str
    charge: str
    intent: str
    amount: int
    currency: str
    created: int
    reason: str = "fraudulent"
    status: str = "needs_response"

    @property
    def alias(self) -> str:
        """The charge."""
        return self.charge

    @property
    def state(self) -> str:
        """The status."""
        return self.status


@dataclass
class Happening:
    """An event as the Events API lists it; `body` is the whole event object."""

    id: str
    created: int
    type: str
    body: dict[str, Any]

    @property
    def alias(self) -> str:
        """Its type."""
        return self.type

    @property
    def state(self) -> str:
        """Has none."""
        return ""
