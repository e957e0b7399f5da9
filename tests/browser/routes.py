"""Which scene shows the page of which route. A route that has none says why."""

from flask import Flask

#: Endpoint → the scene that shows its page as it usually is. Its other states are scenes too.
SHOWN = {
    "catalog.index": "catalogue",
    "catalog.show": "product",
    "checkout.show": "checkout",
    "landing.fail": "fail-declined",
    "landing.success": "refused-unknown",
    "payments.index": "history-full",
    "payments.show": "payment-completed",
    "payments.receipt": "receipt",
    "accounts.login": "login",
    "accounts.signup": "signup",
    "account.index": "account",
    "account.name": "account-name",
    "account.email": "account-email",
    "account.password": "account-password",
    "account.close": "account-close",
    "account.closed": "account-closed",
    "account_access.sessions": "account-sessions",
    "account_access.tokens": "account-tokens",
    "account_links.forgot": "password-forgot",
    "account_links.sent": "password-sent",
    "account_links.reset": "password-reset",
    "account_links.confirm": "confirm-link",
    "account_links.change": "change-link",
    "reference.docs": "reference",
    "design.index": "design",
    "guide.index": "guide",
    "guide.run": "guide-card",
    "guide.reading": "guide-reading",
}

#: Endpoints of GET that show no page of ours, and what they answer instead.
NO_PAGE = {
    "static": "our own files",
    "panes.script": "the providers' files",
    "catalog.robots": "plain text, for search engines",
    "reading_api.show": "JSON",
    "reading_api.history": "JSON",
    "reference.openapi": "JSON",
    "health.healthz": "one word, for machines",
    "health.readyz": "one word, for machines",
    "metrics.metrics": "figures, for machines",
    "guide.panel": "leads to the sandbox's own page",
    "guide.fail": "leads back to the guide",
    "guide.success": "the guide's page again, whose snippet ends by leading away from it",
}


def endpoint_of(app: Flask, path: str) -> str:
    """The endpoint that answers GET for a path, with or without a query."""
    endpoint, _values = app.url_map.bind("127.0.0.1").match(path.split("?", maxsplit=1)[0], method="GET")
    return str(endpoint)


def get_endpoints(app: Flask) -> set[str]:
    """Every endpoint that answers GET."""
    return {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
