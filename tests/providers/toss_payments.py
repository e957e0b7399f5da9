"""Payment objects as Toss writes them."""

from datetime import UTC, datetime
from typing import Any

from webapp.domain.snapshots import PaymentSnapshot
from webapp.providers.toss.mapping import snapshot_of

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


def payment(**change: Any) -> dict[str, Any]:
    found = {
        "version": "2022-11-16",
        "paymentKey": "tviva20261123140000AbCd",
        "orderId": "ord_Kb7vNs2cYtDq4mXw9pZrAA",
        "orderName": "사주 리딩",
        "currency": "KRW",
        "method": "카드",
        "status": "DONE",
        "totalAmount": 13000,
        "balanceAmount": 13000,
        "requestedAt": "2026-11-23T13:58:00+09:00",
        "approvedAt": "2026-11-23T14:00:00+09:00",
        "lastTransactionKey": "tx_1",
        "cancels": None,
        "secret": "ps_KbVNsYtDqmXw",
        "card": {
            "issuerCode": "61",
            "acquirerCode": "31",
            "number": "45009900****008*",
            "installmentPlanMonths": 0,
            "approveNo": "00000000",
            "cardType": "신용",
            "ownerType": "개인",
            "amount": 13000,
        },
        "virtualAccount": None,
        "failure": None,
        "receipt": {"url": "https://dashboard.tosspayments.com/receipt/redirection?transactionId=tx_1"},
    }
    return found | change


def read(**change: Any) -> PaymentSnapshot:
    return snapshot_of(payment(**change), asked_at=NOW, key_pair="widget")


def cancel(amount: object, key: str = "tx_c", **change: Any) -> dict[str, Any]:
    return {
        "transactionKey": key,
        "cancelAmount": amount,
        "canceledAt": "2026-11-23T15:00:00+09:00",
        "cancelStatus": "DONE",
        "cancelReason": "김토스 님 요청",
        **change,
    }


ACCOUNT = {
    "accountNumber": "X6505636518308",
    "bankCode": "20",
    "customerName": "김토스",
    "dueDate": "2026-11-30T23:59:59+09:00",
    "expired": False,
    "refundReceiveAccount": {"bankCode": "20", "accountNumber": "1002123456789", "holderName": "김토스"},
}
WAITING = {
    "method": "가상계좌",
    "status": "WAITING_FOR_DEPOSIT",
    "approvedAt": None,
    "card": None,
    "virtualAccount": ACCOUNT,
}
