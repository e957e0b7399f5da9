"""What follows by itself once `acme` is a folder and a line; `test_third_provider.py` runs this in a copy of the shop.

Not collected from here: in this tree there is no such provider.
"""

import html
import re

import pytest
import requests

from tests.conftest import MakeShop
from tests.providers.acme_buyer import checkout, opened, press, value
from tests.shop_server import PRODUCT, RunningShop
from webapp.devserver import commands
from webapp.settings import load_settings

ACME_HOST, STRIPE_HOST, TOSS_HOST = "https://pay.acme.test", "https://js.stripe.com", "https://js.tosspayments.com"


@pytest.fixture
def shop(sqlite_shop: RunningShop) -> RunningShop:
    return sqlite_shop


def test_without_keys_the_sandbox_plays_it() -> None:
    settings = load_settings({"PORT": "3000"})

    assert settings.sandbox
    assert settings.providers["acme"].mode == "sandbox"
    assert "acme=http://127.0.0.1:3000/payment/acme/webhook" in commands(settings)["sandbox"]


def test_its_keys_alone_make_a_shop() -> None:
    keys = {
        "ACME_SHOP_ID": "shop_1234",
        "ACME_SECRET_KEY": "acme_test_12345678",
        "ACME_WEBHOOK_SECRET": "hook_12345678",
    }

    settings = load_settings(keys)

    assert (settings.sandbox, {name: config.mode for name, config in settings.providers.items()}) == (
        False,
        {"acme": "test"},
    )
    with pytest.raises(ValueError, match="ACME_WEBHOOK_SECRET is missing"):
        load_settings({**keys, "ACME_WEBHOOK_SECRET": ""})


def test_the_codes_of_every_provider_are_audited_with_its_own(shop: RunningShop) -> None:
    done = shop.app.test_cli_runner().invoke(args=["codes", "audit"])

    assert (done.exit_code, done.output) == (0, "every documented code has a meaning\n")


def test_the_sandbox_shows_it_on_its_panel(shop: RunningShop) -> None:
    order_id, pay_url = opened(shop, shop.browse())
    press(pay_url)

    panel = requests.get(f"{shop.sandbox.origin}/sandbox", timeout=10).text

    assert "<h2>Acme</h2>" in panel
    assert order_id in panel
    assert f"{shop.origin}/payment/acme/webhook" in panel


@pytest.mark.parametrize("currency, expected", [("EUR", ["stripe", "acme"]), ("KRW", ["toss", "stripe", "acme"])])
def test_the_checkout_page_offers_it_where_it_takes_the_currency(
    shop: RunningShop, currency: str, expected: list[str]
) -> None:
    page = html.unescape(checkout(shop.browse(), currency=currency)).partition('class="ways"')[2].partition("</nav>")[0]

    assert re.findall(rf'href="/checkout/{PRODUCT}\?currency={currency}&provider=(\w+)"', page) == expected
    assert "provider=acme" not in re.findall(r"currency=(?:USD|JPY)&(\S+?)\"", page)


def test_the_pane_and_its_script_are_served(shop: RunningShop) -> None:
    buyer = shop.browse()

    page = checkout(buyer)

    assert "data-acme" in page
    assert "data-pay" in page
    (script,) = re.findall(r'src="(/static/panes/[^"]+)"', page)
    assert script == "/static/panes/acme/pane.js"
    assert "Acme.pay" in buyer.get(script).text
    assert requests.get(value(page, "sdk-url"), timeout=10).headers["Content-Type"].startswith("text/javascript")


@pytest.mark.parametrize("provider, host", [("acme", ACME_HOST), ("stripe", STRIPE_HOST)])
def test_the_policy_of_the_page_names_the_host_of_the_provider_it_shows(
    make_shop: MakeShop, sqlite_url: str, provider: str, host: str
) -> None:
    elsewhere = {
        "ACME_PAY_BASE": ACME_HOST,
        "STRIPE_SDK_URL": f"{STRIPE_HOST}/endive/stripe.js",
        "TOSS_SDK_URL": f"{TOSS_HOST}/v2/standard",
    }
    shop = make_shop(sqlite_url, **elsewhere)

    answer = shop.browse().get(f"/checkout/{PRODUCT}", params={"currency": "EUR", "provider": provider})

    policy = answer.headers["Content-Security-Policy"]
    scripts = next(rule for rule in policy.split("; ") if rule.startswith("script-src "))
    assert [known for known in (ACME_HOST, STRIPE_HOST, TOSS_HOST) if known in scripts.split()] == [host]
    for other in {"acme", "stripe.com", "tosspayments"} - {"acme" if provider == "acme" else "stripe.com"}:
        assert other not in policy
