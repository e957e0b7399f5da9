"""A shop's page for the SDK tests: on another origin, under the strict policy of a real checkout."""

import threading
from types import TracebackType

from flask import Flask, Response, request
from werkzeug.serving import make_server

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
<script src="{origin}{sdk}"></script></head>
<body><h1>Shop</h1><div id="methods"></div><div id="agreement"></div></body></html>"""


class ShopPage:
    """GET / loads an SDK; /success and /fail show where the buyer landed. A context manager."""

    def __init__(self, sandbox_origin: str) -> None:
        app = Flask("shop")
        app.add_url_rule("/", "shop", lambda: self._shop(sandbox_origin))
        for name in ("success", "fail"):
            app.add_url_rule(f"/{name}", name, lambda name=name: Response(f"<h1>{name}</h1>"))
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @staticmethod
    def _shop(origin: str) -> Response:
        page = _PAGE.format(origin=origin, sdk=request.args.get("sdk", "/toss/v2/standard"))
        policy = (
            f"default-src 'none'; script-src {origin}; frame-src {origin}; connect-src {origin}; "
            "style-src 'self' 'nonce-x'; base-uri 'none'; form-action 'self'"
        )
        return Response(page, headers={"Content-Security-Policy": policy})

    def __enter__(self) -> "ShopPage":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
