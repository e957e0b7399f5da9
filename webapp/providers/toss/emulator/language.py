"""The two languages of the played pages."""

from flask import request


def speaks() -> str:
    """`ko` or `en`: what the browser prefers, Korean when it has no wish."""
    return request.accept_languages.best_match(["ko", "en"]) or "ko"


def choose(korean: str, english: str) -> str:
    """The one of two texts that fits the browser."""
    return english if speaks() == "en" else korean
