"""A page of another site orders through the JSON calls, in a real browser, if the shop has it on its list."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser

from tests.conftest import MakeShop
from tests.shop_server import BUYER, NAME, PASSWORD, PRICE


class _Empty(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>A front end</title>")

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Quiet."""


@pytest.fixture
def front_end() -> Iterator[str]:
    """Another site's origin, with an empty page."""
    server = ThreadingHTTPServer(("localhost", 0), _Empty)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


_BUYS = """async ([shop, email, password, name, amount]) => {
  const send = (path, body, token) => fetch(shop + path, {
    method: "POST", body: JSON.stringify(body),
    headers: {"Content-Type": "application/json", ...(token && {Authorization: `Bearer ${token}`})},
  }).then((answer) => answer.json());
  const {accessToken} = await send("/auth/token", {email, password});
  return send("/payment/toss/create", {amount, orderName: name}, accessToken);
}"""


def test_a_page_elsewhere_logs_in_and_orders_in_a_real_browser(
    make_shop: MakeShop, sqlite_url: str, front_end: str, chromium: Browser
) -> None:
    shop = make_shop(sqlite_url, CORS_ORIGINS=front_end)
    page = chromium.new_page()
    page.goto(front_end)
    told = page.evaluate(_BUYS, [shop.origin, BUYER, PASSWORD, NAME, PRICE])
    page.close()

    assert (told["success"], told["amount"]) == (True, PRICE), json.dumps(told)
    assert shop.order(told["orderId"])["status"] == "pending"


def test_a_page_that_is_not_listed_gets_nowhere_in_a_real_browser(
    make_shop: MakeShop, sqlite_url: str, front_end: str, chromium: Browser
) -> None:
    shop = make_shop(sqlite_url, CORS_ORIGINS="https://chatju.pages.dev")
    page = chromium.new_page()
    page.goto(front_end)
    with pytest.raises(Exception, match="Failed to fetch"):
        page.evaluate(_BUYS, [shop.origin, BUYER, PASSWORD, NAME, PRICE])
    page.close()

    assert shop.rows("SELECT id FROM orders") == []
