"""One PaymentIntent as Stripe would keep it."""

from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal[
    "requires_payment_method",
    "requires_confirmation",
    "requires_action",
    "processing",
    "succeeded",
    "canceled",
]

#: What can still be confirmed.
OPEN: tuple[Status, ...] = ("requires_payment_method", "requires_confirmation", "requires_action")


@dataclass
class Intent:
    """Amounts in the currency's smallest unit, times in whole seconds since 1970 by the sandbox's clock.

    `currency` is in lower case. `last_error` is the body behind `last_payment_error`. `challenge` is the open
    3-D Secure step: `{"use_stripe_sdk": bool, "return_url": str}`. `return_url` is where the last confirm wanted
    the buyer to come back to.
    """

    id: str
    client_secret: str
    amount: int
    currency: str
    created: int
    status: Status = "requires_payment_method"
    amount_received: int = 0
    description: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    receipt_email: str | None = None
    statement_descriptor_suffix: str | None = None
    customer: str | None = None
    setup_future_usage: str | None = None
    shipping: dict[str, Any] | None = None
    automatic: dict[str, Any] | None = None
    allowed_types: list[str] | None = None
    excluded_types: list[str] | None = None
    method_types: list[str] = field(default_factory=lambda: ["card", "us_bank_account"])
    options: dict[str, Any] = field(default_factory=dict)
    payment_method: str | None = None
    latest_charge: str | None = None
    last_error: dict[str, Any] | None = None
    challenge: dict[str, Any] | None = None
    return_url: str = ""
    canceled_at: int | None = None
    cancellation_reason: str | None = None

    @property
    def alias(self) -> str:
        """The shop's order id, if its metadata names one."""
        return self.metadata.get("order_id", "")

    @property
    def state(self) -> str:
        """The status."""
        return self.status
