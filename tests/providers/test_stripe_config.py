"""Stripe's settings: what they make of themselves, and every way to get them wrong (FM-50, FM-64)."""

import pytest

from webapp.providers.stripe.config import StripeConfig

TEST = {
    "STRIPE_PUBLISHABLE_KEY": "pk_test_51Dq4mXw9pZr",
    "STRIPE_SECRET_KEY": "sk_test_51Kb7vNs2cYt",
    "STRIPE_WEBHOOK_SECRET": "whsec_Hu3gLe8oQaWi6jRf1dPz",
}
LIVE = {
    "STRIPE_PUBLISHABLE_KEY": "pk_live_51Dq4mXw9pZr",
    "STRIPE_SECRET_KEY": "sk_live_51Kb7vNs2cYt",
    "STRIPE_WEBHOOK_SECRET": "whsec_Hu3gLe8oQaWi6jRf1dPz",
}


def config(**env: str) -> StripeConfig:
    return StripeConfig.from_env(env, sandbox_origin=None)


@pytest.mark.parametrize(
    "env, mode",
    [
        (TEST, "test"),
        (LIVE, "live"),
        (TEST | {"STRIPE_SECRET_KEY": "rk_test_51Kb7vNs2cYt"}, "test"),
        (LIVE | {"STRIPE_SECRET_KEY": "rk_live_51Kb7vNs2cYt"}, "live"),
        (TEST | {"STRIPE_WEBHOOK_SECRET": ""}, "test"),
    ],
)
def test_good_settings_have_no_problems(env: dict[str, str], mode: str) -> None:
    found = config(**env)
    assert (found.problems(), found.mode) == ([], mode)


def test_without_any_key_there_is_nothing_to_complain_about() -> None:
    assert config().problems() == []


def test_the_addresses_are_the_real_ones_unless_set() -> None:
    found = config(**TEST)
    assert found.api_base == "https://api.stripe.com"
    assert found.sdk_url == "https://js.stripe.com/endive/stripe.js"
    assert found.sources.script == ("https://js.stripe.com", "https://*.js.stripe.com")
    assert "https://hooks.stripe.com" in found.sources.frame
    assert "https://api.stripe.com" in found.sources.connect


def test_the_script_and_the_package_are_of_one_release() -> None:
    import stripe

    assert f"/{stripe.api_version.split('.')[1]}/" in config(**TEST).sdk_url


def test_the_sandbox_fills_in_what_is_missing() -> None:
    found = StripeConfig.from_env({}, sandbox_origin="http://localhost:3001")
    assert (found.problems(), found.production_problems(), found.mode) == ([], [], "sandbox")
    assert found.api_base == "http://localhost:3001/stripe"
    assert found.sdk_url == "http://localhost:3001/stripe/endive/stripe.js"
    assert found.webhook_secrets == ("whsec_sandboxshop",)
    assert found.sources.script == found.sources.frame == ("http://localhost:3001",)


def test_a_stand_in_is_reached_by_its_addresses_only() -> None:
    found = config(**TEST, STRIPE_API_BASE="http://127.0.0.1:9/s/", STRIPE_SDK_URL="http://localhost:8/sdk.js")
    assert found.problems() == []
    assert found.api_base == "http://127.0.0.1:9/s"
    assert found.sources.script == ("http://localhost:8",)
    assert found.sources.connect == ("http://localhost:8", "http://127.0.0.1:9")


@pytest.mark.parametrize(
    "change, named",
    [
        ({"STRIPE_SECRET_KEY": ""}, "STRIPE_SECRET_KEY is missing"),
        ({"STRIPE_PUBLISHABLE_KEY": ""}, "STRIPE_PUBLISHABLE_KEY is missing"),
        ({"STRIPE_SECRET_KEY": "pk_test_51Dq4mXw9pZr"}, "STRIPE_SECRET_KEY holds a publishable key"),
        ({"STRIPE_PUBLISHABLE_KEY": "sk_test_51Kb7vNs2cYt"}, "STRIPE_PUBLISHABLE_KEY holds a secret key"),
        ({"STRIPE_PUBLISHABLE_KEY": "rk_test_51Kb7vNs2cYt"}, "STRIPE_PUBLISHABLE_KEY holds a restricted key"),
        ({"STRIPE_SECRET_KEY": "whsec_Hu3gLe8oQaWi6jRf"}, "STRIPE_SECRET_KEY holds a webhook secret"),
        ({"STRIPE_WEBHOOK_SECRET": "sk_test_51Kb7vNs2cYt"}, "STRIPE_WEBHOOK_SECRET holds a secret key"),
        ({"STRIPE_SECRET_KEY": "sk_live_51Kb7vNs2cYt"}, "mix live (STRIPE_SECRET_KEY) with test"),
        ({"STRIPE_PUBLISHABLE_KEY": "pk_live_51Dq4mXw9pZr"}, "mix live (STRIPE_PUBLISHABLE_KEY) with test"),
        ({"STRIPE_SECRET_KEY": "sk_test_your_key_here"}, "STRIPE_SECRET_KEY still holds an example"),
        ({"STRIPE_SECRET_KEY": "changeme"}, "STRIPE_SECRET_KEY still holds an example"),
        ({"STRIPE_WEBHOOK_SECRET": "whsec_..."}, "STRIPE_WEBHOOK_SECRET still holds an example"),
        ({"STRIPE_WEBHOOK_SECRET": "whsec_xxxxxxxx"}, "STRIPE_WEBHOOK_SECRET still holds an example"),
        ({"STRIPE_SECRET_KEY": "   "}, "STRIPE_SECRET_KEY is blank"),
        ({"STRIPE_WEBHOOK_SECRET": " "}, "STRIPE_WEBHOOK_SECRET is blank"),
        ({"STRIPE_WEBHOOK_SECRET": "whsec_Hu3gLe8oQaWi6jRf,"}, "STRIPE_WEBHOOK_SECRET is blank"),
        ({"STRIPE_WEBHOOK_SECRET": "whsec_Hu3gLe8oQaWi6jRf;whsec_Kb7vNs2cYt"}, "is not a webhook secret"),
        ({"STRIPE_WEBHOOK_SECRET": "we_1Hu3gLe8oQa"}, "STRIPE_WEBHOOK_SECRET is not a webhook secret"),
        ({"STRIPE_SECRET_KEY": "\ufeffsk_test_51Kb7vNs2cYt"}, "STRIPE_SECRET_KEY starts with a byte-order mark"),
        ({"STRIPE_SECRET_KEY": "sk_test_51Kb7vNs2cYt "}, "STRIPE_SECRET_KEY holds a space"),
        ({"STRIPE_SECRET_KEY": "sk_test_51Kb\u200b7vNs2cYt"}, "STRIPE_SECRET_KEY holds a space or another invisible"),
        ({"STRIPE_SECRET_KEY": "test_sk_Kb7vNs2cYt"}, "STRIPE_SECRET_KEY is not a Stripe key"),
        ({"STRIPE_PUBLISHABLE_KEY": "pk_51Dq4mXw9pZr"}, "STRIPE_PUBLISHABLE_KEY is not a Stripe key"),
        ({"STRIPE_API_BASE": "api.stripe.com"}, "STRIPE_API_BASE is not a web address"),
        ({"STRIPE_API_BASE": "http://api.example.test"}, "STRIPE_API_BASE must be https"),
        ({"STRIPE_SDK_URL": "ftp://example.test"}, "STRIPE_SDK_URL is not a web address"),
        ({"STRIPE_SDK_URL": "http://[::1"}, "STRIPE_SDK_URL is not a web address"),
        ({**LIVE, "STRIPE_API_BASE": "http://localhost:3001/stripe"}, "STRIPE_API_BASE leads to a stand-in"),
    ],
)
def test_fm_64_what_is_wrong_is_named_without_its_value(change: dict[str, str], named: str) -> None:
    env = TEST | change
    problems = config(**env).problems()
    assert any(named in problem for problem in problems), problems
    values = [value for name, value in env.items() if value.strip() and not name.endswith(("BASE", "URL"))]
    assert not any(value in problem for problem in problems for value in values)


def test_every_problem_is_told_at_once() -> None:
    problems = config(STRIPE_SECRET_KEY="changeme", STRIPE_WEBHOOK_SECRET="sk_test_51Kb7v", STRIPE_API_BASE="x")
    assert len(problems.problems()) == 4


def test_fm_51_several_webhook_secrets_are_separated_by_commas() -> None:
    found = config(**TEST | {"STRIPE_WEBHOOK_SECRET": "whsec_Hu3gLe8oQaWi6jRf, whsec_Kb7vNs2cYtDq4mXw"})
    assert found.problems() == []
    assert found.webhook_secrets == ("whsec_Hu3gLe8oQaWi6jRf", "whsec_Kb7vNs2cYtDq4mXw")


def test_fm_50_production_does_not_start_without_a_webhook_secret() -> None:
    for value in ("", " ", ","):
        (problem,) = config(**TEST | {"STRIPE_WEBHOOK_SECRET": value}).production_problems()
        assert "STRIPE_WEBHOOK_SECRET is missing" in problem
    assert config(**TEST).production_problems() == []


@pytest.mark.parametrize("name", StripeConfig.SLOTS)
def test_one_key_is_a_beginning(name: str) -> None:
    assert StripeConfig.is_configured({name: "x"})
    assert not StripeConfig.is_configured({name: "", "STRIPE_API_BASE": "x"})


def test_a_webhook_secret_alone_is_half_a_set() -> None:
    problems = config(STRIPE_WEBHOOK_SECRET=TEST["STRIPE_WEBHOOK_SECRET"]).problems()
    assert [problem.split()[0] for problem in problems] == ["STRIPE_PUBLISHABLE_KEY", "STRIPE_SECRET_KEY"]


def test_secrets_print_as_stars() -> None:
    shown = f"{config(**TEST)!r} {config(**TEST).model_dump()} {config(**TEST).model_dump_json()}"
    assert TEST["STRIPE_SECRET_KEY"] not in shown
    assert TEST["STRIPE_WEBHOOK_SECRET"] not in shown


def test_the_guides_snippet_gets_the_publishable_key() -> None:
    found = config(**TEST)
    assert found.guide("2.5") == (found.sdk_url, {"publishableKey": TEST["STRIPE_PUBLISHABLE_KEY"]})
    assert found.guide("1.5") is None
