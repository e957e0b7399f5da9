"""Before the money: a payment is requested by the SDK and authenticated by the buyer."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from webapp.providers.toss.emulator import rules
from webapp.providers.toss.emulator.cards import TestCard
from webapp.providers.toss.emulator.keys import KeyPair, by_client_key
from webapp.providers.toss.emulator.korea import BANKS, METHODS
from webapp.providers.toss.emulator.payment import Method, Payment, token
from webapp.providers.toss.emulator.refusals import Refusal
from webapp.providers.toss.emulator.state import Toss


def open_payment(toss: Toss, data: Mapping[str, Any]) -> Payment:
    """Create a READY payment from what the SDK was given. Raises `Refusal` with the SDK's codes."""
    pair = by_client_key(data.get("clientKey"))
    asked_by = str(data.get("askedBy", "payment"))
    _fitting_key(pair, asked_by)
    order_id, order_name = rules.sdk_order(data)
    amount = data.get("amount") if isinstance(data.get("amount"), dict) else {}
    assert isinstance(amount, dict)  # noqa: S101
    total = rules.sdk_amount(amount.get("value"), amount.get("currency"))
    success, fail = rules.sdk_urls(data)
    moment = datetime.fromtimestamp(toss.now(), UTC).strftime("%Y%m%d%H%M%S")
    payment = Payment(
        key=f"tsbx{moment}{token(20)}",
        pair=pair.name,
        order_id=order_id,
        order_name=order_name,
        total=total,
        balance=total,
        requested_at=toss.now(),
        method=method_of(data["method"]) if data.get("method") else None,
        customer_name=str(data.get("customerName") or ""),
        valid_hours=rules.sdk_valid_hours(data.get("virtualAccount")),
        customer_key=rules.sdk_customer_key(data.get("customerKey", rules.ANONYMOUS)),
        success_url=success,
        fail_url=fail,
        shop_origin=str(data.get("shopOrigin", "")),
        asked_by=asked_by,
        redirects=bool(success),
        metadata=rules.sdk_metadata(data.get("metadata")),
        secret=f"ps_{token(20)}",
    )
    toss.payments.save(payment)
    return payment


def _fitting_key(pair: KeyPair, asked_by: str) -> None:
    if asked_by == "widget" and pair.name != "widget":
        raise Refusal("NOT_SUPPORTED_API_INDIVIDUAL_KEY")
    # guess: the v1 window refuses widget keys like the v2 one does.
    if asked_by != "widget" and pair.name == "widget":
        raise Refusal("NOT_SUPPORTED_WIDGET_KEY")


def method_of(value: object) -> Method:
    """One of the methods the sandbox plays. Raises NOT_SUPPORTED_METHOD."""
    for method in ("CARD", "EASY_PAY", "VIRTUAL_ACCOUNT", "TRANSFER"):
        if value == method or value == METHODS[method][0]:
            return method
    raise Refusal("NOT_SUPPORTED_METHOD")


def authenticate(
    toss: Toss, payment: Payment, method: Method, *, card: TestCard | None = None, bank: str = "20"
) -> None:
    """The buyer proved who she is: READY becomes IN_PROGRESS. Raises `Refusal` when that is over."""
    toss.expire_if_late(payment)
    if payment.status != "READY":
        raise Refusal("NOT_FOUND_PAYMENT_SESSION")
    if payment.total < rules.MINIMUM_WON[method]:
        raise Refusal("BELOW_MINIMUM_AMOUNT")
    payment.method = method
    payment.authenticated_at = toss.now()
    payment.outcome = card.outcome if card else "paid"
    if card is not None:
        payment.card = {"masked": card.masked, "approve_no": f"{int(token_digits(8)):08d}"}
    payment.easy_pay = "토스페이" if method == "EASY_PAY" else None
    payment.bank = bank if bank in BANKS else "20"
    toss.move(payment, "IN_PROGRESS")


def token_digits(length: int) -> str:
    """Random digits, for approval and account numbers."""
    return "".join(str(ord(sign) % 10) for sign in token(length))


def success_url(payment: Payment) -> str:
    """Where an authenticated buyer is sent."""
    query = {"orderId": payment.order_id, "paymentKey": payment.key, "amount": str(payment.total)}
    if payment.asked_by == "widget":
        query = {"paymentType": "NORMAL", **query}
    return _with_query(payment.success_url, query)


def fail_url(payment: Payment, code: str, message: str) -> str:
    """Where a buyer is sent who did not get through; without orderId when she left by herself."""
    query = {"code": code, "message": message}
    if code != "PAY_PROCESS_CANCELED":
        query["orderId"] = payment.order_id
    return _with_query(payment.fail_url, query)


def _with_query(url: str, extra: dict[str, str]) -> str:
    parts = urlsplit(url)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *extra.items()])
    return urlunsplit(parts._replace(query=query))
