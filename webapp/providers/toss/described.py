"""What the JSON calls take and answer for Toss, for the reference at `/docs`. Tests hold answers against it."""

from collections.abc import Mapping

from pydantic.json_schema import SkipJsonSchema

from webapp.providers.bodies import Shown

Left = SkipJsonSchema[None]


class TossConfig(Shown):
    """What Toss's browser script wants to know."""

    client_key: str
    order_id: str
    order_name: str
    amount: int
    success_url: str
    fail_url: str
    customer_key: str


class Created(Shown):
    """What `create` answers beside the members for every provider."""

    toss_config: TossConfig


class TossCard(Shown):
    approve_no: str | Left = None
    issuer_code: str | Left = None
    installment_plan_months: int | Left = None
    card_type: str | Left = None
    number: str | Left = None


class TossVirtualAccount(Shown):
    bank_code: str | Left = None
    due_date: str | Left = None
    expired: bool | Left = None


class TossEasyPay(Shown):
    provider: str | Left = None


class TossFailure(Shown):
    code: str | Left = None


class TossReceipt(Shown):
    url: str


class TossCancel(Shown):
    transaction_key: str | Left = None
    cancel_amount: int | Left = None
    canceled_at: str | Left = None
    cancel_status: str | Left = None


class Evidence(Shown):
    """What we keep of Toss's Payment object (`webapp/providers/toss/evidence.py`); what isn't known is left out."""

    payment_key: str | Left = None
    order_id: str | Left = None
    status: str | Left = None
    method: str | Left = None
    total_amount: int | Left = None
    balance_amount: int | Left = None
    currency: str | Left = None
    approved_at: str | Left = None
    requested_at: str | Left = None
    last_transaction_key: str | Left = None
    card: TossCard | Left = None
    virtual_account: TossVirtualAccount | Left = None
    easy_pay: TossEasyPay | Left = None
    failure: TossFailure | Left = None
    receipt: TossReceipt | Left = None
    cancels: list[TossCancel] | Left = None


CREATE: Mapping[str, Mapping[str, object]] = {
    "ko": {"amount": 13000, "orderName": "사주팔자 프리미엄 해석"},
    "en": {"amount": 13000, "orderName": "Premium Four Pillars Reading"},
    "product": {"product": "saju-premium"},
}
CREATED = {
    "tossConfig": {
        "clientKey": "test_ck_example",
        "orderId": "ord_example0example0example",
        "orderName": "사주팔자 프리미엄 해석",
        "amount": 13000,
        "successUrl": "https://shop.example/payment/success",
        "failUrl": "https://shop.example/payment/fail",
        "customerKey": "cus_example0example0example",
    }
}
CONFIRM = {"paymentKey": "tviva20261126example", "orderId": "ord_example0example0example", "amount": 13000}
EVIDENCE = {"paymentKey": "tviva20261126example", "status": "DONE", "method": "카드", "totalAmount": 13000}
