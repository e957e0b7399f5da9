"""What the JSON calls take and answer for Acme."""

from collections.abc import Mapping

from webapp.providers.bodies import Shown


class Created(Shown):
    """Where the buyer pays."""

    pay_url: str


class Evidence(Shown):
    """What Acme said of the payment."""

    id: str
    order: str
    state: str
    amount: int
    currency: str
    captured: int
    refunded: int


CREATE: Mapping[str, Mapping[str, object]] = {"ko": {"product": "saju-premium"}, "en": {"product": "saju-premium"}}
CREATED = {"payUrl": "https://pay.acme.example/acp_example00"}
CONFIRM = {"payment": "acp_example00", "order": "ord_example0example0example"}
EVIDENCE = {
    "id": "acp_example00",
    "order": "ord_example0example0example",
    "state": "captured",
    "amount": 950,
    "currency": "EUR",
    "captured": 950,
    "refunded": 0,
}
