"""Addresses as they are typed into settings: whether everything that will use them later can read them."""

from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

#: Listening there means everywhere; nobody can be sent there.
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  # nosec B104
_NOWHERE = urlsplit("")
_DATABASES = ("sqlite:///", "postgresql://", "postgresql+psycopg://")


def read(url: str) -> SplitResult:
    """Its parts; empty ones where it is no address: a bracket or a port that is none, a space within."""
    if any(char.isspace() or not char.isprintable() for char in url):
        return _NOWHERE
    try:
        parts = urlsplit(url)
        _ = parts.port  # read only when asked for
    except ValueError:
        return _NOWHERE
    return parts


def own_origin(host: str, port: int) -> str:
    """Where a browser on this machine finds a server there; never `localhost`, which is where providers are played."""
    if host in _EVERYWHERE:
        return f"http://127.0.0.1:{port}"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def origin(url: str) -> str:
    """Its scheme, host and port, in lower case."""
    parts = read(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def mail_host(url: str) -> str:
    """What may stand behind an @ for it: a bare IPv6 address may not."""
    host = read(url).hostname or "localhost"
    return "localhost" if ":" in host else host


def is_origin(url: str) -> bool:
    """Whether it is scheme, host and port, written as a browser sends them, and nothing else."""
    return url == origin(url) and _is_web(read(url))


def problems(pages: Mapping[str, str]) -> list[str]:
    """What is wrong with PUBLIC_URL and FRONTEND_URL, given without a slash at the end: both begin other addresses."""
    found = []
    for name, url in pages.items():
        parts = read(url)
        if not _is_web(parts):
            found.append(f"{name} is not an address")
        elif parts.query or parts.fragment or "?" in url or "#" in url:
            found.append(f"{name} must end before any ? and #")
        elif name == "PUBLIC_URL" and parts.path:
            found.append(f"{name} must be an origin such as https://shop.example, without a path")
    return found


def database_problem(url: str) -> str | None:
    """What is wrong with DATABASE_URL, shown without it: its password may be what can't be read."""
    if not url.startswith(_DATABASES):
        return "DATABASE_URL must begin with postgresql:// or sqlite:///"
    try:
        parts = make_url(url)
    except (ArgumentError, ValueError):
        return "DATABASE_URL is not an address"
    if "@" in (parts.host or ""):
        return "DATABASE_URL holds two @: write the one in the password as %40"
    return None


def _is_web(parts: SplitResult) -> bool:
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
