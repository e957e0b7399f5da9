"""What a service is handed: the database, the providers, the time, and the shop's own rules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from webapp.db.sessions import Sessions
from webapp.domain.clock import Nature
from webapp.domain.failures import ProviderNotConfigured
from webapp.providers.port import Provider

#: Seconds between look-ups of a payment whose answer is owed; the last one repeats.
CHECK_SCHEDULE_S: tuple[float, ...] = (5.0, 15.0, 60.0, 300.0, 1800.0, 3600.0)

#: The same for a payment that lies open at a provider where the browser pays: its events are the faster news.
WATCH_SCHEDULE_S: tuple[float, ...] = (60.0, 180.0, 600.0, 1800.0, 3600.0)

#: Longer than the longest provider deadline (60 s), or a repeat would race the answer we still wait for.
RESEND_AFTER_S = 65.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The shop's rules. Times are in seconds."""

    success_url: str
    fail_url: str
    #: A look-up while a confirm is in flight: soon enough for a buyer who waits after a crash.
    first_check_s: float = 10.0
    #: Beyond the provider's own window, before "no such payment" counts as final.
    window_margin_s: float = 60.0
    #: Unanswered for this long: a person is told.
    unresolved_after_s: float = 86_400.0
    #: What is unpaid is over so long after a browser was last given it: closed at its provider, and its order expired.
    attempt_lifetime_s: float = 86_400.0
    #: Look-ups that events about unknown payments may cause, per minute, over all processes.
    stranger_look_ups_per_minute: int = 30
    #: Scope → (declined tries that pause new payments, within so many seconds). Empty: never.
    decline_limits: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    #: How long such a pause is.
    pause_s: float = 3600.0
    #: What happens to money that is not what was ordered: `refund` or `person`.
    on_mismatch: str = "refund"
    #: Currency → (smallest, largest) sum in minor units that a caller may name herself. Empty: catalogue prices alone.
    open_ranges: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    #: How long an access token of ours is good for.
    token_lifetime_s: float = 30 * 86_400.0
    #: Whether the shop has a backend that is told what was paid and refunded.
    tells_backend: bool = False
    #: A log-in ends so long after it was last used, and in any case so long after it began.
    session_idle_s: float = 14 * 86_400.0
    session_life_s: float = 90 * 86_400.0
    #: "Last seen" and "last used" are written no more often than this.
    seen_every_s: float = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Long-lived things, built once a process by `webapp.wiring`."""

    sessions: Sessions
    nature: Nature
    policy: Policy
    providers: Mapping[str, Provider] = field(default_factory=dict)
    #: Whether a provider is down at the moment, so that nothing new is begun with it.
    is_down: Callable[[str], bool] = lambda _name: False

    def now(self) -> datetime:
        return self.nature.clock.now()

    def provider(self, name: str) -> Provider:
        """The provider by its name.

        Raises:
            ProviderNotConfigured: the shop has no keys for it.
        """
        try:
            return self.providers[name]
        except KeyError:
            raise ProviderNotConfigured from None

    def provider_for(self, currency: str) -> Provider:
        """The provider that takes this currency, the first in the registry's order.

        Raises:
            ProviderNotConfigured: none does.
        """
        for provider in self.providers.values():
            if currency in provider.capabilities.currencies:
                return provider
        raise ProviderNotConfigured
