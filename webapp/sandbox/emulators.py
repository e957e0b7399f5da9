"""What the shell asks of a provider's emulator."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from flask import Blueprint

from webapp.sandbox.store import Document


@dataclass(frozen=True)
class PanelPart:
    """An emulator's share of the control panel: a template of its own and what to fill it with."""

    template: str
    values: dict[str, Any] = field(default_factory=dict)
    #: The calls that a fault can be scripted for.
    calls: tuple[str, ...] = ()


class Emulator(Protocol):
    """One provider, played."""

    name: str
    blueprint: Blueprint

    def payments(self) -> list[Document]:
        """Rows for the ledger's `payments`."""

    def refunds(self) -> list[Document]:
        """Rows for the ledger's `refunds`."""

    def tick(self) -> None:
        """Do what has become due by the sandbox's clock."""

    def panel(self) -> PanelPart:
        """What to show on the control panel."""
