import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

from tests.tooling import browser as tooling
from tests.tooling.browser import BrowserMissing, get_chromium, guard_network, launch

pytestmark = pytest.mark.browser


class Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/away":
            self.send_response(303)
            self.send_header("Location", "http://example.com/elsewhere")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        script = '<script src="http://example.com/foreign.js"></script>' if self.path == "/script" else ""
        self.wfile.write(f"<title>여기</title>{script}".encode())

    def log_request(self, code: object = "", size: object = "") -> None:
        return


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = launch(playwright)
        yield running
        running.close()


def test_an_allowed_page_is_shown(chromium: Browser, origin: str) -> None:
    context = chromium.new_context()
    with guard_network(context, [origin]) as refused:
        page = context.new_page()
        page.goto(origin)
        assert page.title() == "여기"
        assert refused == []
    context.close()


def test_a_foreign_script_fails_the_test_at_the_end(chromium: Browser, origin: str) -> None:
    context = chromium.new_context()
    with (
        pytest.raises(AssertionError, match=r"http://example\.com/foreign\.js"),
        guard_network(context, [origin]),
    ):
        context.new_page().goto(f"{origin}/script")
    context.close()


def test_a_redirect_abroad_is_refused_and_reported(chromium: Browser, origin: str) -> None:
    context = chromium.new_context()
    with guard_network(context, [origin]) as refused:
        with pytest.raises(Error):
            context.new_page().goto(f"{origin}/away")
        assert refused == ["http://example.com/elsewhere"]
        refused.clear()
    context.close()


@pytest.mark.parametrize("address", ["http://example.com/", "http://192.0.2.1/"])
def test_nothing_but_the_loopback_is_reached_without_a_guard(chromium: Browser, origin: str, address: str) -> None:
    context = chromium.new_context()
    with pytest.raises(Error, match="ERR_PROXY_CONNECTION_FAILED"):
        context.new_page().goto(address)
    context.new_page().goto(origin.replace("127.0.0.1", "localhost"))
    context.close()


def test_an_allowed_stand_in_may_be_played_by_the_test(chromium: Browser, origin: str) -> None:
    context = chromium.new_context()
    with guard_network(context, [origin, "http://example.com"]) as refused:
        page = context.new_page()
        page.route("http://example.com/foreign.js", lambda route: route.fulfill(body="window.here = 1"))
        page.goto(f"{origin}/script")
        assert page.evaluate("window.here") == 1
        assert refused == []
    context.close()


def test_without_a_browser_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(tooling, "APPLICATIONS", ())
    monkeypatch.setattr(tooling, "DOWNLOADS", (tmp_path,))
    with pytest.raises(BrowserMissing, match="apt-get install chromium"):
        get_chromium()
