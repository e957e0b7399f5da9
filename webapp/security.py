"""What every answer carries, whatever made it: request id, headers, CSP, cookies, CSRF."""

import re
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, g, request
from flask_wtf import CSRFProtect

from webapp.domain import trace
from webapp.domain.clock import Clock, Nature
from webapp.domain.failures import Malformed
from webapp.providers.port import Sources
from webapp.proxies import BelievedProxies
from webapp.rate_limits import count_press, init_rate_limits
from webapp.settings import Settings

csrf = CSRFProtect()
log = structlog.get_logger(__name__)

#: Bytes of a request body; the largest genuine one is a webhook.
MAX_BODY = 256 * 1024

_GIVEN_ID = re.compile(r"[A-Za-z0-9_-]{8,40}\Z")

#: Personal, or about to change: never kept by a browser or a proxy.
_PUBLIC_ENDPOINTS = frozenset({"static", "panes.script", "health.healthz"})


def init_security(app: Flask, settings: Settings, nature: Nature) -> None:
    """Set the cookies, limits and headers, and check forms for their token."""
    secure = settings.is_https
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        SECRET_KEY_FALLBACKS=[key.get_secret_value() for key in settings.secret_key_fallbacks],
        SESSION_COOKIE_NAME="__Host-session" if secure else "session",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        # Lax: the provider sends the buyer back by a cross-site GET, which Strict would strip of its cookie.
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=14 * 86_400,
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
        TRUSTED_HOSTS=_trusted_hosts(settings),
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    # Before the forms' check: the page that refuses an old form needs its nonce and its reference too.
    app.before_request(lambda: _begin(nature))
    # Requests are counted first of all, forms only once they are known to come from a page of ours: else another
    # site could use up its visitors' tries, and a stranger everybody's, without as much as reading a page.
    init_rate_limits(app, settings, nature.clock)
    csrf.init_app(app)
    app.before_request(count_press)
    app.wsgi_app = BelievedProxies(app.wsgi_app, settings.trusted_proxies)  # type: ignore[method-assign]
    app.after_request(lambda answer: _finish(answer, settings, nature.clock))


def _trusted_hosts(settings: Settings) -> list[str]:
    hosts = [urlsplit(settings.public_url).hostname or "", settings.host]
    return hosts if settings.is_production else [*hosts, "127.0.0.1", "localhost"]


def _begin(nature: Nature) -> None:
    given = request.headers.get("X-Request-Id", "")
    trace.request_id.set(given if _GIVEN_ID.match(given) else f"req_{nature.randomness.token(12)}")
    g.csp_nonce = nature.randomness.token(16)
    g.csp_sources = Sources()
    g.began = nature.clock.monotonic()
    if "\0" in request.path or "%00" in request.query_string.decode("ascii", "replace"):
        raise Malformed  # no database column holds it, and nobody types it


def csp(sources: Sources, nonce: str) -> str:
    """The policy of one page: our own files, this page's nonce, and the hosts of the provider it shows."""
    rules = {
        "default-src": ["'none'"],
        "script-src": ["'self'", f"'nonce-{nonce}'", *sources.script],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", *sources.image],
        "font-src": ["'self'"],
        "connect-src": ["'self'", *sources.connect],
        "frame-src": list(sources.frame) or ["'none'"],
        "form-action": ["'self'", *sources.form],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(values)}" for name, values in rules.items())


def _is_secret() -> bool:
    """Whether the last part of this address is a secret from a mail."""
    return "secret" in (request.view_args or {})


def _finish(answer: Response, settings: Settings, clock: Clock) -> Response:
    headers = answer.headers
    headers["Content-Security-Policy"] = csp(g.get("csp_sources", Sources()), g.get("csp_nonce", ""))
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    # The address that a buyer comes back to carries what could read her payment; a mail's link what opens an account.
    private = request.endpoint == "landing.success" or _is_secret()
    headers["Referrer-Policy"] = "no-referrer" if private else "strict-origin-when-cross-origin"
    # `same-origin` can block the pop-up windows of payment services.
    headers["Cross-Origin-Opener-Policy"] = "same-origin-allow-popups"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    headers["X-Request-Id"] = trace.request_id.get() or ""
    if settings.is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint not in _PUBLIC_ENDPOINTS:
        headers["Cache-Control"] = "no-store"
    elif "v" in request.args:
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
    if request.endpoint != "health.healthz":
        took = round((clock.monotonic() - g.get("began", clock.monotonic())) * 1000, 1)
        path = str(request.url_rule) if _is_secret() else request.path
        log.info("request", method=request.method, path=path, status=answer.status_code, ms=took)
    return answer
