"""The settings: defaults that work, and every mistake named at once, without its value."""

import gc
import re
import runpy
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pydantic import ValidationError

from tests.conftest import migrate
from webapp import create_app
from webapp.cli import DEMO_PASSWORD
from webapp.services import accounts
from webapp.settings import ROOT, Settings, SettingsError, load_settings
from webapp.wiring import wire

SECRET = "w7Jr0b2m9Xq4-long-enough-for-a-session-key"
LIVE = {"TOSS_CLIENT_KEY": "live_ck_lookalike00", "TOSS_SECRET_KEY": "live_sk_lookalike00"}
WIDGET = {"TOSS_WIDGET_CLIENT_KEY": "live_gck_lookalike0", "TOSS_WIDGET_SECRET_KEY": "live_gsk_lookalike0"}
TEST = {"TOSS_CLIENT_KEY": "test_ck_lookalike00", "TOSS_SECRET_KEY": "test_sk_lookalike00"}
PRODUCTION = {
    "APP_ENV": "production",
    "SECRET_KEY": SECRET,
    "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "DATABASE_URL": "postgresql://shop@127.0.0.1/shop",
    "PUBLIC_URL": "https://pay.chatju.test",
    "SMTP_URL": "smtp://shop:mail-password@127.0.0.1:587",
    **LIVE,
    **WIDGET,
}


def refused(env: dict[str, str]) -> str:
    """What `load_settings` says is wrong."""
    with pytest.raises(SettingsError) as error:
        load_settings(env)
    return str(error.value)


def test_nothing_set_is_a_shop_with_a_sandbox() -> None:
    settings = load_settings({})

    assert (settings.app_env, settings.sandbox, settings.is_https) == ("development", True, False)
    assert settings.database_url == f"sqlite:///{ROOT / 'instance' / 'shop.sqlite3'}"
    assert (settings.public_url, settings.sandbox_origin) == ("http://127.0.0.1:3000", "http://localhost:3001")
    assert settings.success_url == "http://127.0.0.1:3000/payment/success"
    modes = {name: config.mode for name, config in settings.providers.items()}
    assert modes == {"toss": "sandbox", "stripe": "sandbox"}


def test_the_port_moves_everything_that_depends_on_it() -> None:
    settings = load_settings({"PORT": "4100"})

    assert settings.public_url == "http://127.0.0.1:4100"
    assert settings.sandbox_origin == "http://localhost:4101"


def test_buyers_may_come_back_to_another_site() -> None:
    settings = load_settings({"FRONTEND_URL": "https://chatju.test/"})

    assert settings.fail_url == "https://chatju.test/payment/fail"
    assert settings.public_url == "http://127.0.0.1:3000"


def test_one_real_key_ends_the_sandbox() -> None:
    settings = load_settings(TEST)

    assert not settings.sandbox
    assert settings.providers["toss"].mode == "test"


def test_an_empty_setting_is_one_that_is_not_set() -> None:
    assert load_settings(dict.fromkeys(("PORT", "DATABASE_URL", "TOSS_CLIENT_KEY"), "")) == load_settings({})
    assert load_settings(dict.fromkeys(("PORT", "SHOP_NAME", "PUBLIC_URL", "LOG_LEVEL"), " \t")) == load_settings({})


def test_a_space_around_a_setting_is_no_part_of_it() -> None:
    settings = load_settings({**PRODUCTION, "PUBLIC_URL": " https://pay.chatju.test ", "SHOP_NAME": "ChatJu \n"})

    assert (settings.success_url, settings.shop_name) == ("https://pay.chatju.test/payment/success", "ChatJu")


def test_settings_do_not_change() -> None:
    settings = load_settings({})

    with pytest.raises(ValidationError):
        setattr(settings, "port", 1)  # noqa: B010 (the type checker refuses the plain way too)


def test_secrets_print_as_stars() -> None:
    settings = load_settings({**PRODUCTION, "SECRET_KEY_FALLBACKS": "an-older-session-key-of-another-year"})
    printed = f"{settings!r} {settings} {settings.providers!r} {settings.model_dump()}"

    assert "*****" in printed
    secrets = ("SECRET_KEY", "ENCRYPTION_KEYS", "SMTP_URL", "TOSS_SECRET_KEY", "TOSS_WIDGET_SECRET_KEY")
    assert [name for name in secrets if PRODUCTION[name] in printed] == []
    assert "an-older-session-key" not in printed


def test_values_that_cannot_be_read_are_named_together() -> None:
    said = refused({"PORT": "three thousand", "APP_ENV": "prod", "LANDING_WAIT_S": "soon", "ON_MISMATCH": "keep"})

    assert said == "not usable: APP_ENV, LANDING_WAIT_S, ON_MISMATCH, PORT; see .env.example"


def test_what_cannot_be_read_hides_nothing_else() -> None:
    said = refused({**PRODUCTION, "PORT": "three thousand", "LANDING_WAIT_S": "99", "SECRET_KEY": "short", **TEST})

    unusable, *others = said.split("; ")
    assert unusable == "not usable: LANDING_WAIT_S, PORT"
    assert [wanted for wanted in ("SECRET_KEY is", "mix live") if wanted not in "; ".join(others)] == []


def test_what_cannot_be_read_is_named_once() -> None:
    said = refused({"APP_ENV": "production", "DB_SCHEMA": "a b", "METRICS_TOKEN": "short", "FLASK_DEBUG": "perhaps"})

    assert [said.count(name) for name in ("DB_SCHEMA", "FLASK_DEBUG", "METRICS_TOKEN")] == [1, 1, 1]


@pytest.mark.parametrize("url", ["", "postgresql://shop@127.0.0.1/shop"])
def test_tables_are_never_put_where_a_hosted_database_is_open(url: str) -> None:
    assert refused({"DATABASE_URL": url, "DB_SCHEMA": "public"}).startswith("DB_SCHEMA must not be public")


def test_production_starts_with_everything_set() -> None:
    settings = load_settings(PRODUCTION)

    assert (settings.is_production, settings.sandbox) == (True, False)
    assert settings.providers["toss"].mode == "live"


def test_fm_127_production_names_everything_that_is_missing_at_once() -> None:
    said = refused({"APP_ENV": "production"})

    wanted = ("SECRET_KEY", "ENCRYPTION_KEYS", "DATABASE_URL", "PUBLIC_URL", "FRONTEND_URL", "provider")
    assert [name for name in wanted if name not in said] == []


#: One thing wrong with a production that is otherwise right -> what the refusal has to say.
WRONG = [
    ({"SECRET_KEY": "short"}, "SECRET_KEY"),
    ({"SECRET_KEY": "change-me-change-me-change-me-change-me"}, "SECRET_KEY"),
    ({"METRICS_TOKEN": "short"}, "METRICS_TOKEN"),
    ({"ENCRYPTION_KEYS": ""}, "ENCRYPTION_KEYS"),
    ({"ENCRYPTION_KEYS": "not-a-key"}, "ENCRYPTION_KEYS"),
    ({"ENCRYPTION_KEYS": f"{PRODUCTION['ENCRYPTION_KEYS']},not-a-key"}, "ENCRYPTION_KEYS"),
    ({"DATABASE_URL": ""}, "DATABASE_URL"),
    ({"PUBLIC_URL": "http://pay.chatju.test"}, "PUBLIC_URL"),
    ({"PUBLIC_URL": "pay.chatju.test"}, "PUBLIC_URL"),
    ({"FRONTEND_URL": "http://chatju.test"}, "FRONTEND_URL"),
    ({"FAILPOINT": "confirm.sent"}, "FAILPOINT"),
    ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG"),
    ({"FLASK_DEBUG": "yes please"}, "FLASK_DEBUG"),
    ({"DB_SCHEMA": "public"}, "DB_SCHEMA"),
    ({"SMTP_URL": "nonsense"}, "SMTP_URL"),
    ({"MAIL_FROM": "nobody"}, "MAIL_FROM"),
    ({"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
    ({"SECRET_KEY_FALLBACKS": "changeme"}, "SECRET_KEY_FALLBACKS"),
    ({"SECRET_KEY_FALLBACKS": "development-only-session-key"}, "SECRET_KEY_FALLBACKS"),
    ({"SECRET_KEY_FALLBACKS": f"{SECRET}0,short"}, "SECRET_KEY_FALLBACKS"),
    ({"SHOP_NAME": "Chat\nJu"}, "SHOP_NAME"),
    ({"SHOP_EMAIL": "write to us"}, "SHOP_EMAIL"),
    ({"SHOP_EMAIL": "a@shop.example, b@shop.example"}, "SHOP_EMAIL"),
    ({"MAIL_FROM": "Shop\n <shop@chatju.test>"}, "MAIL_FROM"),
    ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL"),
    ({"DB_SCHEMA": "a b"}, "DB_SCHEMA"),
    ({"PORT": "99999"}, "PORT"),
    ({"PROVIDER_CALLS": "-1"}, "PROVIDER_CALLS"),
    ({"LANDING_WAIT_S": "-5"}, "LANDING_WAIT_S"),
    ({"PROVIDER_CALLS": "128"}, "PROVIDER_CALLS"),
    (dict.fromkeys((*LIVE, *WIDGET), ""), "no payment provider"),
    ({"TOSS_API_BASE": "http://localhost:3001/toss"}, "TOSS_API_BASE leads to a stand-in"),
    ({"TOSS_SDK_URL": "http://127.0.0.1:3001/v2/standard"}, "TOSS_SDK_URL leads to a stand-in"),
    ({"TOSS_SDK_V1_URL": "http://elsewhere.test/v1/payment"}, "TOSS_SDK_V1_URL must be https"),
    ({"TOSS_SECRET_KEY": ""}, "TOSS_SECRET_KEY is missing"),
    ({"TOSS_WIDGET_CLIENT_KEY": ""}, "TOSS_WIDGET_CLIENT_KEY is missing"),
    ({"TOSS_SECRET_KEY": WIDGET["TOSS_WIDGET_SECRET_KEY"]}, "TOSS_SECRET_KEY holds a widget secret key"),
    ({"TOSS_CLIENT_KEY": LIVE["TOSS_SECRET_KEY"]}, "TOSS_CLIENT_KEY holds an API secret key"),
    (TEST, "mix live (TOSS_WIDGET_CLIENT_KEY, TOSS_WIDGET_SECRET_KEY) with test"),
    ({"TOSS_CLIENT_KEY": "live_ck_your_key_here"}, "TOSS_CLIENT_KEY still holds an example"),
    ({**WIDGET, "TOSS_CLIENT_KEY": "test_ck_sandbox_api", "TOSS_SECRET_KEY": "test_sk_sandbox_api"}, "sandbox"),
]


@pytest.mark.parametrize("change, says", WRONG)
def test_fm_127_production_refuses_one_wrong_setting_by_name(change: dict[str, str], says: str) -> None:
    assert says in refused({**PRODUCTION, **change})


@pytest.mark.parametrize("change, says", WRONG)
def test_fm_127_a_refusal_shows_no_value(change: dict[str, str], says: str) -> None:
    said = refused({**PRODUCTION, **change})
    values = {value for value in {**PRODUCTION, **change}.values() if len(value) > 12}

    assert [value for value in values if value in said] == []


def test_all_wrong_settings_are_named_in_one_refusal() -> None:
    said = refused(
        {**PRODUCTION, "SECRET_KEY": "short", "PUBLIC_URL": "http://x.test", "FAILPOINT": "a", "TOSS_SECRET_KEY": ""}
    )

    # FRONTEND_URL follows PUBLIC_URL where it is not set.
    named = ("TOSS_SECRET_KEY is", "SECRET_KEY is", "PUBLIC_URL must", "FRONTEND_URL must", "FAILPOINT must")
    assert sorted(sentence.startswith(named) for sentence in said.split("; ")) == [True] * 5


@pytest.mark.parametrize("written", ["", " ", "off", "OFF"])
def test_sums_of_the_callers_own_are_off_unless_named(written: str) -> None:
    assert load_settings({"OPEN_AMOUNTS": written}).open_ranges == {}


def test_sums_of_the_callers_own_have_bounds_in_each_currency() -> None:
    settings = load_settings({"OPEN_AMOUNTS": "KRW:1000-500000, USD:100-100"})

    assert settings.open_ranges == {"KRW": (1000, 500_000), "USD": (100, 100)}


#: Forms, currencies and bounds that are none.
NO_RANGES = [
    *("on", "KRW", "KRW:1000", "KRW:1000-", "KRW:-5-10", "KRW=1000-2000", "krw:1000-2000", "QQQ:1000-2000", ","),
    *("KRW:0-5000", "KRW:01-5000", "KRW:2000-1000", "KRW:10.5-2000", "KRW:1,000-2,000", "KRW:1e3-2e3", "KRW:١-٩"),
    *("KRW:1000-2000,", "KRW:1000-2000;USD:100-200", "KRW:1000-2000,KRW:3000-4000", f"KRW:1000-1{'0' * 15}"),
]


@pytest.mark.parametrize("written", NO_RANGES)
def test_bounds_that_are_none_are_refused_by_name(written: str) -> None:
    assert refused({"OPEN_AMOUNTS": written}) == "not usable: OPEN_AMOUNTS; see .env.example"


@pytest.mark.parametrize("written", ["KRW:99-5000", "KRW:1000-5000,USD:49-100", "EUR:1-100", "JPY:49-100"])
def test_a_sum_that_a_provider_never_takes_stops_the_start(written: str) -> None:
    with pytest.raises(SettingsError, match=r"OPEN_AMOUNTS: \w+ takes \d+ [A-Z]{3} at least"):
        wire(load_settings({"OPEN_AMOUNTS": written}))


def test_the_smallest_sum_that_is_taken_may_be_named() -> None:
    wired = wire(load_settings({"OPEN_AMOUNTS": "KRW:100-5000,USD:50-100,KWD:10-100"}))

    assert set(wired.context.policy.open_ranges) == {"KRW", "USD", "KWD"}


def test_the_server_says_what_is_wrong_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_ENV", "production")
    monkeypatch.setenv("SECRET_KEY", "short")

    try:
        with pytest.raises(SystemExit, match=r"^The settings can't be used: .*SECRET_KEY"):
            runpy.run_path(str(ROOT / "wsgi.py"))
    finally:
        gc.enable()  # a start that ends there leaves it off


def test_development_takes_a_failpoint() -> None:
    assert load_settings({"FAILPOINT": "confirm.sent:2"}).failpoint == "confirm.sent:2"


@pytest.fixture
def production(tmp_path: Path) -> Settings:
    """Settings of a production whose database has its tables and no one in it."""
    url = f"sqlite:///{tmp_path / 'shop.sqlite3'}"
    migrate(url)
    return load_settings({**PRODUCTION, "DATABASE_URL": url, "LOG_LEVEL": "WARNING"})


def test_production_starts_over_a_database_of_its_own(production: Settings) -> None:
    app = create_app(production)
    accounts.sign_up(app.extensions["wiring"].context, email="person@example.com", password="a person's password")

    assert create_app(production).name == "webapp"


def test_fm_127_production_does_not_start_while_a_demo_user_exists(database_url: str) -> None:
    settings = load_settings({**PRODUCTION, "DATABASE_URL": database_url, "LOG_LEVEL": "WARNING"})

    with pytest.raises(SettingsError, match="demo users"):
        create_app(settings)  # the demo is in there


def test_development_starts_with_demo_users(sqlite_url: str) -> None:
    settings = load_settings({"DATABASE_URL": sqlite_url, "LOG_LEVEL": "WARNING"})
    accounts.sign_up(
        create_app(settings).extensions["wiring"].context, email="a@example.com", password=DEMO_PASSWORD, demo=True
    )

    assert create_app(settings).name == "webapp"


def test_the_environment_is_read_in_one_place() -> None:
    readers = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "webapp").rglob("*.py")
        if re.search(r"os\.(environ|getenv)", Path(path).read_text("utf-8"))
    ]

    assert [name for name in readers if name not in ("webapp/settings.py", "webapp/devserver.py")] == []
