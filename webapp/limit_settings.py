"""The settings of the limits and of the proxies in front of the shop: how they are written, and how they are read."""

import re
from abc import abstractmethod
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Literal

from limits import RateLimitItem, parse
from pydantic import BaseModel, ConfigDict, Field, field_validator

Network = IPv4Network | IPv6Network

#: What a limit may count by.
SCOPES = ("account", "address", "all")
#: And declined tries by the order, too.
DECLINE_SCOPES = ("order", *SCOPES)

_PART = re.compile(r"(\w+) (\d+/(?:[1-9]\d{0,3} ?)?(?:second|minute|hour|day)s?)\Z")
_MOST_HOPS = 10


class LimitSettings(BaseModel):
    """How much of what is let through. A limit is `scope number/time` for each scope, joined by `;`; `none` is none."""

    model_config = ConfigDict(defer_build=True)  # `Settings` is what gets read

    #: `auto`: on in production, off in development, where one person plays everybody.
    limits: Literal["auto", "on", "off"] = "auto"
    limit_requests: str = "address 600/minute"
    limit_creates: str = "account 30/minute; address 60/minute; all 3000/minute"
    limit_returns: str = "address 30/minute; all 600/minute"
    limit_logins: str = "account 20/5 minutes; address 60/5 minutes; all 3000/minute"
    limit_signups: str = "address 20/hour"
    limit_resets: str = "account 10/hour; address 30/hour; all 1200/hour"
    limit_mails: str = "account 10/hour; all 1200/hour"
    limit_declines: str = "order 5/hour; account 10/hour; address 20/hour; all 40/hour"
    #: Seconds that new payments are paused after that.
    pause_s: float = Field(3600.0, ge=60, le=86_400)
    #: Look-ups at a provider in a minute that news about unknown payments may cause, over all processes.
    limit_look_ups: int = Field(30, ge=1, le=10_000)
    redis_url: str = Field("", pattern=r"^$|^(redis|rediss|redis\+unix)://")
    trusted_proxies: str = "0"

    @field_validator(
        "limit_requests", "limit_creates", "limit_returns", "limit_logins", "limit_signups", "limit_resets",
        "limit_mails",
    )  # fmt: skip
    @classmethod
    def _is_limit(cls, value: str) -> str:
        read_limit(value)
        return value

    @field_validator("limit_declines")
    @classmethod
    def _is_decline_limit(cls, value: str) -> str:
        read_limit(value, DECLINE_SCOPES)
        return value

    @property
    def decline_limits(self) -> dict[str, tuple[int, float]]:
        """Scope → (declined tries, within so many seconds); nothing where limits are off."""
        found = read_limit(self.limit_declines, DECLINE_SCOPES) if self.limits_are_on else {}
        return {scope: (item.amount, item.get_expiry()) for scope, item in found.items()}

    @property
    def limits_are_on(self) -> bool:
        return self.limits == "on" or (self.limits == "auto" and self.is_production)

    @property
    @abstractmethod
    def is_production(self) -> bool: ...

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _are_proxies(cls, value: object) -> str:
        read_proxies(str(value))
        return str(value)


def read_limit(text: str, scopes: tuple[str, ...] = SCOPES) -> Mapping[str, RateLimitItem]:
    """Scope → limit.

    Raises:
        ValueError: not in the form above.
    """
    found: dict[str, RateLimitItem] = {}
    for part in text.split(";") if text != "none" else ():
        shape = _PART.match(part.strip())
        if shape is None or shape[1] not in scopes or shape[1] in found:
            raise ValueError("a limit reads: account 30/minute; address 60/5 minutes; all 3000/hour")
        found[shape[1]] = parse(shape[2])
    return found


def read_proxies(text: str) -> int | tuple[Network, ...]:
    """The number of proxies in front of the shop, or the networks that they are in.

    Raises:
        ValueError: neither; or a network that everybody is in.
    """
    if text.strip().isdecimal():
        if int(text) > _MOST_HOPS:
            raise ValueError("too many proxies")
        return int(text)
    networks = tuple(ip_network(part.strip()) for part in text.split(","))
    if any(network.prefixlen == 0 for network in networks):
        raise ValueError("a network that everybody is in")
    return networks
