"""A threaded HTTP server for the sandbox, with sockets that faults can cut."""

import threading
from types import TracebackType
from typing import Any

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from webapp.sandbox.app import create_sandbox, sandbox_of
from webapp.sandbox.config import SandboxConfig


class _QuietHandler(WSGIRequestHandler):
    # Header and body leave in two writes; with Nagle's algorithm each answer would cost 40 ms.
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """No access log: the panel shows every call."""

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
        """A cut connection has no next request."""
        self.close_connection = True


class SandboxServer:
    """The sandbox on a port of this machine; port 0 takes a free one. A context manager."""

    def __init__(self, config: SandboxConfig, host: str = "127.0.0.1", port: int = 0) -> None:
        self.app: Flask = create_sandbox(config)
        self.sandbox = sandbox_of(self.app)
        self._server: BaseWSGIServer = make_server(host, port, self.app, threaded=True, request_handler=_QuietHandler)
        self.port = self._server.server_port
        # The other host name keeps the sandbox cross-site to an app on 127.0.0.1.
        self.origin = f"http://localhost:{self.port}"
        self.sandbox.origin = self.origin
        self._thread = threading.Thread(target=self.serve, name="sandbox", daemon=True)

    def serve(self) -> None:
        """Serve until `stop` is called."""
        self._server.serve_forever(poll_interval=0.05)

    def start(self) -> None:
        """Serve from a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving, stop delivering, close the store."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(5)
        self._server.server_close()
        self.sandbox.close()

    def __enter__(self) -> "SandboxServer":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
