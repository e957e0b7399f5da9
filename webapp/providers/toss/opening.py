"""What the browser is given to pay with: our pane's values, and the guide's `tossConfig`."""

from collections.abc import Mapping

from webapp.providers.port import Attempt, Opened, Pane
from webapp.providers.toss.rules import cut, order_name

_LONGEST = 100


def opened(attempt: Attempt, client_key: str, sdk_url: str) -> Opened:
    """The widget for an attempt of the widget pair, the payment window for one of the API pair."""
    values = {
        "kind": "widget" if attempt.key_pair == "widget" else "window",
        "sdk-url": sdk_url,
        "client-key": client_key,
        "customer-key": attempt.customer_key,
        # Optional to Toss and at most 100 characters: half an address would be somebody else's.
        "customer-email": attempt.customer_email if len(attempt.customer_email) <= _LONGEST else "",
        "customer-name": cut(attempt.customer_name or "", _LONGEST),
        "order-id": attempt.order_ref,
        "order-name": order_name(attempt.order_name),
        "amount": str(attempt.amount.minor),
        "currency": attempt.amount.currency,
        "success-url": attempt.success_url,
        "fail-url": attempt.fail_url,
        "locale": attempt.locale,
    }
    pane = Pane(template="toss/pane.html", script="toss/pane.js", sdk_url=sdk_url, values=values)
    return Opened(pane=pane, client={"tossConfig": _toss_config(attempt, client_key)})


def _toss_config(attempt: Attempt, client_key: str) -> Mapping[str, object]:
    return {
        "clientKey": client_key,
        "orderId": attempt.order_ref,
        "orderName": order_name(attempt.order_name),
        "amount": attempt.amount.minor,
        "successUrl": attempt.success_url,
        "failUrl": attempt.fail_url,
        "customerKey": attempt.customer_key,
    }
