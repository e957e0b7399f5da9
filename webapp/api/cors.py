"""Which other sites' pages may call the JSON calls: a list of origins, and no cookies."""

from flask import Flask

from webapp.settings import Settings

#: What a front end calls. Webhooks are for servers, pages are for this origin.
_CALLS = (
    r"^/auth/token$",
    r"^/payment/[a-z]+/(create|confirm)$",
    r"^/payment/history/me$",
    r"^/payment/ord_[A-Za-z0-9_-]+$",
)
#: Seconds for which a browser may remember the answer to its question.
_REMEMBERED_S = 600


def init_cors(app: Flask, settings: Settings) -> None:
    """Answer browsers' questions for the listed origins; no list, no answer."""
    if settings.cors_origins:
        from flask_cors import CORS  # late: decision 0030

        CORS(
            app,
            resources=list(_CALLS),
            origins=list(settings.cors_origins),
            methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "X-Request-Id"],
            expose_headers=["Idempotent-Replayed", "Retry-After", "X-Request-Id"],
            supports_credentials=False,
            max_age=_REMEMBERED_S,
        )
