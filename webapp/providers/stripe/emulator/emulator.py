"""The played Stripe as the sandbox's shell sees it."""

from flask import Blueprint

from webapp.providers.stripe.emulator.api import api_routes
from webapp.providers.stripe.emulator.browser import browser_routes
from webapp.providers.stripe.emulator.cards import TEST_CARDS
from webapp.providers.stripe.emulator.events import RETRY_AFTER_S, signed_headers
from webapp.providers.stripe.emulator.intents import Intent
from webapp.providers.stripe.emulator.money_rules import readable
from webapp.providers.stripe.emulator.receipts import receipt_routes
from webapp.providers.stripe.emulator.refunds import turn_due_refunds
from webapp.providers.stripe.emulator.state import Stripe
from webapp.providers.stripe.emulator.steering import steering_routes
from webapp.providers.stripe.emulator.three_d import three_d_routes
from webapp.sandbox.delivery import DeliveryRules
from webapp.sandbox.emulators import PanelPart
from webapp.sandbox.shell import Sandbox
from webapp.sandbox.store import Document

_ON_PANEL = 30
_CALLS = ("create", "lookup", "browse", "confirm", "cancel", "refund", "search", "list")


class StripeEmulator:
    """Routes, ledger rows, time and panel of the played Stripe."""

    name = "stripe"

    def __init__(self, sandbox: Sandbox) -> None:
        self.stripe = Stripe(sandbox)
        self.blueprint = Blueprint(
            "stripe",
            __name__,
            template_folder="templates",
            static_folder="static",
            static_url_path="/stripe/static",
        )
        api_routes(self.stripe, self.blueprint)
        browser_routes(self.stripe, self.blueprint)
        three_d_routes(self.stripe, self.blueprint)
        receipt_routes(self.stripe, self.blueprint)
        steering_routes(self.stripe, self.blueprint)
        sandbox.mailroom.learn(
            self.name,
            DeliveryRules(
                RETRY_AFTER_S,
                lambda event, tries: signed_headers(self.stripe, event, tries),
                lambda status: 200 <= status < 300,
            ),
        )

    def payments(self) -> list[Document]:
        """Ledger rows; amounts in the currency's smallest unit."""
        went_back: dict[str, int] = {}
        for refund in self.stripe.refunds.all():
            if refund.status == "succeeded":
                went_back[refund.intent] = went_back.get(refund.intent, 0) + refund.amount
        return [
            {
                "provider": self.name,
                "provider_ref": intent.id,
                "order_ref": intent.alias,
                "status": intent.status,
                "amount": intent.amount,
                "captured": intent.amount_received,
                "refunded": went_back.get(intent.id, 0),
                "currency": intent.currency.upper(),
                "method": self._method(intent),
                "key_pair": "",
            }
            for intent in self.stripe.intents.all()
        ]

    def refunds(self) -> list[Document]:
        """Ledger rows of money that went back, or is to."""
        return [
            {
                "provider": self.name,
                "provider_ref": refund.id,
                "payment_ref": refund.intent,
                "amount": refund.amount,
                "status": refund.status,
            }
            for refund in self.stripe.refunds.all()
        ]

    def tick(self) -> None:
        """Let refunds turn that are due."""
        turn_due_refunds(self.stripe)

    def panel(self) -> PanelPart:
        """Test cards and the latest payments with what can be done to them."""
        latest = self.stripe.intents.all()[: -_ON_PANEL - 1 : -1]
        values = {"cards": TEST_CARDS, "rows": [self._row(intent) for intent in latest]}
        return PanelPart("stripe/panel.html", values, _CALLS)

    def _row(self, intent: Intent) -> Document:
        charge = self.stripe.charges.find(intent.latest_charge) if intent.latest_charge else None
        return {
            "intent": intent,
            "sum": readable(intent.amount, intent.currency),
            "at": self.stripe.sandbox.clock.stamp(float(intent.created)),
            "method": self._method(intent),
            "refundable": intent.status == "succeeded" and charge is not None and charge.refunded < charge.amount,
            "disputed": charge is not None and charge.disputed,
        }

    def _method(self, intent: Intent) -> str | None:
        method = self.stripe.methods.find(intent.payment_method) if intent.payment_method else None
        return method.type if method else None
