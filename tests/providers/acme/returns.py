"""What Acme puts on the success address: `acme_payment` and `acme_order`."""

import re
from collections.abc import Mapping, Sequence

from webapp.domain.arrivals import Return
from webapp.domain.failures import Malformed
from webapp.domain.identifiers import ORDER_ID

_PAYMENT = re.compile(r"acp_[A-Za-z0-9]{8,60}\Z")


def read_return(query: Mapping[str, Sequence[str]]) -> Return | None:
    """The buyer's return; None when this query is not Acme's.

    Raises:
        Malformed: a parameter is missing, doubled, or not in its documented shape.
    """
    if "acme_payment" not in query and "acme_order" not in query:
        return None
    payments, orders = query.get("acme_payment", ()), query.get("acme_order", ())
    if len(payments) != 1 or len(orders) != 1 or not _PAYMENT.match(payments[0]) or not ORDER_ID.match(orders[0]):
        raise Malformed("acme_payment and acme_order exactly once, in their documented shape")
    return Return(provider_ref=payments[0], order_ref=orders[0], amount_minor=None)
