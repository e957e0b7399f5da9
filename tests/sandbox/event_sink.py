"""A shop's webhook address that writes down what comes and answers as told."""

import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType


class EventSink:
    """Answers with the next of `answers`, then 200. `heard` holds (headers, body). A context manager.

    Its address has a part of its own: ports are given again, and what was meant for an earlier one isn't heard.
    """

    def __init__(self, *answers: int) -> None:
        self.heard: list[tuple[dict[str, str], str]] = []
        left = list(answers)
        heard, path = self.heard, f"/{secrets.token_hex(8)}"

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                if self.path != path:
                    self.send_error(404)
                    return
                heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(left.pop(0) if left else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}{path}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> "EventSink":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
