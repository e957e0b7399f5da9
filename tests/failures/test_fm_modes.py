"""Test and live keys: a shop has one kind, and a payment is asked about with the kind that it was made with."""

from itertools import product

import pytest

from tests.conftest import MakeShop
from tests.failures.conftest import Buy
from tests.failures.stripe_purchase import order_on
from tests.shop_server import PRODUCT, RunningShop
from webapp.settings import SettingsError, load_settings

SLOTS = {
    "TOSS_CLIENT_KEY": "{}_ck_lookalike00",
    "TOSS_SECRET_KEY": "{}_sk_lookalike00",
    "TOSS_WIDGET_CLIENT_KEY": "{}_gck_lookalike0",
    "TOSS_WIDGET_SECRET_KEY": "{}_gsk_lookalike0",
    "STRIPE_PUBLISHABLE_KEY": "pk_{}_lookalike00",
    "STRIPE_SECRET_KEY": "sk_{}_lookalike00",
}


def keys(*modes: str) -> dict[str, str]:
    """A key of each of these modes for each setting, in the settings' order."""
    return {name: form.format(mode) for (name, form), mode in zip(SLOTS.items(), modes, strict=True)}


def refusal(env: dict[str, str]) -> str:
    """What the start is refused with; empty where the shop starts."""
    try:
        load_settings(env)
    except SettingsError as refused:
        return str(refused)
    return ""


def test_fm_64_keys_of_two_modes_stop_the_start_whoever_they_belong_to() -> None:
    modes = list(product(("test", "live"), repeat=len(SLOTS)))
    said = {each: refusal(keys(*each)) for each in modes}

    assert [each for each in modes if not said[each]] == [("test",) * 6, ("live",) * 6]
    for sentence in filter(None, said.values()):
        assert "test" in sentence
        assert "live" in sentence
        assert "lookalike" not in sentence


@pytest.mark.parametrize("app_env", ["development", "production"])
def test_fm_64_one_provider_that_takes_real_money_beside_one_that_plays_is_refused(app_env: str) -> None:
    with pytest.raises(SettingsError, match="toss are live, stripe are test"):
        load_settings({"APP_ENV": app_env, **keys(*["live"] * 4, *["test"] * 2)})


def other_keys(make_shop: MakeShop, database_url: str, shop: RunningShop) -> RunningShop:
    """The same shop, restarted with keys that are no sandbox's; the provider would answer them."""
    base = f"http://localhost:{shop.sandbox.port}/toss"
    test_keys = {"TOSS_CLIENT_KEY": "test_ck_lookalike00", "TOSS_SECRET_KEY": "test_sk_lookalike00"}
    return make_shop(database_url, TOSS_API_BASE=base, TOSS_SDK_URL=f"{base}/v2/standard", **test_keys)


def test_fm_64_a_payment_is_never_asked_about_with_keys_of_another_mode(
    make_shop: MakeShop, database_url: str, hasty_shop: RunningShop, buy: Buy
) -> None:
    hasty_shop.sandbox.fault(call="confirm", then="reset", apply=True)
    purchase = buy(hasty_shop)
    purchase.back()
    assert (purchase.payment()["status"], purchase.payment()["mode"]) == ("confirming", "sandbox")
    asked = hasty_shop.sandbox.calls()
    restarted = other_keys(make_shop, database_url, hasty_shop)

    restarted.clock.advance(3600)
    restarted.sweep()

    assert restarted.sandbox.calls() == asked
    assert purchase.payment()["status"] == "confirming", "nothing is concluded from keys that know nothing of it"
    assert restarted.rows("SELECT kind, object_id FROM alerts WHERE kind = 'provider_code'")

    hasty_shop.clock.advance(7200)
    hasty_shop.sweep()  # the right keys are back
    hasty_shop.work()
    purchase.is_sold_once()


def test_fm_64_an_open_order_goes_on_in_the_mode_of_todays_keys(
    make_shop: MakeShop, database_url: str, deaf_shop: RunningShop
) -> None:
    order_id, _ = deaf_shop.browse().checkout()
    restarted = other_keys(make_shop, database_url, deaf_shop)

    page = restarted.browse().get(f"/checkout/{PRODUCT}")

    assert order_on(restarted, page.text) == order_id
    attempts = [(row["mode"], row["status"]) for row in restarted.payments(order_id)]
    assert attempts == [("sandbox", "canceled"), ("test", "pending")]
