"""The Content-Security-Policy of the checkout page: the hosts of the provider that it shows, and nobody else's."""

import pytest

from tests.conftest import MakeShop
from tests.sandbox_server import RunningSandbox
from tests.shop_server import PRODUCT

TOSS = {"TOSS_WIDGET_CLIENT_KEY": "test_gck_lookalike0", "TOSS_WIDGET_SECRET_KEY": "test_gsk_lookalike0"}
STRIPE = {
    "STRIPE_PUBLISHABLE_KEY": "pk_test_sandboxshop",
    "STRIPE_SECRET_KEY": "sk_test_sandboxshop",
    "STRIPE_WEBHOOK_SECRET": "whsec_sandboxshop",
}


def hosts(policy: str) -> set[str]:
    """Every host that a policy lets the page load from."""
    words = {word for rule in policy.split("; ") for word in rule.split()[1:]}
    return {word.removeprefix("https://").removeprefix("*.") for word in words if "://" in word}


@pytest.mark.parametrize(
    "way, theirs, others",
    [
        ("currency=KRW&provider=toss", "tosspayments.com", "stripe.com"),
        ("currency=KRW&provider=stripe", "stripe.com", "toss"),
        ("currency=USD", "stripe.com", "toss"),
    ],
)
def test_the_checkout_page_may_load_from_the_provider_that_it_shows(
    make_shop: MakeShop, sqlite_url: str, sandbox: RunningSandbox, way: str, theirs: str, others: str
) -> None:
    # Real keys' addresses for both scripts; only Stripe's API, which makes the payment, is the sandbox's.
    shop = make_shop(sqlite_url, **TOSS, **STRIPE, STRIPE_API_BASE=f"{sandbox.origin}/stripe")

    answer = shop.browse().get(f"/checkout/{PRODUCT}?{way}")

    assert answer.status_code == 200, answer.text
    listed = hosts(answer.headers["Content-Security-Policy"])
    assert any(host.endswith(theirs) for host in listed)
    assert not any(others in host for host in listed), listed
    assert hosts(shop.browse().get("/payments").headers["Content-Security-Policy"]) == set()
