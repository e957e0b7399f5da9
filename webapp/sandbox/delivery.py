"""Webhooks out of the sandbox: kept until delivered, sent from the background, retried by its clock."""

import http.client
import json
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from webapp.sandbox.clock import SandboxClock
from webapp.sandbox.faults import FaultBook
from webapp.sandbox.store import Document, Store

_POLL_S = 0.25
_REORDER_FALLBACK_S = 30.0

Headers = Callable[[Document, int], Mapping[str, str]]


@dataclass(frozen=True)
class DeliveryRules:
    """One provider's habits: waits between tries (seconds), what it signs and how, what it takes as yes."""

    retry_after_s: tuple[float, ...]
    headers: Headers
    accepts: Callable[[int], bool]


class Mailroom:
    """The webhook queue and the thread that empties it."""

    def __init__(self, store: Store, clock: SandboxClock, faults: FaultBook, timeout_s: float) -> None:
        self._store, self._clock, self._faults, self._timeout_s = store, clock, faults, timeout_s
        self._rules: dict[str, DeliveryRules] = {}
        self._busy: set[str] = set()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._closed = threading.Event()
        self._pool = ThreadPoolExecutor(4, thread_name_prefix="webhook")
        self._thread = threading.Thread(target=self._run, name="mailroom", daemon=True)
        self.on_poll: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def close(self) -> None:
        """Stop delivering; what is queued stays queued."""
        self._closed.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(2)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def learn(self, provider: str, rules: DeliveryRules) -> None:
        """Register how a provider delivers."""
        self._rules[provider] = rules

    def target(self, provider: str) -> str | None:
        """Where this provider's events go, or None."""
        stored = self._store.get("webhook_target", provider)
        return stored["url"] if stored else None

    def aim(self, provider: str, url: str | None) -> None:
        """Set or remove the address of a provider's events."""
        self._store.put("webhook_target", provider, {"url": url})

    def post(self, provider: str, event_id: str, event_type: str, body: object) -> None:
        """Queue an event. Part of the caller's transaction: undone with it, sent only after it."""
        text = json.dumps(body, ensure_ascii=False)
        event: Document = {"provider": provider, "event_id": event_id, "event_type": event_type}
        event |= {"body": text, "at": self._clock.now(), "due": self._clock.now(), "tries": 0, "copies": 1}
        event["state"] = "due" if self.target(provider) else "unaddressed"
        if event["state"] == "due":
            self._release_held(provider)
            self._spoil(event)
        self._save(event)
        self._wake.set()

    def replay(self, event_id: str) -> bool:
        """Send an old event once more, as the provider's console does. False if there is none."""
        event = self._store.get("event", event_id)
        if event is None:
            return False
        self._save({**event, "state": "due", "due": self._clock.now(), "copies": 1})
        self._wake.set()
        return True

    def nudge(self) -> None:
        """Look for due events now: the clock was moved."""
        self._wake.set()

    def events(self) -> list[Document]:
        """Every event ever queued, with its state."""
        return self._store.find_all("event")

    def attempts(self) -> list[Document]:
        """Every delivery tried, oldest first: the ledger's `deliveries`."""
        return self._store.find_all("delivery")

    def _spoil(self, event: Document) -> None:
        fault = self._faults.take(event["provider"], "webhook", event["body"])
        if fault is None:
            return
        if fault.then == "drop":
            event["state"] = "dropped"
        elif fault.then == "double":
            event["copies"] = 2
        elif fault.then == "delay":
            event["due"] += 1.0 if fault.delay_s is None else fault.delay_s
        else:
            event["state"] = "held"
            event["due"] += _REORDER_FALLBACK_S if fault.delay_s is None else fault.delay_s

    def _release_held(self, provider: str) -> None:
        for event in self._store.find_all("event", state="held"):
            if event["provider"] == provider:
                # A moment later than the event that overtakes it.
                self._save({**event, "state": "due", "due": self._clock.now() + 0.3})

    def _save(self, event: Document) -> None:
        waiting = event["state"] in ("due", "held")
        self._store.put("event", event["event_id"], event, state=event["state"] if waiting else "done")

    def _run(self) -> None:
        while not self._closed.is_set():
            self._wake.wait(_POLL_S)
            self._wake.clear()
            if self._closed.is_set():
                return
            self.on_poll()
            self._dispatch()

    def _dispatch(self) -> None:
        waiting = self._store.find_all("event", state="due") + self._store.find_all("event", state="held")
        now = self._clock.now()
        for event in sorted(waiting, key=lambda event: event["due"]):
            with self._lock:
                if event["due"] > now or event["event_id"] in self._busy:
                    continue
                self._busy.add(event["event_id"])
            self._pool.submit(self._deliver, event["event_id"])

    def _deliver(self, event_id: str) -> None:
        try:
            with self._store.transaction():
                event = self._store.get("event", event_id)
                # One moment for both: an event of before a reset must not reach an address of after it.
                url = self.target(event["provider"]) if event else None
            if event is None or event["state"] not in ("due", "held"):
                return
            copies, event["copies"] = event["copies"], 1
            for _ in range(copies):
                self._try_once(event, url)
        finally:
            with self._lock:
                self._busy.discard(event_id)
            self._wake.set()

    def _try_once(self, event: Document, url: str | None) -> None:
        rules = self._rules[event["provider"]]
        headers = {"Content-Type": "application/json", **rules.headers(event, event["tries"])}
        status = _send(url, event["body"], headers, self._timeout_s) if url else None
        with self._store.transaction():
            if self._store.get("event", event["event_id"]) is None:
                return
            self._record(event, status)
            if status is not None and rules.accepts(status):
                event["state"] = "delivered"
            elif event["tries"] < len(rules.retry_after_s):
                event["due"] = self._clock.now() + rules.retry_after_s[event["tries"]]
                event["state"] = "due"
            else:
                event["state"] = "given_up"
            event["tries"] += 1
            self._save(event)

    def _record(self, event: Document, status: int | None) -> None:
        row = {name: event[name] for name in ("provider", "event_id", "event_type", "body")}
        row |= {"attempt": event["tries"], "response_status": status, "at": self._clock.stamp(), "genuine": 1}
        number = len(self._store.find_all("delivery", alias=event["event_id"]))
        self._store.put("delivery", f"{event['event_id']}/{number}", row, alias=event["event_id"])


def _send(url: str, body: str, headers: Mapping[str, str], timeout_s: float) -> int | None:
    """POST without following redirects. None when no answer came in time."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout_s)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body.encode(), dict(headers))
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
