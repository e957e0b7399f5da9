"""What Stripe.js puts on the return address: `payment_intent`, its client secret, and `redirect_status`.

The last two are never looked at: the secret belongs to the buyer, and the status can be typed by anybody.
"""

from collections.abc import Mapping, Sequence

from webapp.domain.arrivals import Return
from webapp.domain.failures import Malformed
from webapp.domain.identifiers import ORDER_ID
from webapp.providers.stripe.rules import is_intent_id


def read_return(query: Mapping[str, Sequence[str]]) -> Return | None:
    """The buyer's return; None when this query is not Stripe's. Unknown parameters are ignored.

    `order` is our own, on the address that we gave; a page of the shop's own may leave it out, it is "" then.

    Raises:
        Malformed: a parameter is doubled, or not in its documented shape.
    """
    intents, orders = query.get("payment_intent", ()), query.get("order", ())
    if not intents:
        return None
    if len(intents) != 1 or len(orders) > 1:
        raise Malformed("payment_intent exactly once, order at most once")
    return checked(intents[0], orders[0] if orders else "")


def checked(intent: str, order_id: str) -> Return:
    """The two values in their documented shapes; `order_id` may be "".

    Raises:
        Malformed: one of them isn't.
    """
    if not is_intent_id(intent) or (order_id and not ORDER_ID.match(order_id)):
        raise Malformed("payment_intent or order is not in its documented shape")
    return Return(provider_ref=intent, order_ref=order_id, amount_minor=None)
