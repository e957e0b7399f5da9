"""A page that shows a provider's pane as the checkout page does: same template, same script, same strict policy."""

import threading
from pathlib import Path
from types import TracebackType

from flask import Flask, Response, render_template_string, request, send_from_directory
from jinja2 import ChoiceLoader, DictLoader, FileSystemLoader, PrefixLoader, StrictUndefined
from werkzeug.serving import make_server

import webapp.providers
from webapp.providers.port import Pane, Sources

PROVIDERS = Path(webapp.providers.__path__[0])
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Pay</title>
<link rel="icon" href="data:,"></head><body><main><h1>Pay</h1>{% include pane.template %}
<button data-pay disabled aria-busy="true">Pay</button></main>
<script type="module" src="/static/panes/{{ pane.script }}" nonce="n1"></script></body></html>"""

#: Toss's global, whose requests end as the query says.
TOSS = """window.TossPayments = () => ({ payment: () => ({
  requestPayment: (asked) => { window.asked = asked; return %s; } }) });"""

#: Stripe's global, as the query plays it: an object that may have `event` (the element's first), `confirm`, `next`.
STRIPE = """{ const played = { event: "ready", confirm: () => new Promise(() => {}), ...%s };
window.pressed = 0;
window.Stripe = (key, options) => ({
  elements: (terms) => {
    window.asked = { key, options, terms };
    const heard = {};
    const element = { on: (name, call) => { heard[name] = call; return element; }, mount: (place) => {
      document.querySelector(place).textContent = "form";
      heard[played.event]?.({ elementType: "payment" });
    } };
    return { create: (type, how) => { Object.assign(window.asked, { type, how }); return element; },
             update: async (change) => { window.changed = change; } };
  },
  confirmPayment: (how) => { window.pressed += 1; window.confirmed = how.confirmParams; return played.confirm(); },
  handleNextAction: (how) => { window.pressed += 1; window.continued = how; return played.next(); },
}); }"""


class PanePage:
    """Set `pane` and `sources`, then open `/`. `/stand-in.js?end=…` is an SDK that ends every request so.

    `stand_in` is its text, `TOSS` or `STRIPE`. A context manager.
    `lose_sdk` makes the stand-in answer 404, `stall` keeps it waiting for ever.
    `sent` is the form that asked for another try.
    """

    def __init__(self) -> None:
        self.pane: Pane | None = None
        self.sources = Sources()
        self.stand_in = TOSS
        self.lose_sdk = False
        self.stalled = threading.Event()
        self.stall = False
        self.sent: dict[str, str] = {}
        app = Flask("pane")
        app.jinja_env.undefined = StrictUndefined
        app.jinja_env.globals["_"] = lambda text: text
        folders = {path.parent.name: FileSystemLoader(path) for path in PROVIDERS.glob("*/pane")}
        app.jinja_loader = ChoiceLoader([DictLoader({}), PrefixLoader(folders)])
        app.add_url_rule("/", "page", self._page)
        app.add_url_rule("/landed", "landed", lambda: Response("<!doctype html><title>landed</title>"))
        app.add_url_rule("/payments/<order_id>/tries", "payments.retry", self._retry, methods=["POST"])
        app.add_url_rule("/stand-in.js", "stand_in", self._stand_in)
        app.add_url_rule(
            "/static/panes/<name>/<path:file>",
            "files",
            lambda name, file: send_from_directory(PROVIDERS / name / "pane", file),
        )
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"

    def _page(self) -> Response:
        sources = self.sources
        policy = (
            f"default-src 'none'; script-src 'self' 'nonce-n1' {' '.join(sources.script)}; style-src 'self'; "
            f"img-src data: {' '.join(sources.image)}; frame-src {' '.join(sources.frame)}; base-uri 'none'; "
            f"connect-src {' '.join(sources.connect)}; form-action 'self' {' '.join(sources.form)}"
        )
        page = render_template_string(_PAGE, pane=self.pane, order={"order_id": "ord_1"}, csrf_token=lambda: "token")
        return Response(page, headers={"Content-Security-Policy": policy})

    def _retry(self, order_id: str) -> Response:
        self.sent = {"order_id": order_id, **request.form.to_dict()}
        return Response("<!doctype html><title>another try</title>")

    def _stand_in(self) -> Response:
        if self.stall:
            self.stalled.wait(20)
        if self.lose_sdk:
            return Response(status=404)
        return Response(self.stand_in % request.args["end"], mimetype="text/javascript")

    def __enter__(self) -> "PanePage":
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stalled.set()
        self._server.shutdown()
        self._server.server_close()
