"""The played Toss as the sandbox's shell sees it."""

from flask import Blueprint

from webapp.providers.toss.emulator.api import api_routes
from webapp.providers.toss.emulator.browser import browser_routes
from webapp.providers.toss.emulator.cards import TEST_CARDS
from webapp.providers.toss.emulator.korea import METHODS, iso
from webapp.providers.toss.emulator.pages import window_routes
from webapp.providers.toss.emulator.state import Toss
from webapp.providers.toss.emulator.steering import steering_routes
from webapp.sandbox.delivery import DeliveryRules
from webapp.sandbox.emulators import PanelPart
from webapp.sandbox.shell import Sandbox
from webapp.sandbox.store import Document

_RETRY_AFTER_S = tuple(60.0 * minutes for minutes in (1, 4, 16, 64, 256, 1024, 4096))
_ON_PANEL = 30
_CALLS = ("confirm", "lookup", "lookup_order", "cancel", "transactions")


class TossEmulator:
    """Routes, ledger rows, time and panel of the played Toss."""

    name = "toss"

    def __init__(self, sandbox: Sandbox) -> None:
        self.toss = Toss(sandbox)
        self.blueprint = Blueprint(
            "toss",
            __name__,
            template_folder="templates",
            static_folder="static",
            static_url_path="/toss/static",
        )
        api_routes(self.toss, self.blueprint)
        browser_routes(self.toss, self.blueprint)
        window_routes(self.toss, self.blueprint)
        steering_routes(self.toss, self.blueprint)
        sandbox.mailroom.learn(
            self.name,
            DeliveryRules(_RETRY_AFTER_S, self._headers, lambda status: status == 200),
        )

    def payments(self) -> list[Document]:
        """Ledger rows; amounts in won."""
        return [
            {
                "provider": self.name,
                "provider_ref": payment.key,
                "order_ref": payment.order_id,
                "status": payment.status,
                "amount": payment.total,
                "captured": payment.captured,
                "refunded": payment.refunded,
                "currency": payment.currency,
                "method": payment.method,
                "key_pair": payment.pair,
            }
            for payment in self.toss.payments.all()
        ]

    def refunds(self) -> list[Document]:
        """Ledger rows of money that went back."""
        return [
            {
                "provider": self.name,
                "provider_ref": cancel["key"],
                "payment_ref": payment.key,
                "amount": cancel["amount"],
                "status": "succeeded",
            }
            for payment in self.toss.payments.all()
            for cancel in payment.cancels
            if cancel["money"]
        ]

    def tick(self) -> None:
        """Let open payments run out."""
        self.toss.expire_all()

    def panel(self) -> PanelPart:
        """Test cards and the latest payments with what can be done to them."""
        latest = self.toss.payments.all()[: -_ON_PANEL - 1 : -1]
        rows = [{"payment": payment, "at": iso(payment.requested_at)} for payment in latest]
        return PanelPart("toss/panel.html", {"cards": TEST_CARDS, "rows": rows, "methods": METHODS}, _CALLS)

    def _headers(self, event: Document, tries: int) -> dict[str, str]:
        return {
            "tosspayments-webhook-transmission-time": iso(self.toss.now()) or "",
            "tosspayments-webhook-transmission-retried-count": str(tries),
            "tosspayments-webhook-transmission-id": event["event_id"],
        }
