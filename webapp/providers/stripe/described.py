"""What the JSON calls take and answer for Stripe, for the reference at `/docs`. Tests hold answers against it."""

from collections.abc import Mapping

from pydantic import ConfigDict
from pydantic.json_schema import SkipJsonSchema

from webapp.providers.bodies import Shown

Left = SkipJsonSchema[None]


class Created(Shown):
    """What `create` answers beside the members for every provider."""

    client_secret: str
    publishable_key: str


class _AsStripeSays(Shown):
    """Stripe's own names have underscores."""

    model_config = ConfigDict(alias_generator=None)


class StripePaymentMethod(_AsStripeSays):
    type: str | Left = None
    brand: str | Left = None
    last4: str | Left = None


class StripeError(_AsStripeSays):
    code: str | Left = None
    decline_code: str | Left = None
    charge: str | Left = None
    payment_method: str | Left = None


class StripeRefund(_AsStripeSays):
    id: str | Left = None
    amount: int | Left = None
    status: str | Left = None
    created: int | Left = None


class Evidence(_AsStripeSays):
    """What we keep of a PaymentIntent (`webapp/providers/stripe/evidence.py`); what isn't known is left out."""

    id: str | Left = None
    status: str | Left = None
    amount: int | Left = None
    amount_received: int | Left = None
    currency: str | Left = None
    created: int | Left = None
    livemode: bool | Left = None
    cancellation_reason: str | Left = None
    latest_charge: str | Left = None
    payment_method: StripePaymentMethod | Left = None
    last_payment_error: StripeError | Left = None
    refunds: list[StripeRefund] | Left = None


CREATE: Mapping[str, Mapping[str, object]] = {
    "ko": {"amount": 1000, "description": "프리미엄 운세 풀이"},
    "en": {"amount": 1000, "description": "Premium Fortune Reading"},
    "product": {"product": "fortune-premium", "currency": "EUR"},
}
CREATED = {"clientSecret": "pi_example_secret_example", "publishableKey": "pk_test_example"}
CONFIRM = {"paymentIntentId": "pi_example00example", "orderId": "ord_example0example0example"}
EVIDENCE = {"id": "pi_example00example", "status": "succeeded", "amount": 1000, "amount_received": 1000}
