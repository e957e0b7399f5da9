"""What an intent is made of, and what the browser is given to pay it with."""

from collections.abc import Mapping

from webapp.domain.snapshots import PaymentSnapshot
from webapp.providers.port import Attempt, Opened, Pane
from webapp.providers.stripe.fields import Json, Nonsense, required_text
from webapp.providers.stripe.mapping import ACTION

#: Longer than any address that Stripe's form takes.
_LONGEST = 500


def return_url(attempt: Attempt) -> str:
    """Where Stripe.js sends the buyer back to; it keeps our parameter and adds its own."""
    joint = "&" if "?" in attempt.success_url else "?"
    return f"{attempt.success_url}{joint}order={attempt.order_ref}"


def opened(attempt: Attempt, intent: Json, snapshot: PaymentSnapshot, *, publishable_key: str, sdk_url: str) -> Opened:
    """The form, or the bank's open question where the buyer left in the middle of one. Raises Nonsense."""
    secret = required_text(intent, "client_secret", _LONGEST)
    if not secret.startswith(f"{snapshot.provider_ref}_secret_"):
        raise Nonsense("client_secret")
    values = {
        "kind": "action" if snapshot.word == ACTION else "form",
        "sdk-url": sdk_url,
        "publishable-key": publishable_key,
        "client-secret": secret,
        "return-url": return_url(attempt),
        "order-id": attempt.order_ref,
        "amount": str(attempt.amount.minor),
        "currency": attempt.amount.currency,
        "locale": attempt.locale,
        "customer-email": attempt.customer_email if len(attempt.customer_email) <= _LONGEST else "",
        "customer-name": attempt.customer_name or "",
    }
    client: Mapping[str, object] = {"clientSecret": secret, "publishableKey": publishable_key}
    return Opened(
        pane=Pane(template="stripe/pane.html", script="stripe/pane.js", sdk_url=sdk_url, values=values),
        client=client,
        provider_ref=snapshot.provider_ref,
        snapshot=snapshot,
    )
