"""Acme's settings: three keys, two addresses, and what is wrong with them."""

import re
from collections.abc import Mapping
from typing import ClassVar, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr

from webapp.providers.port import Sources

API_BASE, PAY_BASE = "https://api.acme.example", "https://pay.acme.example"

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class AcmeConfig(BaseModel):
    """Read once at start; prints secrets as stars. Empty means not set."""

    model_config = ConfigDict(frozen=True)

    #: Setting → the shape of what belongs into it.
    SLOTS: ClassVar[dict[str, re.Pattern[str]]] = {
        "ACME_SHOP_ID": re.compile(r"shop_[a-z0-9]{4,40}\Z"),
        "ACME_SECRET_KEY": re.compile(r"acme_(test|live)_[A-Za-z0-9]{8,80}\Z"),
        "ACME_WEBHOOK_SECRET": re.compile(r"hook_[A-Za-z0-9]{8,80}\Z"),
    }
    #: What the emulator knows the played merchant by.
    SANDBOX_KEYS: ClassVar[dict[str, str]] = {
        "ACME_SHOP_ID": "shop_sandbox",
        "ACME_SECRET_KEY": "acme_test_sandboxshop",
        "ACME_WEBHOOK_SECRET": "hook_sandboxshop",
    }

    shop_id: str
    secret_key: SecretStr
    webhook_secret: SecretStr
    api_base: str
    pay_base: str

    @classmethod
    def from_env(cls, env: Mapping[str, str], *, sandbox_origin: str | None) -> Self:
        """Read the settings; `sandbox_origin` fills what is missing with the sandbox's keys and addresses."""
        sandbox = f"{sandbox_origin}/acme" if sandbox_origin else None
        defaults = {
            **dict.fromkeys(cls.SLOTS, ""),
            **(cls.SANDBOX_KEYS if sandbox else {}),
            "ACME_API_BASE": sandbox or API_BASE,
            "ACME_PAY_BASE": sandbox or PAY_BASE,
        }
        value = {name: env.get(name) or default for name, default in defaults.items()}
        return cls(
            shop_id=value["ACME_SHOP_ID"],
            secret_key=SecretStr(value["ACME_SECRET_KEY"]),
            webhook_secret=SecretStr(value["ACME_WEBHOOK_SECRET"]),
            api_base=value["ACME_API_BASE"].rstrip("/"),
            pay_base=value["ACME_PAY_BASE"].rstrip("/"),
        )

    @classmethod
    def is_configured(cls, env: Mapping[str, str]) -> bool:
        """Whether somebody began to set Acme up."""
        return any(env.get(name) for name in cls.SLOTS)

    @property
    def mode(self) -> str:
        """`sandbox`, `test` or `live`, read off the key."""
        key = self.secret_key.get_secret_value()
        if key == self.SANDBOX_KEYS["ACME_SECRET_KEY"]:
            return "sandbox"
        return "live" if key.startswith("acme_live_") else "test"

    @property
    def sdk_url(self) -> str:
        return f"{self.pay_base}/acme.js"

    @property
    def sources(self) -> Sources:
        """What the checkout page may load while Acme is shown: its script, nothing else."""
        parts = urlsplit(self.pay_base)
        return Sources(script=(f"{parts.scheme}://{parts.netloc}",))

    def guide(self, section: str) -> tuple[str, dict[str, str]] | None:
        """The setup guide has no section about Acme."""
        return None

    def problems(self) -> list[str]:
        """Everything that is wrong, each as a sentence that names a setting and shows no value."""
        keys = (self.shop_id, self.secret_key.get_secret_value(), self.webhook_secret.get_secret_value())
        shapes = zip(self.SLOTS.items(), keys, strict=True)
        found = [f"{name} is missing or no such key of Acme's" for (name, shape), key in shapes if not shape.match(key)]
        for name, url in {"ACME_API_BASE": self.api_base, "ACME_PAY_BASE": self.pay_base}.items():
            parts = urlsplit(url)
            loopback = parts.hostname in _LOOPBACK
            if not parts.hostname or parts.scheme not in (("http", "https") if loopback else ("https",)):
                found.append(f"{name} must be an https address")
            elif loopback and self.mode == "live":
                found.append(f"{name} leads to a stand-in, but the Acme key is live")
        return found

    def production_problems(self) -> list[str]:
        """Nothing beyond: all three keys are asked for everywhere."""
        return []
