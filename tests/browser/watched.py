"""A browser context that fails its test on what nobody looks at: foreign addresses, console, errors, CSP reports."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage

from tests.tooling.browser import guard_network

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
DESKTOP = {"viewport": {"width": 1280, "height": 900}}

_NOISE = ("error", "warning", "assert")
_REPORT = """
document.addEventListener("securitypolicyviolation", (event) => {
  window.reportPolicy(`${event.violatedDirective} refused ${event.blockedURI} on ${event.documentURI}`);
});
"""


class Watch:
    """What went wrong so far. A test that means to see a 4xx document says so with `expect`."""

    def __init__(self, context: BrowserContext) -> None:
        self.complaints: list[str] = []
        self._expected: dict[str, bool] = {}
        context.on("console", self._console)
        context.on("weberror", lambda error: self._complain(f"script: {error.error}"))
        context.expose_function("reportPolicy", lambda text: self.complaints.append(f"policy: {text}"))
        context.add_init_script(_REPORT)

    def expect(self, status: int) -> None:
        """A document or call with this status is part of the test; it fails when none comes."""
        self._expected.setdefault(f"status of {status} ", False)

    def allow(self, text: str) -> None:
        """Whatever holds this text is no complaint; it may come or not."""
        self._expected[text] = True

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in _NOISE:
            return
        self._complain(f"console: {message.text} ({message.location['url']})")

    def _complain(self, complaint: str) -> None:
        for text in self._expected:
            if text in complaint:
                self._expected[text] = True
                return
        self.complaints.append(complaint)

    def conclude(self) -> None:
        """Raise AssertionError when something was complained of, or an expected status never came."""
        assert not self.complaints, self.complaints
        missing = [text for text, seen in self._expected.items() if not seen]
        assert not missing, f"expected and never seen: {missing}"


@contextmanager
def watched_context(
    chromium: Browser, origins: Sequence[str], **options: Any
) -> Iterator[tuple[BrowserContext, Watch]]:
    """A fresh context that may talk to `origins` only; the test fails at the end with all that was complained of."""
    context = chromium.new_context(**options)
    watch = Watch(context)
    try:
        with guard_network(context, origins):
            yield context, watch
    finally:
        context.close()
    watch.conclude()
