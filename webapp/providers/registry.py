"""Every payment provider, one line each; the name is the one in the database, in URLs and in the settings."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from pydantic import BaseModel

from webapp.domain.arrivals import Return, Wanted
from webapp.domain.clock import Clock
from webapp.domain.reasons import Reason
from webapp.domain.snapshots import CardFacts
from webapp.providers import stripe, toss
from webapp.providers.bodies import Described
from webapp.providers.http import HttpClient
from webapp.providers.port import Provider


class ProviderConfig(Protocol):
    """A provider's own settings."""

    @property
    def mode(self) -> str: ...

    def guide(self, section: str) -> tuple[str, dict[str, str]] | None:
        """The script that a section of the setup guide loads, and the names it leaves undefined; None: not mine."""
        ...

    def problems(self) -> list[str]:
        """What is wrong, in sentences that show no value; empty when nothing is."""
        ...

    def production_problems(self) -> list[str]:
        """What production can't do without, in such sentences."""
        ...


class ConfigType(Protocol):
    """How a provider's settings are read."""

    def from_env(self, env: Mapping[str, str], *, sandbox_origin: str | None) -> ProviderConfig: ...

    def is_configured(self, env: Mapping[str, str]) -> bool: ...


class Codes(Protocol):
    """A provider's table of refusal codes."""

    def audit(self) -> list[str]:
        """Differences between the documented codes and our reading of them; empty when there are none."""
        ...

    def reason_for_fail_url(self, code: str) -> Reason:
        """The buyer's text group for a code that the browser brought back."""
        ...

    def hint_for(self, code: str, locale: str) -> str:
        """What the merchant can do about a code; empty for an unlisted one."""
        ...


class Calls(Protocol):
    """The bodies of the JSON calls, in this provider's words."""

    @property
    def CreateBody(self) -> type[BaseModel]: ...  # noqa: N802 (a class)

    @property
    def ConfirmBody(self) -> type[BaseModel]: ...  # noqa: N802 (a class)

    def read_create(self, body: dict[str, object]) -> Wanted: ...

    def read_confirm(self, body: dict[str, object]) -> Return: ...


class ProviderFolder(Protocol):
    """What a folder under `providers/` exports."""

    @property
    def EVIDENCE_NAME(self) -> str: ...  # noqa: N802 (a constant)

    @property
    def calls(self) -> Calls: ...

    @property
    def Config(self) -> ConfigType: ...  # noqa: N802 (a class)

    @property
    def codes(self) -> Codes: ...

    def describe(self) -> Described:
        """What the reference says of its JSON calls; read when somebody looks it up."""
        ...

    def read_return(self, query: Mapping[str, Sequence[str]]) -> Return | None:
        """What the buyer's browser brought to the success address; None when it isn't this provider's."""
        ...

    def read_card(self, kept: Mapping[str, Any]) -> CardFacts | None:
        """The card in the evidence of a payment, for its receipt; None where there is none."""
        ...

    def build(self, config: Any, http: HttpClient, clock: Clock) -> Provider:
        """The provider, ready to be asked; `config` is what this folder's `Config` made."""
        ...


def mode_problems(configs: Mapping[str, ProviderConfig]) -> list[str]:
    """Live keys beside keys that only play: whoever pays with play money would be served for nothing."""
    modes = {name: config.mode for name, config in configs.items()}
    if "live" not in modes.values() or set(modes.values()) == {"live"}:
        return []
    return [f"the keys of {', '.join(f'{name} are {mode}' for name, mode in modes.items())}: use live ones for all"]


PROVIDERS: dict[str, ProviderFolder] = {"toss": toss, "stripe": stripe}
