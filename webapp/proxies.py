"""Who is at the other end: the address that a proxy of ours reports, and never one that somebody else claims."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

from webapp.limit_settings import Network, read_proxies

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: One household or server has a whole /64 of the new addresses and may change within it at will.
_ONE_PLACE = 64


class BelievedProxies:
    """Reads the forwarded headers as far as proxies of ours have written them; a WSGI middleware."""

    def __init__(self, app: "WSGIApplication", trusted: str) -> None:
        self._app = app
        self._trusted = read_proxies(trusted)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if self._trusted:
            _tidy(environ)
        hops = self._trusted if isinstance(self._trusted, int) else _hops(environ, self._trusted)
        if not hops:
            return self._app(environ, start_response)
        # The name of the host is never taken from a header: links in mails would carry it.
        return ProxyFix(self._app, x_for=hops, x_proto=1, x_host=0)(environ, start_response)


def _hops(environ: "WSGIEnvironment", networks: tuple[Network, ...]) -> int:
    """How many of the last addresses are proxies of ours: each of them wrote down the one before it."""
    if not _is_in(environ.get("REMOTE_ADDR", ""), networks):
        return 0
    written = [part for part in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if part]
    ours = 0
    for address in reversed(written):
        if not _is_in(address, networks):
            break
        ours += 1
    return min(ours + 1, len(written))


def _tidy(environ: "WSGIEnvironment") -> None:
    """One plain list of addresses: without ports, which some proxies write, and without what ends a list early."""
    written = [_bare(part) for part in environ.get("HTTP_X_FORWARDED_FOR", "").replace('"', "").split(",")]
    environ["HTTP_X_FORWARDED_FOR"] = ",".join(part for part in written if part)


def _bare(text: str) -> str:
    """`192.0.2.1:4711` and `[2001:db8::1]:443` without the port."""
    text = text.strip()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def _is_in(text: str, networks: tuple[Network, ...]) -> bool:
    address = _address(text)
    return address is not None and any(address in network for network in networks)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def place_of(text: str | None) -> str:
    """Where a caller sits, as limits count: an IPv4 address, or the /64 of an IPv6 address; else what was given."""
    address = _address(text or "")
    if address is None:
        return (text or "unknown")[:64]
    if isinstance(address, IPv6Address):
        return str(ip_network((int(address), _ONE_PLACE), strict=False))
    return str(address)
