"""Toss's settings: two key pairs, three addresses, and what is wrong with them."""

import re
from collections.abc import Mapping
from typing import ClassVar, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr

from webapp.providers.port import Sources

API_BASE = "https://api.tosspayments.com"
SDK_URL = "https://js.tosspayments.com/v2/standard"
SDK_V1_URL = "https://js.tosspayments.com/v1/payment"

_REAL_SDK_HOST = "js.tosspayments.com"
#: Hosts that Toss's own script and frames use. Source: the firewall list at
#: docs.tosspayments.com/reference/using-api/http-protocol, read 2026-11-23; tighten by observation.
_REAL_HOSTS: tuple[str, ...] = ("https://*.tosspayments.com", "https://*.toss.im")

_KEY = re.compile(r"(?P<mode>test|live)_(?P<kind>gck|gsk|ck|sk)_[A-Za-z0-9_]{4,}\Z")
_EXAMPLE = re.compile(r"your_|key_here|change_?me|example|placeholder|x{6,}", re.IGNORECASE)
_KINDS = {
    "gck": "a widget client key",
    "gsk": "a widget secret key",
    "ck": "an API client key",
    "sk": "an API secret key",
}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class KeyPair(BaseModel):
    """A client key and the secret key that belongs to it; payments taken with one pair know no other."""

    model_config = ConfigDict(frozen=True)

    client: str
    secret: SecretStr


class TossConfig(BaseModel):
    """Read once at start; prints secrets as stars. Empty means not set."""

    model_config = ConfigDict(frozen=True)

    #: Setting → the kind of key that belongs into it.
    SLOTS: ClassVar[dict[str, str]] = {
        "TOSS_CLIENT_KEY": "ck",
        "TOSS_SECRET_KEY": "sk",
        "TOSS_WIDGET_CLIENT_KEY": "gck",
        "TOSS_WIDGET_SECRET_KEY": "gsk",
    }
    #: What the emulator knows the played merchant by.
    SANDBOX_KEYS: ClassVar[dict[str, str]] = {
        "TOSS_CLIENT_KEY": "test_ck_sandbox_api",
        "TOSS_SECRET_KEY": "test_sk_sandbox_api",
        "TOSS_WIDGET_CLIENT_KEY": "test_gck_sandbox_widget",
        "TOSS_WIDGET_SECRET_KEY": "test_gsk_sandbox_widget",
    }

    api: KeyPair
    widget: KeyPair
    api_base: str
    sdk_url: str
    sdk_v1_url: str

    @classmethod
    def from_env(cls, env: Mapping[str, str], *, sandbox_origin: str | None) -> Self:
        """Read the settings; `sandbox_origin` fills what is missing with the sandbox's keys and addresses."""
        sandbox = f"{sandbox_origin}/toss" if sandbox_origin else None
        defaults = {
            **dict.fromkeys(cls.SLOTS, ""),
            **(cls.SANDBOX_KEYS if sandbox else {}),
            "TOSS_API_BASE": sandbox or API_BASE,
            "TOSS_SDK_URL": f"{sandbox}/v2/standard" if sandbox else SDK_URL,
            "TOSS_SDK_V1_URL": f"{sandbox}/v1/payment" if sandbox else SDK_V1_URL,
        }
        value = {name: env.get(name) or default for name, default in defaults.items()}
        return cls(
            api=KeyPair(client=value["TOSS_CLIENT_KEY"], secret=SecretStr(value["TOSS_SECRET_KEY"])),
            widget=KeyPair(client=value["TOSS_WIDGET_CLIENT_KEY"], secret=SecretStr(value["TOSS_WIDGET_SECRET_KEY"])),
            api_base=value["TOSS_API_BASE"].rstrip("/"),
            sdk_url=value["TOSS_SDK_URL"],
            sdk_v1_url=value["TOSS_SDK_V1_URL"],
        )

    @classmethod
    def is_configured(cls, env: Mapping[str, str]) -> bool:
        """Whether somebody began to set Toss up: any key is there, complete or not."""
        return any(env.get(name) for name in cls.SLOTS)

    @property
    def key_pairs(self) -> tuple[str, ...]:
        """The complete pairs, the one that our checkout page prefers first."""
        pairs = {"widget": self.widget, "api": self.api}
        return tuple(name for name, pair in pairs.items() if pair.client and pair.secret.get_secret_value())

    def find_pair(self, name: str) -> KeyPair | None:
        """The pair `widget` or `api`, if it is complete."""
        if name not in self.key_pairs:
            return None
        return self.widget if name == "widget" else self.api

    @property
    def mode(self) -> str:
        """`sandbox`, `test` or `live`, read off the keys."""
        values = [value for value in self._keys().values() if value]
        if any(value in self.SANDBOX_KEYS.values() for value in values):
            return "sandbox"
        return "live" if any(value.startswith("live_") for value in values) else "test"

    @property
    def sources(self) -> Sources:
        """What the checkout page may load while Toss is shown."""
        script = _origin(self.sdk_url)
        if urlsplit(self.sdk_url).hostname == _REAL_SDK_HOST:
            hosts = _REAL_HOSTS
        else:  # a stand-in plays script, frames and API on hosts of its own
            hosts = tuple(dict.fromkeys((script, _origin(self.api_base))))
        return Sources(script=(script,), frame=hosts, connect=hosts, image=hosts, form=hosts)

    def guide(self, section: str) -> tuple[str, dict[str, str]] | None:
        """For a section of the setup guide: the script it loads, and the names it leaves undefined."""
        known = {"1.5": (self.sdk_v1_url, {"clientKey": self.api.client}), "1.6": ("", {})}
        return known.get(section)

    def problems(self) -> list[str]:
        """Everything that is wrong, each as a sentence that names settings and shows no value."""
        keys = self._keys()
        found = [problem for name, value in keys.items() if value for problem in _key_problems(name, value)]
        for client, secret in (
            ("TOSS_CLIENT_KEY", "TOSS_SECRET_KEY"),
            ("TOSS_WIDGET_CLIENT_KEY", "TOSS_WIDGET_SECRET_KEY"),
        ):
            if bool(keys[client]) != bool(keys[secret]):
                there, missing = (client, secret) if keys[client] else (secret, client)
                found.append(f"{missing} is missing: {there} needs it, the two are a pair")
        return found + self._mode_problems() + self._address_problems()

    def production_problems(self) -> list[str]:
        """Nothing beyond: Toss's webhooks aren't signed, so there is no secret that could be missing."""
        return []

    def _mode_problems(self) -> list[str]:
        modes: dict[str, list[str]] = {}
        for name, value in self._keys().items():
            if match := _KEY.match(value):
                modes.setdefault(match["mode"], []).append(name)
        if len(modes) < 2:
            return []
        sides = " with ".join(f"{mode} ({', '.join(names)})" for mode, names in sorted(modes.items()))
        return [f"Toss keys mix {sides}: use one kind"]

    def _address_problems(self) -> list[str]:
        addresses = {
            "TOSS_API_BASE": self.api_base,
            "TOSS_SDK_URL": self.sdk_url,
            "TOSS_SDK_V1_URL": self.sdk_v1_url,
        }
        found = []
        for name, url in addresses.items():
            host = _host(url)
            loopback = host in _LOOPBACK
            if host is None:
                found.append(f"{name} is not a web address")
            elif url.startswith("http:") and not loopback:
                found.append(f"{name} must be https")
            elif loopback and self.mode == "live":
                found.append(f"{name} leads to a stand-in, but the Toss keys are live")
        return found

    def _keys(self) -> dict[str, str]:
        values = (
            self.api.client,
            self.api.secret.get_secret_value(),
            self.widget.client,
            self.widget.secret.get_secret_value(),
        )
        return dict(zip(self.SLOTS, values, strict=True))


def _key_problems(name: str, value: str) -> list[str]:
    if not value.strip():
        return [f"{name} is blank"]
    if value.startswith("\ufeff"):
        return [f"{name} starts with a byte-order mark"]
    if any(char.isspace() or not char.isprintable() for char in value):
        return [f"{name} holds a space or another invisible character"]
    if _EXAMPLE.search(value):
        return [f"{name} still holds an example value"]
    match = _KEY.match(value)
    wanted = TossConfig.SLOTS[name]
    if match is None:
        return [f"{name} is not a Toss key: {_KINDS[wanted]} starts with test_{wanted}_ or live_{wanted}_"]
    if match["kind"] != wanted:
        return [f"{name} holds {_KINDS[match['kind']]}, {_KINDS[wanted]} belongs there"]
    return []


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
