"""The Payment object of the REST API (version 2022-11-16), written from a stored payment."""

from typing import Any

from webapp.providers.toss.emulator.keys import by_name
from webapp.providers.toss.emulator.korea import ACQUIRER, ISSUER, METHODS, iso
from webapp.providers.toss.emulator.payment import Payment

_PAID = ("DONE", "CANCELED", "PARTIAL_CANCELED")


def payment_object(payment: Payment, origin: str, now: float, *, english: bool = False) -> dict[str, Any]:
    """Every documented member, null where Toss sends null. `origin` is used for receipt links."""
    approved = payment.approved_at is not None
    issued = approved or payment.account is not None
    vat = round(payment.balance / 11)
    method = METHODS[payment.method][int(english)] if payment.method else None
    last = payment.transactions[-1]["key"] if payment.transactions else None
    receipt = {"url": f"{origin}/toss/receipt/{payment.key}"} if approved else None
    return {
        "version": "2022-11-16",
        "mId": by_name(payment.pair).mid,
        "paymentKey": payment.key,
        "type": "NORMAL",
        "orderId": payment.order_id,
        "orderName": payment.order_name,
        "currency": payment.currency,
        "method": method,
        "status": payment.status,
        "totalAmount": payment.total,
        "balanceAmount": payment.balance,
        "suppliedAmount": payment.balance - vat,
        "vat": vat,
        "taxFreeAmount": 0,
        "taxExemptionAmount": 0,
        "requestedAt": iso(payment.requested_at),
        "approvedAt": iso(payment.approved_at),
        "useEscrow": False,
        "cultureExpense": False,
        "isPartialCancelable": True,
        "lastTransactionKey": last,
        "transactionKey": last,
        "cancels": [_cancel(cancel) for cancel in payment.cancels] or None,
        "card": _card(payment) if approved else None,
        "virtualAccount": _account(payment, now),
        "secret": payment.secret if issued else None,
        "metadata": payment.metadata,
        "country": "KR",
        "mobilePhone": None,
        "giftCertificate": None,
        "transfer": _transfer(payment) if approved else None,
        "receipt": receipt,
        "checkout": {"url": f"{origin}/toss/pay/{payment.key}"},
        "easyPay": _easy_pay(payment) if approved else None,
        "easyPayAmount": 0,
        "easyPayDiscountAmount": 0,
        "discount": None,
        "failure": payment.failure,
        "cashReceipt": None,
        "cashReceipts": None,
    }


def _card(payment: Payment) -> dict[str, Any] | None:
    if payment.method != "CARD" or payment.card is None:
        return None
    return {
        "amount": payment.total,
        "issuerCode": ISSUER,
        "acquirerCode": ACQUIRER,
        "number": payment.card["masked"],
        "installmentPlanMonths": 0,
        "approveNo": payment.card["approve_no"],
        "useCardPoint": False,
        "cardType": "신용",
        "ownerType": "개인",
        "acquireStatus": "READY" if payment.status in _PAID[:1] else "CANCEL_REQUESTED",
        "isInterestFree": False,
        "interestPayer": None,
    }


def _account(payment: Payment, now: float) -> dict[str, Any] | None:
    account = payment.account
    if account is None:
        return None
    return {
        "accountType": "일반",
        "accountNumber": account["number"],
        "bankCode": account["bank"],
        "customerName": account["customer_name"],
        "depositorName": account["depositor"],
        "dueDate": iso(account["due"]),
        "refundStatus": "COMPLETED" if payment.refunded else "NONE",
        # The status stays WAITING_FOR_DEPOSIT after the deadline; only this member tells.
        "expired": payment.status == "WAITING_FOR_DEPOSIT" and now > account["due"],
        "settlementStatus": "INCOMPLETED",
        "refundReceiveAccount": account["refund_to"],
    }


def _transfer(payment: Payment) -> dict[str, Any] | None:
    if payment.method != "TRANSFER":
        return None
    return {"bankCode": payment.bank, "settlementStatus": "INCOMPLETED"}


def _easy_pay(payment: Payment) -> dict[str, Any] | None:
    if payment.method != "EASY_PAY":
        return None
    return {"provider": payment.easy_pay, "amount": payment.total, "discountAmount": 0}


def _cancel(cancel: dict[str, Any]) -> dict[str, Any]:
    return {
        "cancelAmount": cancel["amount"],
        "cancelReason": cancel["reason"],
        "taxFreeAmount": 0,
        "taxExemptionAmount": 0,
        "refundableAmount": cancel["left"],
        "cardDiscountAmount": 0,
        "transferDiscountAmount": 0,
        "easyPayDiscountAmount": 0,
        "canceledAt": iso(cancel["at"]),
        "transactionKey": cancel["key"],
        "receiptKey": None,
        "cancelStatus": "DONE",
        "cancelRequestId": None,
    }
