"""All settings, read once. `.env.example` lists them; nothing else reads the environment.

Providers read their own keys (`providers/<x>/config.py`), so that a new one doesn't edit this file.
"""

import os
from collections.abc import Mapping
from decimal import Decimal
from email.utils import formataddr, parseaddr
from pathlib import Path
from typing import Literal

from cryptography.fernet import Fernet
from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, ValidationError, field_validator

from webapp import addresses
from webapp.fulfilment.outgoing import read_secret
from webapp.limit_settings import LimitSettings
from webapp.open_amount_settings import OpenAmountSettings
from webapp.providers.registry import PROVIDERS, ProviderConfig, mode_problems
from webapp.supabase import config as supabase

ROOT = Path(__file__).resolve().parent.parent

#: Known to everybody, so good for development only; production refuses them.
_DEV_SECRET_KEY = "development-only-session-key"  # noqa: S105
_DEV_ENCRYPTION_KEY = "ZGV2ZWxvcG1lbnQtb25seS1lbmNyeXB0aW9uLWtleSE="

_ONE_LINE = r"^[^\x00-\x1f]*$"
_ONE_ADDRESS = r"^([^@\s<>,;\x00-\x1f]+@[^@\s<>,;\x00-\x1f]+)?$"
_EXAMPLES = ("changeme", "change-me", "your_", "example-")


class SettingsError(ValueError):
    """The settings can't be used; the message lists every problem, without values."""


class Settings(LimitSettings, OpenAmountSettings, BaseModel):
    """Frozen, complete, checked. Times are in seconds."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    app_env: Literal["development", "production"] = "development"
    secret_key: SecretStr = SecretStr(_DEV_SECRET_KEY)
    secret_key_fallbacks: list[SecretStr] = []
    encryption_keys: list[SecretStr] = [SecretStr(_DEV_ENCRYPTION_KEY)]
    database_url: str = ""
    db_schema: str = Field("checkout", pattern=r"^[a-z_][a-z0-9_]{0,62}$")
    host: str = "127.0.0.1"
    port: int = Field(3000, ge=0, le=65_535)
    sandbox_port: int = Field(0, ge=0, le=65_535)
    public_url: str = ""
    frontend_url: str = ""
    cors_origins: list[str] = []
    supabase_url: str = ""
    supabase_jwt_secret: SecretStr = SecretStr("")
    #: It goes into the head of every mail, where a line break would end it.
    shop_name: str = Field("ChatJu", pattern=_ONE_LINE)
    #: What a Korean shop shows on its pages and receipts; what is empty is left out.
    shop_business_name: str = Field("", max_length=100)
    shop_owner: str = Field("", max_length=60)
    shop_registration_number: str = Field("", max_length=40)
    shop_mail_order_number: str = Field("", max_length=60)
    shop_address: str = Field("", max_length=200)
    shop_phone: str = Field("", max_length=40)
    #: Buyers' answers to our mails go there.
    shop_email: str = Field("", max_length=120, pattern=_ONE_ADDRESS)
    #: The tax that every price includes, for the receipt. None: it shows none.
    shop_tax_percent: Decimal | None = Field(None, gt=0, lt=100, decimal_places=2)
    fulfilment_url: str = ""
    fulfilment_secret: list[SecretStr] = []
    metrics_token: SecretStr = SecretStr("")
    smtp_url: SecretStr = SecretStr("")
    #: Default: the shop's name at the host of PUBLIC_URL.
    mail_from: str = Field("", pattern=_ONE_LINE)
    #: Provider calls in flight per process; the rest is told 503 at once. Below the thread count.
    provider_calls: int = Field(96, ge=1, le=2000)
    server_threads: int = Field(128, ge=2, le=2000)
    landing_wait_s: float = Field(8.0, gt=0, le=10)
    #: An unpaid order expires so long after the buyer last had its checkout page on the screen.
    attempt_lifetime_s: float = Field(86_400.0, ge=600, le=30 * 86_400)
    on_mismatch: Literal["refund", "person"] = "refund"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    failpoint: str = ""
    #: Flask reads it by itself, from the environment or its command's `--debug`; here it is only looked at.
    flask_debug: bool = False
    _sandbox: bool = PrivateAttr(default=False)
    _providers: dict[str, ProviderConfig] = PrivateAttr(default_factory=dict)

    @field_validator("secret_key_fallbacks", "encryption_keys", "fulfilment_secret", "cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @property
    def sandbox(self) -> bool:
        """Development without any provider's keys: the sandbox plays the providers."""
        return self._sandbox

    @property
    def providers(self) -> Mapping[str, ProviderConfig]:
        """What each configured provider made of its own settings."""
        return self._providers

    @property
    def business(self) -> dict[str, str]:
        """What is known of the firm behind the shop, `SHOP_<NAME>` without its prefix, in the order of a receipt."""
        names = ("business_name", "owner", "registration_number", "mail_order_number", "address", "phone", "email")
        known = {name: value for name in names if (value := getattr(self, f"shop_{name}").strip())}
        return known or ({"email": "help@example.com"} if self.sandbox else {})

    @property
    def is_production(self) -> bool:
        return self.app_env == "production"

    @property
    def sandbox_origin(self) -> str:
        """Another host name than the app's, so that cookies and frames are cross-site as in real life."""
        return f"http://localhost:{self.sandbox_port}"

    @property
    def success_url(self) -> str:
        return f"{self.frontend_url}/payment/success"

    @property
    def fail_url(self) -> str:
        return f"{self.frontend_url}/payment/fail"

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")


def read_environment() -> dict[str, str]:
    """The process's environment over the `.env` file beside this project."""
    file = {k: v for k, v in dotenv_values(ROOT / ".env").items() if v is not None}
    return {**file, **os.environ}


def load_settings(env: Mapping[str, str] | None = None) -> Settings:
    """Read and check the settings.

    Raises:
        SettingsError: with every problem at once, by name and without values.
    """
    env = read_environment() if env is None else env
    given = {name.lower(): value.strip() for name, value in env.items() if value.strip()}
    known = {name: value for name, value in given.items() if name in Settings.model_fields}
    unusable = _unusable(known)
    # The others are looked at all the same: whoever mends one mistake is not to meet the next one only then.
    settings = _complete(Settings.model_validate({k: v for k, v in known.items() if k not in unusable}), env)
    problems = [f"not usable: {', '.join(sorted(unusable)).upper()}; see .env.example"] if unusable else []
    problems += [said for said in _problems(settings) if said.split()[0].lower() not in unusable]
    if problems:
        raise SettingsError("; ".join(problems))
    return settings


def _unusable(known: Mapping[str, str]) -> set[str]:
    """The names of the settings whose value can't be read at all."""
    try:
        Settings.model_validate(known)
    except ValidationError as error:
        return {str(mistake["loc"][0]) for mistake in error.errors()}
    return set()


def _complete(settings: Settings, env: Mapping[str, str]) -> Settings:
    keys_given = any(folder.Config.is_configured(env) for folder in PROVIDERS.values())
    sandbox = not settings.is_production and not keys_given
    sandbox_port = settings.sandbox_port or settings.port + 1
    origin = f"http://localhost:{sandbox_port}" if sandbox else None
    public_url = (settings.public_url or addresses.own_origin(settings.host, settings.port)).rstrip("/")
    configs: dict[str, ProviderConfig] = {
        name: folder.Config.from_env(env, sandbox_origin=origin)
        for name, folder in PROVIDERS.items()
        if sandbox or folder.Config.is_configured(env)
    }
    frontend_url = (settings.frontend_url or public_url).rstrip("/")
    complete = settings.model_copy(
        update={
            "cors_origins": settings.cors_origins or _elsewhere(frontend_url, public_url),
            "database_url": settings.database_url or f"sqlite:///{ROOT / 'instance' / 'shop.sqlite3'}",
            "public_url": public_url,
            "frontend_url": frontend_url,
            "sandbox_port": sandbox_port,
            "mail_from": settings.mail_from
            or formataddr((settings.shop_name, f"shop@{addresses.mail_host(public_url)}")),
        }
    )
    complete._sandbox = sandbox
    complete._providers = configs
    return complete


def _elsewhere(frontend_url: str, public_url: str) -> list[str]:
    """The front end's origin, where it isn't ours."""
    origin = addresses.origin(frontend_url)
    return [origin] if origin != addresses.origin(public_url) else []


def _problems(settings: Settings) -> list[str]:
    problems = [p for config in settings.providers.values() for p in config.problems()]
    problems += mode_problems(settings.providers)
    problems += addresses.problems({"PUBLIC_URL": settings.public_url, "FRONTEND_URL": settings.frontend_url})
    problems += _form_problems(settings) + _fulfilment_problems(settings)
    secret = settings.supabase_jwt_secret.get_secret_value()
    problems += supabase.problems(settings.supabase_url, secret, is_production=settings.is_production)
    if settings.db_schema == "public":
        problems.append("DB_SCHEMA must not be public, which a hosted database may open to everybody")
    if not all(_is_fernet(key.get_secret_value()) for key in settings.encryption_keys) or not settings.encryption_keys:
        problems.append("ENCRYPTION_KEYS must be Fernet keys (32 bytes, url-safe base64)")
    if settings.provider_calls >= settings.server_threads:
        problems.append("PROVIDER_CALLS must be below SERVER_THREADS")
    return problems + (production_problems(settings) if settings.is_production else [])


def _form_problems(settings: Settings) -> list[str]:
    """Addresses that no library would understand, told before the first sale instead of during it."""
    problems = []
    if said := addresses.database_problem(settings.database_url):
        problems.append(said)
    smtp = settings.smtp_url.get_secret_value()
    if smtp and (addresses.read(smtp).scheme not in ("smtp", "smtps") or not addresses.read(smtp).hostname):
        problems.append("SMTP_URL must be smtp:// or smtps:// with a host, and a port that is a number")
    if settings.redis_url and not addresses.read(settings.redis_url).scheme:
        problems.append("REDIS_URL is not an address")
    if not all(addresses.is_origin(origin) for origin in settings.cors_origins):
        problems.append("CORS_ORIGINS must be origins such as https://shop.example, in lower case, without a path")
    if "@" not in parseaddr(settings.mail_from)[1]:
        problems.append("MAIL_FROM must be an e-mail address, with a name before it if you like")
    return problems


def _fulfilment_problems(settings: Settings) -> list[str]:
    url, secrets = addresses.read(settings.fulfilment_url), settings.fulfilment_secret
    wrong = {
        "FULFILMENT_URL is not an address": bool(settings.fulfilment_url)
        and (url.scheme not in ("http", "https") or not url.hostname),
        "FULFILMENT_SECRET must be whsec_ and base64 of 24 to 64 bytes": not all(_is_signing_key(s) for s in secrets),
        "FULFILMENT_SECRET is missing": bool(settings.fulfilment_url) and not secrets,
        "FULFILMENT_URL must be https": settings.is_production and url.scheme == "http",
    }
    return [sentence for sentence, is_wrong in wrong.items() if is_wrong]


def _is_signing_key(secret: SecretStr) -> bool:
    try:
        read_secret(secret.get_secret_value())
    except ValueError:
        return False
    return True


def production_problems(settings: Settings) -> list[str]:
    """What a production with these settings would refuse to start for, in sentences that show no value."""
    secret = settings.secret_key.get_secret_value()
    keys = [key.get_secret_value() for key in settings.encryption_keys]
    wrong = {
        "SECRET_KEY is missing, an example, or under 32 characters": _is_weak(secret),
        "ENCRYPTION_KEYS is missing": _DEV_ENCRYPTION_KEY in keys,
        "DATABASE_URL is missing": settings.database_url.endswith("instance/shop.sqlite3"),
        "PUBLIC_URL must be https": not settings.is_https,
        "FRONTEND_URL must be https": not settings.frontend_url.startswith("https://"),
        "no payment provider is set up": not settings.providers,
        "FAILPOINT must not be set": bool(settings.failpoint),
        "FLASK_DEBUG must not be set": settings.flask_debug,
        "METRICS_TOKEN is under 32 characters": 0 < len(settings.metrics_token.get_secret_value()) < 32,
        # Each of them still opens every account, so none may be shorter than the one that signs.
        "SECRET_KEY_FALLBACKS holds an example, or one under 32 characters": any(
            _is_weak(key.get_secret_value()) for key in settings.secret_key_fallbacks
        ),
    }
    problems = [sentence for sentence, is_wrong in wrong.items() if is_wrong]
    problems += [problem for config in settings.providers.values() for problem in config.production_problems()]
    return problems + [
        f"the {name} keys belong to its {config.mode} mode"
        for name, config in settings.providers.items()
        if config.mode == "sandbox"
    ]


def _is_weak(key: str) -> bool:
    return len(key) < 32 or any(example in key.lower() for example in _EXAMPLES)


def _is_fernet(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True
