"""Buyers who need no words of ours: the provider's emulator lets one through when it is asked to."""

from collections.abc import Callable

import requests

from tests.sandbox_server import RunningSandbox
from webapp.providers.port import Attempt

#: Takes an opened attempt through a provider's own pages; the reference that she brings back.
Buyer = Callable[[RunningSandbox, Attempt], str]


def steered(name: str) -> Buyer:
    """A buyer at `POST /sandbox/<name>/authenticate {order_id, amount, currency}`, which answers `{paymentKey}`."""

    def buyer(sandbox: RunningSandbox, attempt: Attempt) -> str:
        amount = attempt.amount
        asked = {"order_id": attempt.order_ref, "amount": amount.minor, "currency": amount.currency}
        answer = requests.post(_steering(sandbox, name), json=asked, timeout=10)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["paymentKey"])

    return buyer


def is_steered(sandbox: RunningSandbox, name: str) -> bool:
    """Whether the provider's emulator offers that."""
    return requests.options(_steering(sandbox, name), timeout=10).status_code == 200


def _steering(sandbox: RunningSandbox, name: str) -> str:
    return f"http://127.0.0.1:{sandbox.port}/sandbox/{name}/authenticate"
