"""Payment intents as Stripe writes them."""

from datetime import UTC, datetime
from typing import Any

from webapp.domain.snapshots import PaymentSnapshot
from webapp.providers.stripe.mapping import snapshot_of

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
CREATED = 1795410000
INTENT = "pi_3TnQv2LkdIwHu7ix0pR4sWm8"
CHARGE = "ch_3TnQv2LkdIwHu7ix0Yb1kQz5"
SECRET = f"{INTENT}_secret_nV8kq2RzXw5bTfGh1Jd0"
ORDER = "ord_Kb7vNs2cYtDq4mXw9pZrAA"

NOTHING_YET: dict[str, Any] = {
    "status": "requires_payment_method",
    "amount_received": 0,
    "latest_charge": None,
    "payment_method": None,
}
DECLINED: dict[str, Any] = {
    "code": "card_declined",
    "decline_code": "insufficient_funds",
    "message": "Your card has insufficient funds.",
    "charge": "ch_3TnQv2LkdIwHu7ix0Declined",
    "payment_method": {
        "id": "pm_1TnQv2LkdIwHu7ixDecl",
        "object": "payment_method",
        "billing_details": {"email": "buyer@example.com", "name": "Kim Buyer"},
    },
    "type": "card_error",
}


def refund(amount: object, ref: str = "re_3TnQv2LkdIwHu7ix0Ab", **change: Any) -> dict[str, Any]:
    return {
        "id": ref,
        "object": "refund",
        "amount": amount,
        "charge": CHARGE,
        "created": CREATED + 60,
        "currency": "usd",
        "metadata": {"reason": "asked for"},
        "payment_intent": INTENT,
        "status": "succeeded",
        **change,
    }


def charge(*refunds: object, has_more: object = False, **change: Any) -> dict[str, Any]:
    return {
        "id": CHARGE,
        "object": "charge",
        "amount": 1000,
        "billing_details": {"email": "buyer@example.com", "name": "Kim Buyer"},
        "created": CREATED,
        "currency": "usd",
        "disputed": False,
        "payment_intent": INTENT,
        "payment_method_details": {
            "type": "card",
            "card": {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2030, "wallet": None},
        },
        "receipt_url": "https://pay.stripe.com/receipts/payment/CAcaFw",
        "refunds": {"object": "list", "data": list(refunds), "has_more": has_more, "url": "/v1/refunds"},
        "status": "succeeded",
        **change,
    }


def intent(**change: Any) -> dict[str, Any]:
    """A paid one, of ten dollars."""
    found = {
        "id": INTENT,
        "object": "payment_intent",
        "amount": 1000,
        "amount_capturable": 0,
        "amount_received": 1000,
        "automatic_payment_methods": {"allow_redirects": "always", "enabled": True},
        "cancellation_reason": None,
        "client_secret": SECRET,
        "confirmation_method": "automatic",
        "created": CREATED - 60,
        "currency": "usd",
        "description": "Saju reading",
        "last_payment_error": None,
        "latest_charge": charge(),
        "livemode": False,
        "metadata": {"order_id": ORDER, "payment_id": "8f14e45f-ceea-467f-a1c9-4f1c4f1c4f1c"},
        "next_action": None,
        "payment_method": "pm_1TnQv2LkdIwHu7ixCard",
        "receipt_email": None,
        "status": "succeeded",
    }
    return found | change


def read(**change: Any) -> PaymentSnapshot:
    return snapshot_of(intent(**change), asked_at=NOW)
