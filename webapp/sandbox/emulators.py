"""What the shell asks of a provider's emulator, and how it finds one by name."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from flask import Blueprint

from webapp.sandbox.store import Document

if TYPE_CHECKING:
    from webapp.sandbox.shell import Sandbox


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


def build_emulators(names: Iterable[str], sandbox: "Sandbox") -> dict[str, Emulator]:
    """Import `webapp.providers.<name>.emulator` for each name and call its `build(sandbox)`."""
    built: dict[str, Emulator] = {}
    for name in names:
        module = import_module(f"webapp.providers.{name}.emulator")
        built[name] = module.build(sandbox)
    return built
