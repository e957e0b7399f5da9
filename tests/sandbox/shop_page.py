"""A shop's page for the SDK tests: on another origin, under the strict policy of a real checkout."""

import threading
from types import TracebackType

from flask import Flask, Response, request
from werkzeug.serving import make_server

_HEAD = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title><link rel="icon" href="data:,">'
_BODY = '</head><body><h1>Shop</h1><div id="methods"></div><div id="agreement"></div></body></html>'


class ShopPage:
    """GET / loads the SDK named by `?sdk=`; /success and /fail are where the buyer lands. A context manager.

    `?sdk=loader` loads none: the page's own /loader.js, given as `loader`, is there to do it.
    """

    def __init__(self, sandbox_origin: str, loader: str = "") -> None:
        self._sandbox = sandbox_origin
        app = Flask("shop")
        app.add_url_rule("/", "shop", self._shop)
        app.add_url_rule("/loader.js", "loader", lambda: Response(loader, mimetype="text/javascript"))
        for name in ("success", "fail"):
            app.add_url_rule(f"/{name}", name, lambda: Response(_HEAD + _BODY))
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def _shop(self) -> Response:
        sdk, origin = request.args.get("sdk", "/toss/v2/standard"), self._sandbox
        own = " 'self'" if sdk == "loader" else ""
        script = "" if own else f'<script src="{origin}{sdk}"></script>'
        policy = (
            f"default-src 'none'; script-src {origin}{own}; frame-src {origin}; connect-src {origin}; "
            "style-src 'self' 'nonce-x'; img-src data:; base-uri 'none'; form-action 'self'"
        )
        return Response(_HEAD + script + _BODY, headers={"Content-Security-Policy": policy})

    def __enter__(self) -> "ShopPage":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
