"""A shop's page for the tests of Stripe.js: on another origin, under the strict policy of a real checkout."""

import re
import threading
from types import TracebackType

from flask import Flask, Response, request
from werkzeug.serving import make_server

from tests.tooling.house import ROOT

GUIDE = ROOT / "docs" / "level-7-setup-guide.md"

_HEAD = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title><link rel="icon" href="data:,">'
_BODY = """<link rel="stylesheet" href="/shop.css"></head><body class="{ground}"><main><h1>Shop</h1>
<form id="form"><label for="place">Card</label><div id="place"></div>
<button id="pay" type="button">Pay</button></form></main></body></html>"""
_STYLE = """body { margin: 0; font-family: sans-serif; } main { max-width: 480px; margin: auto; padding: 16px; }
.dark { background: #16171f; color: #fff; } button { margin-top: 16px; min-height: 44px; }"""


def printed_snippet(section: str) -> str:
    """The JavaScript of a section of the setup guide, as printed."""
    after = GUIDE.read_text("utf-8").split(f"### {section} ", 1)[1]
    found = re.search(r"```javascript\n(.*?)```", after, re.DOTALL)
    assert found
    return found[1]


class StripePage:
    """GET / loads Stripe.js from the sandbox; /back is where the buyer lands. A context manager.

    `scripts` are served beside the page under their names, for what a test wants to load by itself. `?ground=dark`
    paints the page dark. The call that the guide's snippet makes is answered from `created`.
    """

    def __init__(self, sandbox_origin: str, scripts: dict[str, str]) -> None:
        self._sandbox, self.created = sandbox_origin, ""
        app = Flask("shop", static_folder=None)
        app.add_url_rule("/", "shop", self._shop)
        app.add_url_rule("/back", "back", lambda: Response(_HEAD + _BODY.format(ground="")))
        app.add_url_rule("/shop.css", "style", lambda: Response(_STYLE, mimetype="text/css"))
        app.add_url_rule("/payment/stripe/create", "create", self._create, methods=["POST"])
        for name, code in scripts.items():
            app.add_url_rule(f"/{name}", name, lambda code=code: Response(code, mimetype="text/javascript"))
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def _create(self) -> dict[str, str]:
        return {"clientSecret": self.created}

    def _shop(self) -> Response:
        origin, ground = self._sandbox, request.args.get("ground", "")
        script = f'<script src="{origin}/stripe/endive/stripe.js"></script>'
        policy = (
            f"default-src 'none'; script-src 'self' 'nonce-x' {origin}; frame-src {origin}; "
            f"connect-src 'self' {origin}; style-src 'self'; img-src data:; base-uri 'none'; form-action 'self'"
        )
        page = _HEAD + script + _BODY.format(ground="dark" if ground == "dark" else "")
        return Response(page, headers={"Content-Security-Policy": policy, "Cross-Origin-Opener-Policy": "same-origin"})

    def __enter__(self) -> "StripePage":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
