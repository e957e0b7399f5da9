"""Addresses in settings: where buyers come back to, and everything that could not be read once it is needed."""

import pytest

from tests.test_settings import PRODUCTION, refused
from webapp.devserver import greeting
from webapp.settings import load_settings

#: One address wrong with a production that is otherwise right -> what the refusal has to say.
WRONG = [
    ({"PUBLIC_URL": "https://[::1"}, "PUBLIC_URL is not an address"),
    ({"PUBLIC_URL": "https://pay.chatju.test:https"}, "PUBLIC_URL is not an address"),
    ({"PUBLIC_URL": "https://owner:a-password@pay.chatju.test"}, "PUBLIC_URL is not an address"),
    ({"PUBLIC_URL": "https://pay.chatju.test/shop"}, "PUBLIC_URL must be an origin"),
    ({"FRONTEND_URL": "https://chatju.test/app?from=pay"}, "FRONTEND_URL must end before"),
    ({"FRONTEND_URL": "https://chatju.test/#/app"}, "FRONTEND_URL must end before"),
    ({"FRONTEND_URL": "https://chatju .test"}, "FRONTEND_URL is not an address"),
    ({"CORS_ORIGINS": "https://[::1"}, "CORS_ORIGINS"),
    ({"CORS_ORIGINS": "https://"}, "CORS_ORIGINS"),
    ({"SUPABASE_URL": "https://[::1"}, "SUPABASE_URL"),
    ({"FULFILMENT_URL": "https://[::1", "FULFILMENT_SECRET": f"whsec_{'A' * 32}"}, "FULFILMENT_URL is not"),
    ({"TOSS_API_BASE": "https://[::1"}, "TOSS_API_BASE is not"),
    ({"TOSS_SDK_URL": "https://js.toss.test:v2/standard"}, "TOSS_SDK_URL is not"),
    ({"SMTP_URL": "smtp://mail.chatju.test:99999"}, "SMTP_URL"),
    ({"SMTP_URL": "smtp://[::1"}, "SMTP_URL"),
    ({"REDIS_URL": "redis://127.0.0.1:port/0"}, "REDIS_URL"),
    ({"DATABASE_URL": "postgresql://shop:p@ss-word@127.0.0.1/shop"}, "DATABASE_URL holds two @"),
    ({"DATABASE_URL": "postgresql://shop@127.0.0.1:port/shop"}, "DATABASE_URL is not an address"),
]


@pytest.mark.parametrize("change, says", WRONG)
def test_an_address_that_nothing_can_read_stops_the_start_by_name_and_is_not_shown(
    change: dict[str, str], says: str
) -> None:
    said = refused({**PRODUCTION, **change})

    assert says in said
    assert [value for value in change.values() if len(value) > 12 and value in said] == []


@pytest.mark.parametrize(
    "host, origin",
    [
        ("0.0.0.0", "http://127.0.0.1:3000"),
        ("::", "http://127.0.0.1:3000"),
        ("::1", "http://[::1]:3000"),
        ("shop.test", "http://shop.test:3000"),
    ],
)
def test_a_shop_that_listens_everywhere_sends_nobody_to_everywhere(host: str, origin: str) -> None:
    settings = load_settings({"HOST": host})

    assert (settings.public_url, settings.fail_url) == (origin, f"{origin}/payment/fail")
    assert origin in greeting(settings)  # under another name she would be logged out when she comes back


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://shop:p%40ss/wo:rd#1@127.0.0.1/shop",
        "postgresql+psycopg://shop@[::1]:6543/shop?sslmode=require",
        "postgresql:///shop?host=/run/postgresql",
    ],
)
def test_every_address_of_a_database_that_its_driver_reads_is_taken(url: str) -> None:
    assert load_settings({**PRODUCTION, "DATABASE_URL": url}).database_url == url


def test_buyers_may_come_back_to_a_folder_of_another_site() -> None:
    settings = load_settings({**PRODUCTION, "FRONTEND_URL": "https://chatju.test/fortune/"})

    assert settings.success_url == "https://chatju.test/fortune/payment/success"
