"""The shop for tests: the real app on a real port, a real database, the sandbox beside it, and a clock to move."""

import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

import requests
from argon2 import PasswordHasher
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import text, update
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from tests.sandbox_server import RunningSandbox
from webapp import create_app
from webapp.cli import DEMO_CATALOG, DEMO_PASSWORD
from webapp.db.users import User
from webapp.domain.clock import Nature, SystemRandomness
from webapp.jobs import worker
from webapp.mail.outgoing import Mailer
from webapp.services import access_tokens, accounts
from webapp.services.context import Context
from webapp.services.stock import load_catalog
from webapp.services.sweep import sweep
from webapp.settings import load_settings
from webapp.wiring import Wiring, wire

BUYER, PASSWORD = "buyer@example.com", DEMO_PASSWORD
PRODUCT, NAME, PRICE = "saju-premium", "사주팔자 프리미엄 해석", 13000
#: The same shop abroad, in cents.
READING, DOLLARS = "Premium Fortune Reading", 1000

_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
#: A thousand apps in one run read the same templates.
_COMPILED = FileSystemBytecodeCache()

_CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


class MovableClock:
    """Real time, shifted: `advance` moves what the app takes for the present. Waiting stays real."""

    def __init__(self) -> None:
        self._shift = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._shift

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def advance(self, seconds: float) -> None:
        self._shift += timedelta(seconds=seconds)


def seed(database_url: str) -> None:
    """Put the demo catalogue and three people into a migrated database: once, in what the others are copied from."""
    context = wire(load_settings({"DATABASE_URL": database_url})).context
    load_catalog(context, DEMO_CATALOG)
    people = (BUYER, "owner@example.com", "other@example.com")
    for email in people:
        accounts.sign_up(context, email=email, password=PASSWORD, demo=True)
    ease_log_in(context, *people)
    context.sessions.engine.dispose()


def ease_log_in(context: Context, *emails: str) -> None:
    """Give them the usual password under a hash that is cheap to check; what the shop itself hashes stays dear."""
    with context.sessions.write() as session:
        easy = update(User).where(User.email.in_(emails)).values(password_hash=_CHEAP.hash(PASSWORD))
        session.execute(easy)


class RunningShop:
    """A shop on a free port; a context manager. The sandbox sends its webhooks to it.

    Jobs and sweeps happen when a test says so (`work`, `sweep`), or by themselves inside `working()`.
    `env` are settings on top of a database and the sandbox's port; `{origin}` in one stands for
    the shop's own. `ca_bundle` is the file of authorities that calls to providers believe.
    """

    def __init__(
        self,
        database_url: str,
        sandbox: RunningSandbox,
        outbox: Path,
        ca_bundle: str | None = None,
        /,
        **env: str,
    ) -> None:
        self.sandbox, self.clock, self.outbox = sandbox, MovableClock(), outbox
        self._server = make_server("127.0.0.1", 0, lambda _env, _start: iter(()), threaded=True)
        self.port = self._server.server_port
        self.origin = f"http://127.0.0.1:{self.port}"
        given = {
            "DATABASE_URL": database_url,
            "PORT": str(self.port),
            "SANDBOX_PORT": str(sandbox.port),
            "LOG_LEVEL": "WARNING",
            **{name: value.replace("{origin}", self.origin) for name, value in env.items()},
        }
        nature = Nature(self.clock, SystemRandomness())
        self.app = create_app(load_settings(given), nature=nature, ca_bundle=ca_bundle)
        self.app.jinja_env.bytecode_cache = _COMPILED
        self._server.app = self.app
        if not self.wiring.settings.smtp_url.get_secret_value():
            mailer = Mailer("", self.wiring.settings.mail_from, clock=self.clock, outbox=outbox)
            object.__setattr__(self.wiring, "mailer", mailer)

    def __enter__(self) -> "RunningShop":
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        for name in self.wiring.settings.providers:
            self.sandbox.set_webhook(f"{self.origin}/payment/{name}/webhook", provider=name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.sandbox.mute()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self.context.sessions.engine.dispose()

    @property
    def wiring(self) -> Wiring:
        wired: Wiring = self.app.extensions["wiring"]
        return wired

    @property
    def context(self) -> Context:
        return self.wiring.context

    @contextmanager
    def db(self) -> Iterator[Session]:
        """A transaction on the shop's own database. On PostgreSQL, plain SQL finds the shop's tables too."""
        with self.context.sessions.write() as session:
            if session.get_bind().dialect.name == "postgresql":
                session.execute(text("SET LOCAL search_path TO checkout"))
            yield session

    def rows(self, sql: str, **values: Any) -> list[Mapping[str, Any]]:
        """The rows of a plain query, as mappings."""
        with self.db() as session:
            return [dict(row) for row in session.execute(text(sql), values).mappings()]

    def work(self) -> int:
        """Do every job that is due now; how many."""
        return worker.drain(self.app, self.wiring)

    def sweep(self) -> int:
        """Look up every payment that is due now; how many."""
        return sweep(self.context)

    def settle_down(self, *, hours: float = 30, step_s: float = 120) -> None:
        """Let time pass, on both clocks, with worker and sweeper running: "quiet" afterwards."""
        passed = 0.0
        while passed < hours * 3600:
            self.work()
            self.sweep()
            self.advance(step_s)
            passed += step_s
            step_s = min(step_s * 1.6, 3600)
        self.work()
        self.sweep()

    def advance(self, seconds: float) -> None:
        """Move the shop's clock and the sandbox's together."""
        self.clock.advance(seconds)
        self.sandbox.advance(seconds)

    @contextmanager
    def working(self) -> Iterator[None]:
        """Worker and sweeper in the background, as `flask worker` runs them."""
        stop = threading.Event()
        thread = threading.Thread(target=worker.serve, args=(self.app, self.wiring, stop), daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def token(self, email: str = BUYER) -> str:
        return access_tokens.make_token(self.context, email)[0]

    def create(self, email: str = BUYER, **body: Any) -> dict[str, Any]:
        """The guide's create call."""
        answer = self.post(
            "/payment/toss/create", body or {"amount": PRICE, "orderName": NAME}, token=self.token(email)
        )
        assert answer.status_code == 200, answer.text
        created: dict[str, Any] = answer.json()
        return created

    def create_abroad(self, email: str = BUYER, **body: Any) -> dict[str, Any]:
        """The guide's create call for Stripe, in dollars unless `body` says otherwise."""
        wanted = body or {"amount": DOLLARS, "description": READING}
        answer = self.post("/payment/stripe/create", wanted, token=self.token(email))
        assert answer.status_code == 200, answer.text
        created: dict[str, Any] = answer.json()
        return created

    def post(self, path: str, body: Any, *, token: str | None = None, **kwargs: Any) -> requests.Response:
        """A JSON call, without cookies."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return requests.post(self.origin + path, json=body, headers=headers, timeout=75, **kwargs)

    def browse(self, email: str | None = BUYER) -> "Browsing":
        """A visitor with cookies; logged in unless `email` is None."""
        return Browsing(self, email)

    def authenticated(self, created: dict[str, Any] | None = None, **payment: Any) -> dict[str, Any]:
        """An order whose buyer has been through the window: `paymentKey`, `orderId`, `amount`, `redirect`."""
        created = created or self.create()
        config = created["tossConfig"]
        return self.sandbox.authenticate(
            **{
                "client_key": config["clientKey"],
                "order_id": config["orderId"],
                "order_name": config["orderName"],
                "amount": config["amount"],
                "success_url": config["successUrl"],
                "fail_url": config["failUrl"],
                **payment,
            }
        )

    def order(self, order_id: str) -> Mapping[str, Any]:
        return self.rows("SELECT * FROM orders WHERE public_id = :o", o=order_id)[0]

    def payments(self, order_id: str) -> list[Mapping[str, Any]]:
        """The order's attempts, first to last."""
        return self.rows(
            "SELECT p.* FROM payments p JOIN orders o ON o.id = p.order_id WHERE o.public_id = :o ORDER BY attempt_no",
            o=order_id,
        )

    def mails(self) -> list[Mapping[str, Any]]:
        return self.rows("SELECT * FROM mails ORDER BY created_at")


class Browsing:
    """What a browser does, without one: cookies, forms with their token, redirects not followed."""

    def __init__(self, shop: RunningShop, email: str | None) -> None:
        self.shop = shop
        self.http = requests.Session()
        self.http.trust_env = False
        if email is not None:
            self.submit("/login", "/login", email=email, password=PASSWORD)

    def get(self, path: str, **kwargs: Any) -> requests.Response:
        url = path if path.startswith("http") else self.shop.origin + path
        return self.http.get(url, allow_redirects=False, timeout=75, **kwargs)

    def submit(self, page: str, action: str, **fields: str) -> requests.Response:
        """Send a form of `page` to `action`."""
        token = _CSRF.search(self.get(page).text)
        data = {**fields, **({"csrf_token": token.group(1)} if token else {})}
        return self.http.post(self.shop.origin + action, data=data, allow_redirects=False, timeout=75)

    def checkout(self, product: str = PRODUCT) -> tuple[str, str]:
        """Open the checkout page: the public order id, and the id that the attempt sends to the provider."""
        answer = self.get(f"/checkout/{product}")
        assert answer.status_code == 200, answer.text
        sent = re.search(r'data-order-id="([^"]+)"', answer.text)
        assert sent, "no payment pane on the page"
        row = self.shop.rows(
            "SELECT o.public_id FROM orders o JOIN payments p ON p.order_id = o.id WHERE p.sent_order_id = :s",
            s=sent.group(1),
        )
        return row[0]["public_id"], sent.group(1)

    def back(self, authenticated: dict[str, Any]) -> requests.Response:
        """Come back from the provider with what it put into the address."""
        return self.get(authenticated["redirect"])
