"""The shop's side of Toss's REST API, as bare as it can be."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any

import requests

from tests.sandbox_server import WIDGET_SECRET


class TossClient:
    """Calls with the widget's secret key unless another is given. A context manager."""

    def __init__(self, origin: str, secret: str = WIDGET_SECRET) -> None:
        self._base = origin.replace("localhost", "127.0.0.1") + "/toss/v1"
        self._secret = secret
        self._http = requests.Session()
        self._http.trust_env = False

    def __enter__(self) -> "TossClient":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def confirm(self, payment: Mapping[str, Any], **headers: str) -> requests.Response:
        """Confirm what `RunningSandbox.authenticate` gave."""
        body = {name: payment[name] for name in ("paymentKey", "orderId", "amount")}
        return self.post("/payments/confirm", body, **headers)

    def cancel(self, key: str, **body: Any) -> requests.Response:
        """Cancel with a reason; the rest as given."""
        return self.post(f"/payments/{key}/cancel", {"cancelReason": "test", **body})

    def post(self, path: str, body: Any, **headers: str) -> requests.Response:
        """POST JSON; header names with underscores for dashes."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        # A connection of its own: several threads call at once.
        return requests.post(self._base + path, json=body, auth=(self._secret, ""), headers=sent, timeout=5)

    def get(self, path: str, secret: str | None = None, **headers: str) -> requests.Response:
        """GET, perhaps with another secret key."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._http.get(self._base + path, auth=(secret or self._secret, ""), headers=sent, timeout=5)

    def status(self, key: str) -> str:
        """The payment's status by look-up."""
        return str(self.get(f"/payments/{key}").json()["status"])


def code_of(answer: requests.Response) -> tuple[int, str]:
    """Status and code of a refusal, whose body must have Toss's shape."""
    body = answer.json()
    assert set(body) == {"code", "message"}, body
    assert body["message"]
    return answer.status_code, str(body["code"])
