"""How much of what is let through: by account, by address, and of everybody together.

Never limited: a return that leads to one of our orders, and webhooks. Of returns only those that were refused count.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property

import structlog
from flask import Flask, Response, current_app, g, request
from flask_login import current_user
from limits import RateLimitItem
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from webapp.domain.clock import Clock
from webapp.domain.failures import Invalid, TooManyRequests
from webapp.limit_settings import read_limit
from webapp.proxies import place_of
from webapp.services.accounts import normal_email
from webapp.settings import Settings
from webapp.window_storage import WindowStorage

log = structlog.get_logger(__name__)

#: Seconds for which this process counts alone after Redis did not answer, before it is asked again.
ALONE_S = 15.0
#: Seconds that one answer of Redis may take: nobody's page waits for a counter.
_REDIS_S = 0.25

BUCKETS = ("requests", "creates", "returns", "logins", "signups", "resets", "mails")

#: Not counted as requests: our own files, what watches the shop, what pays, and what shows whether it was paid.
FREE = frozenset(
    {
        "static", "panes.script", "health.healthz", "health.readyz", "webhooks.webhook",
        "landing.success", "landing.success_by_form", "landing.fail", "payments_api.confirm", "payments.show",
    }
)  # fmt: skip

#: Page → what a form sent there counts as. The one behind a reset link counts for itself: by whether the link works.
FORMS: Mapping[str, tuple[str, ...]] = {
    "accounts.login": ("logins",),
    "accounts.signup": ("signups",),
    "account.email": ("logins", "mails"),
    "account.password": ("logins",),
    "account.close": ("logins",),
    "account.confirmation": ("mails",),
    "account_links.forgot": ("resets", "mails"),
    "payments.retry": ("creates",),
}
#: What strangers may not use up for somebody on a device of hers, and for how long a device is hers.
SPARED = ("logins", "resets", "mails")
KNOWN_FOR = timedelta(days=180)
#: What a visit to one of these counts as, for somebody who is logged in.
VISITS: Mapping[str, str] = {"checkout.show": "creates"}


class Counters:
    """Fixed windows in Redis or in this process. Redis that is away slows nothing down and stops nobody."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._clock, self._redis_url = clock, settings.redis_url
        self._secret = hashlib.sha256(settings.secret_key.get_secret_value().encode()).digest()
        self._here = FixedWindowRateLimiter(WindowStorage(clock))
        self._alone_until = 0.0
        on = settings.limits_are_on
        self.limits = {name: read_limit(getattr(settings, f"limit_{name}")) if on else {} for name in BUCKETS}

    @cached_property
    def _shared(self) -> FixedWindowRateLimiter:
        waits = {"socket_timeout": _REDIS_S, "socket_connect_timeout": _REDIS_S}
        # A few mebibytes of client that most shops don't need.
        return FixedWindowRateLimiter(storage_from_string(self._redis_url, wrap_exceptions=True, **waits))

    def wait_s(self, item: RateLimitItem, *keys: str) -> int | None:
        """Count one more. None: it is let through. Else the seconds until the window is over."""
        hidden = [*keys[:-1], self.hide(keys[-1])]
        if self._redis_url and self._clock.monotonic() >= self._alone_until:
            try:
                return self._count(self._shared, item, hidden)
            except StorageError as error:
                log.warning("redis is away: limits are counted by each process", kind=str(error)[:80])
                self._alone_until = self._clock.monotonic() + ALONE_S
        return self._count(self._here, item, hidden)

    def hide(self, who: str) -> str:
        """A name that only this shop can compare: no address of a person lies in Redis or in our tables."""
        return hashlib.blake2b(who.encode(), key=self._secret, digest_size=16).hexdigest()

    def _count(self, counting: FixedWindowRateLimiter, item: RateLimitItem, keys: list[str]) -> int | None:
        if counting.hit(item, *keys):
            return None
        ends = counting.get_window_stats(item, *keys).reset_time
        return max(1, min(item.get_expiry(), round(ends - self._clock.now().timestamp())))


def spend(bucket: str, *, account: str | None = None, known: bool = False) -> None:
    """Count one of these for the caller's address, for `account` (an id, or an address of e-mail), and for all.

    In that sequence, up to the first that refuses: who is stopped by his address uses up nobody else's tries. From a
    device that is `known` to the account, neither what strangers tried there counts nor what everybody did; the same
    holds for a reset link that works.

    Raises:
        TooManyRequests: that was one too many; nothing was done.
    """
    counters: Counters = current_app.extensions["counters"]
    name = _one_spelling(account or "")
    who = {"address": place_of(request.remote_addr), "account": name, "all": "all"}
    if known:
        who = {"address": who["address"], "account": f"known to {name}"}
    limits = counters.limits[bucket]
    for scope, name in who.items():
        wait_s = counters.wait_s(limits[scope], bucket, scope, name) if name and scope in limits else None
        if wait_s is not None:
            log.warning("limited", bucket=bucket, scope=scope, retry_after=wait_s)
            raise TooManyRequests(retry_after=wait_s)


def _one_spelling(account: str) -> str:
    """However an address of e-mail is written, it is one account."""
    if "@" not in account:
        return account.strip().casefold()
    try:
        return normal_email(account)
    except Invalid:
        return account.strip().casefold()


def mark_device(answer: Response, email: str) -> Response:
    """Have the browser show from now on that this account was logged in on it: it lets nobody in, it only spares her
    the limits that strangers can use up.
    """
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    kept_s = int(KNOWN_FOR.total_seconds())
    answer.set_cookie(_known(), _mark(email), max_age=kept_s, httponly=True, secure=secure, samesite="Lax")
    return answer


def is_known_to(email: str) -> bool:
    """Whether this account was logged in on this device before."""
    return bool(email) and hmac.compare_digest(request.cookies.get(_known(), "").encode(), _mark(email).encode())


def _known() -> str:
    return "__Host-known" if current_app.config["SESSION_COOKIE_SECURE"] else "known"


def _mark(email: str) -> str:
    counters: Counters = current_app.extensions["counters"]
    return counters.hide(f"a device of {_one_spelling(email)}")


def caller_network() -> str:
    """Where this request comes from, hidden."""
    counters: Counters = current_app.extensions["counters"]
    return counters.hide(place_of(request.remote_addr))


def init_rate_limits(app: Flask, settings: Settings, clock: Clock) -> None:
    """Count every request, first of all; `count_press` belongs after the check of forms."""
    app.extensions["counters"] = Counters(settings, clock)
    app.before_request(_count_request)


def _count_request() -> None:
    endpoint = request.endpoint or ""
    if endpoint not in FREE:
        spend("requests")


def count_press() -> None:
    """Count what the visitor does: a form that she sends, or a checkout that she opens.

    Raises:
        TooManyRequests: that was one too many; nothing was done.
    """
    endpoint = request.endpoint or ""
    own = str(current_user.id) if (endpoint in FORMS or endpoint in VISITS) and current_user.is_authenticated else None
    g.account_id = own
    if endpoint in VISITS and own is not None:
        spend(VISITS[endpoint], account=own)
    if request.method == "POST":
        for bucket in FORMS.get(endpoint, ()):
            # A password is guessed, and a mail is sent, for the address that was typed; the rest is the visitor's own.
            named = own if bucket != "mails" and own is not None else request.form.get("email") or own
            # Spared is who logged in here as the one that is counted, not whoever has logged in here.
            email = current_user.email if named == own is not None else named
            spend(bucket, account=named, known=bucket in SPARED and is_known_to(email or ""))
