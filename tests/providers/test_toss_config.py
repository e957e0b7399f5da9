"""Toss's settings: what they make of themselves, and every way to get them wrong (FM-50, FM-64)."""

import pytest

from webapp.providers.toss.config import TossConfig

API = {"TOSS_CLIENT_KEY": "test_ck_Dq4mXw9pZr", "TOSS_SECRET_KEY": "test_sk_Kb7vNs2cYt"}
WIDGET = {"TOSS_WIDGET_CLIENT_KEY": "test_gck_Hu3gLe8oQa", "TOSS_WIDGET_SECRET_KEY": "test_gsk_Wi6jRf1dPz"}
LIVE = {"TOSS_CLIENT_KEY": "live_ck_Dq4mXw9pZr", "TOSS_SECRET_KEY": "live_sk_Kb7vNs2cYt"}


def config(**env: str) -> TossConfig:
    return TossConfig.from_env(env, sandbox_origin=None)


@pytest.mark.parametrize(
    "env, pairs, mode",
    [
        (API, ("api",), "test"),
        (WIDGET, ("widget",), "test"),
        (API | WIDGET, ("widget", "api"), "test"),
        (LIVE, ("api",), "live"),
    ],
)
def test_good_settings_have_no_problems(env: dict[str, str], pairs: tuple[str, ...], mode: str) -> None:
    found = config(**env)
    assert found.problems() == []
    assert (found.key_pairs, found.mode) == (pairs, mode)


def test_the_addresses_are_the_real_ones_unless_set() -> None:
    found = config(**API)
    assert found.api_base == "https://api.tosspayments.com"
    assert found.sdk_url == "https://js.tosspayments.com/v2/standard"
    assert found.sdk_v1_url == "https://js.tosspayments.com/v1/payment"
    assert found.sources.script == ("https://js.tosspayments.com",)
    assert found.sources.frame == ("https://*.tosspayments.com", "https://*.toss.im")
    assert found.sources.connect == found.sources.image == found.sources.form == found.sources.frame


def test_the_sandbox_fills_in_what_is_missing() -> None:
    found = TossConfig.from_env({}, sandbox_origin="http://localhost:3001")
    assert found.problems() == []
    assert (found.mode, found.key_pairs) == ("sandbox", ("widget", "api"))
    assert found.api_base == "http://localhost:3001/toss"
    assert found.sdk_url == "http://localhost:3001/toss/v2/standard"
    assert found.sdk_v1_url == "http://localhost:3001/toss/v1/payment"
    assert found.sources.script == found.sources.frame == ("http://localhost:3001",)


def test_a_stand_in_is_reached_by_its_addresses_only() -> None:
    found = config(**API, TOSS_API_BASE="http://127.0.0.1:9/t/", TOSS_SDK_URL="http://localhost:8/sdk.js")
    assert found.problems() == []
    assert found.api_base == "http://127.0.0.1:9/t"
    assert found.sources.script == ("http://localhost:8",)
    assert found.sources.connect == ("http://localhost:8", "http://127.0.0.1:9")


@pytest.mark.parametrize(
    "change, named",
    [
        ({"TOSS_SECRET_KEY": ""}, "TOSS_SECRET_KEY is missing"),
        ({"TOSS_CLIENT_KEY": ""}, "TOSS_CLIENT_KEY is missing"),
        ({"TOSS_WIDGET_CLIENT_KEY": "test_gck_Hu3gLe8oQa"}, "TOSS_WIDGET_SECRET_KEY is missing"),
        ({"TOSS_WIDGET_SECRET_KEY": "test_gsk_Wi6jRf1dPz"}, "TOSS_WIDGET_CLIENT_KEY is missing"),
        ({"TOSS_CLIENT_KEY": "test_gck_Hu3gLe8oQa"}, "TOSS_CLIENT_KEY holds a widget client key"),
        ({"TOSS_SECRET_KEY": "test_gsk_Wi6jRf1dPz"}, "TOSS_SECRET_KEY holds a widget secret key"),
        ({"TOSS_SECRET_KEY": "test_ck_Dq4mXw9pZr"}, "TOSS_SECRET_KEY holds an API client key"),
        ({"TOSS_CLIENT_KEY": "test_sk_Kb7vNs2cYt"}, "TOSS_CLIENT_KEY holds an API secret key"),
        ({"TOSS_SECRET_KEY": "live_sk_Kb7vNs2cYt"}, "mix live (TOSS_SECRET_KEY) with test (TOSS_CLIENT_KEY)"),
        (
            {"TOSS_WIDGET_CLIENT_KEY": "live_gck_Hu3gLe8oQa", "TOSS_WIDGET_SECRET_KEY": "live_gsk_Wi6jRf1dPz"},
            "mix live",
        ),
        ({"TOSS_SECRET_KEY": "test_sk_your_key_here"}, "TOSS_SECRET_KEY still holds an example"),
        ({"TOSS_SECRET_KEY": "changeme"}, "TOSS_SECRET_KEY still holds an example"),
        ({"TOSS_SECRET_KEY": "   "}, "TOSS_SECRET_KEY is blank"),
        ({"TOSS_SECRET_KEY": "\ufefftest_sk_Kb7vNs2cYt"}, "TOSS_SECRET_KEY starts with a byte-order mark"),
        ({"TOSS_SECRET_KEY": "test_sk_Kb7vNs2cYt "}, "TOSS_SECRET_KEY holds a space"),
        ({"TOSS_SECRET_KEY": "test_sk_Kb7v\u200bNs2cYt"}, "TOSS_SECRET_KEY holds a space or another invisible"),
        ({"TOSS_SECRET_KEY": "sk_live_Kb7vNs2cYt"}, "TOSS_SECRET_KEY is not a Toss key"),
        ({"TOSS_API_BASE": "api.tosspayments.com"}, "TOSS_API_BASE is not a web address"),
        ({"TOSS_API_BASE": "http://api.example.test"}, "TOSS_API_BASE must be https"),
        ({"TOSS_SDK_URL": "ftp://example.test"}, "TOSS_SDK_URL is not a web address"),
        ({**LIVE, "TOSS_API_BASE": "http://localhost:3001/toss"}, "TOSS_API_BASE leads to a stand-in"),
    ],
)
def test_fm_64_what_is_wrong_is_named_without_its_value(change: dict[str, str], named: str) -> None:
    env = API | change
    problems = config(**env).problems()
    assert any(named in problem for problem in problems), problems
    values = [value for name, value in env.items() if value.strip() and "KEY" in name]
    assert not any(value in problem for problem in problems for value in values)


def test_every_problem_is_told_at_once() -> None:
    problems = config(
        TOSS_SECRET_KEY="changeme", TOSS_WIDGET_CLIENT_KEY="test_ck_Dq4mXw9pZr", TOSS_API_BASE="x"
    ).problems()
    assert len(problems) == 5


@pytest.mark.parametrize("name", TossConfig.SLOTS)
def test_one_key_is_a_beginning(name: str) -> None:
    assert TossConfig.is_configured({name: "x"})
    assert not TossConfig.is_configured({name: "", "TOSS_API_BASE": "x"})


def test_secrets_print_as_stars() -> None:
    shown = f"{config(**API | WIDGET)!r} {config(**API).model_dump()} {config(**API).model_dump_json()}"
    assert API["TOSS_SECRET_KEY"] not in shown
    assert WIDGET["TOSS_WIDGET_SECRET_KEY"] not in shown
