"""`api.tosspayments.com` as far as a certificate and one call go: what the shop sends when nothing is overridden."""

import json
import ssl
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

import trustme

API_HOST = "api.tosspayments.com"


@dataclass(frozen=True)
class Received:
    """One request as it arrived; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class TossHost:
    """Answers every confirm with a payment that is DONE. A context manager; `address` is where it really listens."""

    def __init__(self, folder: Path) -> None:
        self.received: list[Received] = []
        self.asked_names: list[str | None] = []
        authority = trustme.CA()
        self._ca = folder / "ca.pem"
        authority.cert_pem.write_to_path(str(self._ca))
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(API_HOST).configure_cert(tls)
        tls.sni_callback = lambda _socket, name, _context: self.asked_names.append(name)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.address = f"127.0.0.1:{self._server.server_port}"

    def ca_bundle(self) -> str:
        """The file of the one authority that vouches for this host."""
        return str(self._ca)

    def __enter__(self) -> "TossHost":
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        received = self.received

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                headers = {name.lower(): value for name, value in self.headers.items()}
                received.append(Received(self.command, self.path, headers, body))
                answer = json.dumps(_done(body)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json;charset=UTF-8")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_request(self, code: object = "", size: object = "") -> None:
                return

        return Handler


def _done(asked: dict[str, Any]) -> dict[str, Any]:
    return {
        "paymentKey": asked["paymentKey"],
        "orderId": asked["orderId"],
        "orderName": "해석",
        "status": "DONE",
        "method": "카드",
        "currency": "KRW",
        "totalAmount": asked["amount"],
        "balanceAmount": asked["amount"],
        "requestedAt": "2026-11-23T10:00:00+09:00",
        "approvedAt": "2026-11-23T10:00:05+09:00",
        "cancels": None,
        "virtualAccount": None,
        "receipt": {"url": "https://dashboard.tosspayments.com/receipt/1"},
        "secret": None,
    }
