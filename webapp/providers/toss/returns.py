"""What Toss puts on the success address: `paymentKey`, `orderId`, `amount`, and `paymentType` from the widget."""

import re
from collections.abc import Mapping, Sequence

from webapp.domain.arrivals import Return
from webapp.domain.failures import Malformed
from webapp.domain.identifiers import ORDER_ID

_PAYMENT_KEY = re.compile(r"[A-Za-z0-9_-]{1,200}\Z")

#: 1 to 15 digits, as the contract has it; more is no price.
_AMOUNT = re.compile(r"[0-9]{1,15}\Z", re.ASCII)


def read_return(query: Mapping[str, Sequence[str]]) -> Return | None:
    """The buyer's return; None when this query is not Toss's. Unknown parameters are ignored.

    Raises:
        Malformed: a parameter is missing, doubled, or not in its documented shape.
    """
    if "paymentKey" not in query and "orderId" not in query:
        return None
    values = {name: query.get(name, ()) for name in ("paymentKey", "orderId", "amount")}
    if any(len(given) != 1 for given in values.values()):
        raise Malformed("each of paymentKey, orderId and amount exactly once")
    key, order_id, amount = (given[0] for given in values.values())
    # A wallet's own payments would need another confirm address; nobody here has contracted one.
    kinds = query.get("paymentType", ("NORMAL",))
    if list(kinds) != ["NORMAL"]:
        raise Malformed("paymentType")
    return checked(key, order_id, amount)


def checked(key: str, order_id: str, amount: str) -> Return:
    """The three values in their documented shapes.

    Raises:
        Malformed: one of them isn't.
    """
    if not _PAYMENT_KEY.match(key) or not ORDER_ID.match(order_id) or not _AMOUNT.match(amount):
        raise Malformed("paymentKey, orderId or amount is not in its documented shape")
    return Return(provider_ref=key, order_ref=order_id, amount_minor=int(amount))
