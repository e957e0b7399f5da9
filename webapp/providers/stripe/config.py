"""Stripe's settings: a pair of keys, the webhook secrets, two addresses, and what is wrong with them."""

import re
from collections.abc import Mapping
from typing import ClassVar, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr

from webapp.providers.port import Sources

API_BASE = "https://api.stripe.com"
#: The release train of the script has to be that of the API version which the `stripe` package sends.
SDK_URL = "https://js.stripe.com/endive/stripe.js"

_REAL_SDK_HOST = "js.stripe.com"
_SCRIPTS: tuple[str, ...] = ("https://js.stripe.com", "https://*.js.stripe.com")
_LINK: tuple[str, ...] = ("https://link.com", "https://*.link.com")
#: Source: docs.stripe.com/security/guide#content-security-policy, read 2026-11-23.
_REAL_SOURCES = Sources(
    script=_SCRIPTS,
    frame=(*_SCRIPTS, "https://hooks.stripe.com", *_LINK),
    connect=("https://api.stripe.com", *_LINK),
    image=("https://*.link.com",),
)

_KEY = re.compile(r"(?P<kind>pk|sk|rk)_(?P<mode>test|live)_[A-Za-z0-9]{4,250}\Z")
_WEBHOOK_SECRET = re.compile(r"whsec_[A-Za-z0-9+/=_-]{8,250}\Z")
_EXAMPLE = re.compile(r"your_|key_here|change_?me|example|placeholder|x{6,}|\.\.\.", re.IGNORECASE)
_KINDS = {"pk": "a publishable key", "sk": "a secret key", "rk": "a restricted key", "whsec": "a webhook secret"}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class StripeConfig(BaseModel):
    """Read once at start; prints secrets as stars. Empty means not set."""

    model_config = ConfigDict(frozen=True)

    #: Setting → the kinds of key that belong into it.
    SLOTS: ClassVar[dict[str, tuple[str, ...]]] = {
        "STRIPE_PUBLISHABLE_KEY": ("pk",),
        "STRIPE_SECRET_KEY": ("sk", "rk"),
        "STRIPE_WEBHOOK_SECRET": ("whsec",),
    }
    #: What the emulator knows the played merchant by.
    SANDBOX_KEYS: ClassVar[dict[str, str]] = {
        "STRIPE_PUBLISHABLE_KEY": "pk_test_sandboxshop",
        "STRIPE_SECRET_KEY": "sk_test_sandboxshop",
        "STRIPE_WEBHOOK_SECRET": "whsec_sandboxshop",
    }

    publishable_key: str
    secret_key: SecretStr
    #: As set: several, comma-separated, while one is being rolled.
    webhook_secret: SecretStr
    api_base: str
    sdk_url: str

    @classmethod
    def from_env(cls, env: Mapping[str, str], *, sandbox_origin: str | None) -> Self:
        """Read the settings; `sandbox_origin` fills what is missing with the sandbox's keys and addresses."""
        sandbox = f"{sandbox_origin}/stripe" if sandbox_origin else None
        defaults = {
            **dict.fromkeys(cls.SLOTS, ""),
            **(cls.SANDBOX_KEYS if sandbox else {}),
            "STRIPE_API_BASE": sandbox or API_BASE,
            "STRIPE_SDK_URL": f"{sandbox}/endive/stripe.js" if sandbox else SDK_URL,
        }
        value = {name: env.get(name) or default for name, default in defaults.items()}
        return cls(
            publishable_key=value["STRIPE_PUBLISHABLE_KEY"],
            secret_key=SecretStr(value["STRIPE_SECRET_KEY"]),
            webhook_secret=SecretStr(value["STRIPE_WEBHOOK_SECRET"]),
            api_base=value["STRIPE_API_BASE"].rstrip("/"),
            sdk_url=value["STRIPE_SDK_URL"],
        )

    @classmethod
    def is_configured(cls, env: Mapping[str, str]) -> bool:
        """Whether somebody began to set Stripe up: any key is there, complete or not."""
        return any(env.get(name) for name in cls.SLOTS)

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """The secrets that a webhook may be signed with; empty when none is set."""
        parts = self.webhook_secret.get_secret_value().split(",")
        return tuple(part.strip() for part in parts if part.strip())

    @property
    def mode(self) -> str:
        """`sandbox`, `test` or `live`, read off the keys."""
        keys = (self.publishable_key, self.secret_key.get_secret_value())
        if any(key and key in self.SANDBOX_KEYS.values() for key in keys):
            return "sandbox"
        return "live" if any(key[2:].startswith("_live_") for key in keys) else "test"

    @property
    def sources(self) -> Sources:
        """What the checkout page may load while Stripe is shown."""
        if urlsplit(self.sdk_url).hostname == _REAL_SDK_HOST:
            return _REAL_SOURCES
        script = _origin(self.sdk_url)  # a stand-in plays script, frames and API on hosts of its own
        hosts = tuple(dict.fromkeys((script, _origin(self.api_base))))
        return Sources(script=(script,), frame=hosts, connect=hosts, image=hosts)

    def guide(self, section: str) -> tuple[str, dict[str, str]] | None:
        """For a section of the setup guide: the script it loads, and the names it leaves undefined."""
        return (self.sdk_url, {"publishableKey": self.publishable_key}) if section == "2.5" else None

    def problems(self) -> list[str]:
        """Everything that is wrong, each as a sentence that names settings and shows no value."""
        values = self._values()
        found = [problem for name, value in values.items() if value for problem in _slot_problems(name, value)]
        pair = ("STRIPE_PUBLISHABLE_KEY", "STRIPE_SECRET_KEY")
        if any(values.values()):
            found += [
                f"{name} is missing: Stripe needs a publishable and a secret key" for name in pair if not values[name]
            ]
        return found + self._mode_problems() + self._address_problems()

    def production_problems(self) -> list[str]:
        """Without a webhook secret no event could be believed."""
        if self.webhook_secrets:
            return []
        return ["STRIPE_WEBHOOK_SECRET is missing: Stripe's webhooks could not be checked"]

    def _mode_problems(self) -> list[str]:
        matches = {name: _KEY.match(value) for name, value in self._values().items()}
        modes = {name: match["mode"] for name, match in matches.items() if match}
        if len(set(modes.values())) < 2:
            return []
        sides = " with ".join(f"{mode} ({name})" for name, mode in sorted(modes.items(), key=lambda item: item[1]))
        return [f"Stripe keys mix {sides}: use one kind"]

    def _address_problems(self) -> list[str]:
        found = []
        for name, url in {"STRIPE_API_BASE": self.api_base, "STRIPE_SDK_URL": self.sdk_url}.items():
            host = _host(url)
            if host is None:
                found.append(f"{name} is not a web address")
            elif url.startswith("http:") and host not in _LOOPBACK:
                found.append(f"{name} must be https")
            elif host in _LOOPBACK and self.mode == "live":
                found.append(f"{name} leads to a stand-in, but the Stripe keys are live")
        return found

    def _values(self) -> dict[str, str]:
        secrets = (self.secret_key.get_secret_value(), self.webhook_secret.get_secret_value())
        return dict(zip(self.SLOTS, (self.publishable_key, *secrets), strict=True))


def _slot_problems(name: str, value: str) -> list[str]:
    if name != "STRIPE_WEBHOOK_SECRET":
        return _key_problems(name, value)
    # An empty place between two commas is a secret that somebody forgot.
    return list(dict.fromkeys(problem for part in value.split(",") for problem in _key_problems(name, part.strip(" "))))


def _key_problems(name: str, value: str) -> list[str]:
    if not value.strip():
        return [f"{name} is blank"]
    if value.startswith("\ufeff"):
        return [f"{name} starts with a byte-order mark"]
    if any(char.isspace() or not char.isprintable() for char in value):
        return [f"{name} holds a space or another invisible character"]
    if _EXAMPLE.search(value):
        return [f"{name} still holds an example value"]
    wanted = StripeConfig.SLOTS[name]
    kind = value.split("_", maxsplit=1)[0]
    if kind in _KINDS and kind not in wanted:
        return [f"{name} holds {_KINDS[kind]}, {_KINDS[wanted[0]]} belongs there"]
    if wanted == ("whsec",):
        return [] if _WEBHOOK_SECRET.match(value) else [f"{name} is not a webhook secret: it starts with whsec_"]
    if _KEY.match(value):
        return []
    return [f"{name} is not a Stripe key: {_KINDS[wanted[0]]} starts with {wanted[0]}_test_ or {wanted[0]}_live_"]


def _host(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # read only when asked for
    except ValueError:
        return None
    is_web = parts.scheme in ("http", "https") and not any(char.isspace() for char in url)
    return parts.hostname if is_web else None


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
