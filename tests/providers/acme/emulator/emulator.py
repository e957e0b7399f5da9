"""The played Acme as the sandbox's shell sees it."""

from flask import Blueprint

from webapp.providers.acme.emulator.api import api_routes
from webapp.providers.acme.emulator.pages import page_routes
from webapp.providers.acme.emulator.payments import Payments
from webapp.sandbox.emulators import PanelPart
from webapp.sandbox.shell import Sandbox
from webapp.sandbox.store import Document


class AcmeEmulator:
    """Routes, ledger rows and panel of the played Acme."""

    name = "acme"

    def __init__(self, sandbox: Sandbox) -> None:
        self._payments = Payments(sandbox)
        self.blueprint = Blueprint("acme", __name__, template_folder="templates")
        api_routes(self._payments, self.blueprint)
        page_routes(self._payments, self.blueprint)

    def payments(self) -> list[Document]:
        """Ledger rows; sums in the smallest unit."""
        names = {"provider_ref": "id", "order_ref": "order", "status": "state"}
        same = ("amount", "captured", "refunded", "currency", "method")
        return [
            {"provider": self.name, "key_pair": "", **{ours: payment[theirs] for ours, theirs in names.items()}}
            | {name: payment[name] for name in same}
            for payment in self._payments.all()
        ]

    def refunds(self) -> list[Document]:
        """Ledger rows of money that went back."""
        return [
            {"provider": self.name, "provider_ref": refund["id"], "payment_ref": payment["id"]}
            | {"amount": refund["amount"], "status": "succeeded"}
            for payment in self._payments.all()
            for refund in payment["refunds"]
        ]

    def tick(self) -> None:
        """Nothing: an authorisation that ran out is seen when somebody looks."""

    def panel(self) -> PanelPart:
        """The latest payments."""
        return PanelPart("acme/panel.html", {"rows": self._payments.all()[:-31:-1]})
