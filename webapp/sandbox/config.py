"""What a sandbox is started with."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from webapp.providers.registry import PROVIDERS


@dataclass(frozen=True)
class SandboxConfig:
    """Start options. Durations are seconds; `store` is a SQLite file or `:memory:`.

    `webhooks` maps a provider's name to the address its events are sent to. `providers` are played: all of the
    registry's unless said otherwise.
    `hold_s` is how long the card that never answers keeps the caller waiting.
    """

    store: str = ":memory:"
    origin: str = "http://localhost:3001"
    webhooks: Mapping[str, str] = field(default_factory=dict)
    providers: tuple[str, ...] = tuple(PROVIDERS)
    hold_s: float = 90.0
    webhook_timeout_s: float = 10.0
