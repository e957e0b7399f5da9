"""A real Chromium: where it is, how it is started, and what it may talk to."""

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Playwright, Request, Route, WebSocketRoute

COMMANDS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
APPLICATIONS = (
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
)
DOWNLOADS = (Path.home() / ".cache/ms-playwright", Path.home() / "Library/Caches/ms-playwright")
DOWNLOADED = ("chromium-*/chrome-*/chrome", "chromium-*/chrome-*/*.app/Contents/MacOS/*")

# The last two are the second lock behind guard_network: a redirect is followed inside the browser, where no
# route handler sees it. No name but the loopback's can be resolved, and the rest is sent to a closed port.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--proxy-server=http://127.0.0.1:9",
)


class BrowserMissing(RuntimeError):
    """No Chromium was found; the message says how to get one."""


def find_chromium() -> str | None:
    """The path of a Chromium or Chrome that starts, or None. `CHROMIUM` in the environment goes first."""
    return next((path for path in _candidates() if _starts(path)), None)


def get_chromium() -> str:
    """Like `find_chromium`, but raises `BrowserMissing` with the line that installs one."""
    path = find_chromium()
    if path is None:
        raise BrowserMissing(
            "No Chromium was found. `make test` installs one; by hand: apt-get install chromium fonts-nanum, "
            "or .venv/bin/playwright install chromium"
        )
    return path


def launch(playwright: Playwright, *, headless: bool = True) -> Browser:
    """Start the Chromium that was found, with no traffic of its own. The caller closes it."""
    return playwright.chromium.launch(
        executable_path=get_chromium(), headless=headless, args=list(ARGUMENTS), chromium_sandbox=False
    )


@contextmanager
def guard_network(context: BrowserContext, allowed_origins: Iterable[str]) -> Iterator[list[str]]:
    """Abort every request of `context` to another origin, and fail with their addresses at the end.

    Yields the list of refused addresses as it grows. A page's own route for an allowed origin still wins.
    A redirect to a foreign origin counts too: the browser can't resolve it, and it is recorded here.
    """
    allowed = {origin.rstrip("/") for origin in allowed_origins}
    refused: list[str] = []

    def note(request: Request) -> None:
        if _is_foreign(request.url, allowed):
            refused.append(request.url)

    def gate(route: Route) -> None:
        if _is_foreign(route.request.url, allowed):
            route.abort("blockedbyclient")
        else:
            route.fallback()

    def close(socket: WebSocketRoute) -> None:
        refused.append(socket.url)
        socket.close()

    context.on("request", note)
    context.route("**/*", gate)
    context.route_web_socket(lambda url: _is_foreign(url, allowed), close)
    try:
        yield refused
    finally:
        context.remove_listener("request", note)
    assert not refused, f"The browser asked for addresses outside {sorted(allowed)}: {refused}"


def _is_foreign(url: str, allowed: set[str]) -> bool:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https", "ws", "wss"):
        return False
    scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
    return f"{scheme}://{parts.netloc}" not in allowed


def _candidates() -> Iterator[str]:
    if named := os.environ.get("CHROMIUM"):
        yield named
    yield from filter(None, map(shutil.which, COMMANDS))
    yield from (str(path) for path in APPLICATIONS if path.exists())
    stores = (Path(store) for store in [os.environ.get("PLAYWRIGHT_BROWSERS_PATH")] if store)
    for store in (*stores, *DOWNLOADS):
        for pattern in DOWNLOADED:
            yield from (str(path) for path in sorted(store.glob(pattern), reverse=True))


def _starts(path: str) -> bool:
    """Ubuntu's `chromium-browser` may be a stub that only asks for a snap: it exists and doesn't run."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
