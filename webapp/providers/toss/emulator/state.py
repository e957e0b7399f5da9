"""What every part of the played Toss works with: its payments, its clock, its way to send events."""

from typing import Any

from webapp.providers.toss.emulator.korea import bare
from webapp.providers.toss.emulator.payment import Payment, Payments, Status, token
from webapp.providers.toss.emulator.payment_object import payment_object
from webapp.sandbox.shell import Sandbox

READY_LASTS_S = 30 * 60
AUTHENTICATION_LASTS_S = 10 * 60

_ANNOUNCED = ("DONE", "CANCELED", "PARTIAL_CANCELED", "ABORTED", "EXPIRED")


class Toss:
    """The provider's state of the world."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.payments = Payments(sandbox.store)

    def now(self) -> float:
        """Seconds since 1970 by the sandbox's clock."""
        return self.sandbox.clock.now()

    def show(self, payment: Payment, *, english: bool = False) -> dict[str, Any]:
        """The payment as the API returns it."""
        return payment_object(payment, self.sandbox.origin, self.now(), english=english)

    def move(self, payment: Payment, status: Status) -> None:
        """Change the status, keep it, and tell the shop if Toss would."""
        payment.status = status
        self.payments.save(payment)
        if status in _ANNOUNCED:
            self._announce(payment)
        if payment.account is not None:
            self._call_back(payment)

    def abort(self, payment: Payment, code: str, message: str) -> None:
        """End a payment without money, with the reason that look-ups show."""
        payment.failure = {"code": code, "message": message}
        self.move(payment, "ABORTED")

    def expire_if_late(self, payment: Payment) -> Payment:
        """Apply the 30-minute and the 10-minute window by the present time."""
        started = payment.requested_at if payment.status == "READY" else payment.authenticated_at
        limit = READY_LASTS_S if payment.status == "READY" else AUTHENTICATION_LASTS_S
        open_still = payment.status in ("READY", "IN_PROGRESS")
        if open_still and started is not None and self.now() - started > limit:
            payment.failure = {"code": "EXPIRED_PAYMENT", "message": "만료된 결제입니다."}
            self.move(payment, "EXPIRED")
        return payment

    def expire_all(self) -> None:
        """Apply the windows to every open payment."""
        for status in ("READY", "IN_PROGRESS"):
            for payment in self.payments.in_status(status):
                with self.sandbox.store.transaction():
                    fresh = self.payments.find(payment.key)
                    if fresh is not None:
                        self.expire_if_late(fresh)

    def _announce(self, payment: Payment) -> None:
        body = {
            "eventType": "PAYMENT_STATUS_CHANGED",
            "createdAt": bare(self.now()),
            "data": self.show(payment),
        }
        self._post("PAYMENT_STATUS_CHANGED", body)

    def _call_back(self, payment: Payment) -> None:
        body = {
            "createdAt": bare(self.now()),
            "secret": payment.secret,
            "status": payment.status,
            "transactionKey": payment.transactions[-1]["key"],
            "orderId": payment.order_id,
        }
        self._post("DEPOSIT_CALLBACK", body)

    def _post(self, event_type: str, body: dict[str, Any]) -> None:
        self.sandbox.mailroom.post("toss", f"whtrans_{token(24)}", event_type, body)
