"""The reading calls: one payment by key or order, and the list of transactions."""

from collections.abc import Mapping
from typing import Any

from webapp.providers.toss.emulator.keys import KeyPair
from webapp.providers.toss.emulator.korea import METHODS, iso, parse_bare
from webapp.providers.toss.emulator.payment import Payment
from webapp.providers.toss.emulator.refusals import Refusal
from webapp.providers.toss.emulator.state import Toss
from webapp.sandbox.wire import Answer

_PAGE, _LONGEST_PAGE = 100, 5000


def by_key(toss: Toss, pair: KeyPair, key: str, *, english: bool) -> Answer:
    """GET /v1/payments/{paymentKey}."""
    payment = toss.payments.find(key)
    if payment is None or payment.pair != pair.name:
        raise Refusal("NOT_FOUND_PAYMENT")
    # guess: payments that are not approved yet are shown as well.
    return Answer(200, toss.show(toss.expire_if_late(payment), english=english))


def by_order(toss: Toss, pair: KeyPair, order_id: str, *, english: bool) -> Answer:
    """GET /v1/payments/orders/{orderId}."""
    found = toss.payments.of_order(pair.name, order_id)
    if not found:
        raise Refusal("NOT_FOUND_PAYMENT")
    # guess: of several payments for one orderId the newest that got anywhere is meant.
    moved = [payment for payment in found if payment.transactions]
    payment = (moved or found)[-1]
    return Answer(200, toss.show(toss.expire_if_late(payment), english=english))


def transactions(toss: Toss, pair: KeyPair, query: Mapping[str, str]) -> Answer:
    """GET /v1/transactions: oldest first, after `startingAfter`, at most `limit`."""
    try:
        start, end = parse_bare(query["startDate"]), parse_bare(query["endDate"])
        limit = int(query.get("limit", _PAGE))
    except (KeyError, ValueError) as problem:
        raise Refusal("INVALID_REQUEST") from problem
    rows = [
        (entry["at"], _transaction(toss, payment, entry))
        for payment in toss.payments.all()
        if payment.pair == pair.name
        for entry in payment.transactions
        if start <= entry["at"] <= end
    ]
    listed = [row for _, row in sorted(rows, key=lambda pair_of: pair_of[0])]
    keys = [row["transactionKey"] for row in listed]
    after = query.get("startingAfter")
    first = keys.index(after) + 1 if after in keys else 0
    return Answer(200, listed[first : first + max(1, min(limit, _LONGEST_PAGE))])


def _transaction(toss: Toss, payment: Payment, entry: dict[str, Any]) -> dict[str, Any]:
    shown = toss.show(payment)
    return {
        "mId": shown["mId"],
        "transactionKey": entry["key"],
        "paymentKey": payment.key,
        "orderId": payment.order_id,
        "method": METHODS[payment.method][0] if payment.method else None,
        "customerKey": payment.customer_key,
        "useEscrow": False,
        "receiptUrl": shown["receipt"]["url"] if shown["receipt"] else None,
        "status": entry["status"],
        "transactionAt": iso(entry["at"]),
        "currency": payment.currency,
        # guess: the amount of a cancel is listed without a minus sign.
        "amount": entry["amount"],
    }
