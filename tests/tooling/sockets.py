"""A closed network for the tests: the loopback is open, everything else is refused and reported.

The guard is an audit hook, which also sees what libraries do below `socket.socket`. Such a hook can't be
taken away again, so it is installed once and does nothing while no guard is open.
"""

import ipaddress
import os
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SELF_GUARD = Path(__file__).parent / "guarded"
_NAMES = frozenset({"localhost", "ip6-localhost", "localhost.localdomain", socket.gethostname()})
_LOOKUPS = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})
_CONTACTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})


class NetworkRefused(OSError):
    """Something tried to leave this machine during a test."""


@dataclass(eq=False)
class Guard:
    """What a test may reach by name, and what it tried beyond that."""

    hosts: Mapping[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)


_open: list[Guard] = []
_installed: list[bool] = []
_real_getaddrinfo = socket.getaddrinfo


@contextmanager
def block_network(hosts: Mapping[str, str] | None = None) -> Iterator[Guard]:
    """Refuse every connection and every name look-up that isn't loopback; fail at the end if one was tried.

    `hosts` lets names that don't exist here stand for a local server: {"api.example.com": "127.0.0.1:8443"}
    sends whoever asks for api.example.com, at whatever port, there. Refusal raises `NetworkRefused` (an
    OSError) where it happens and again, as an AssertionError, at the end: code that swallows the first
    can't hide it. Clear `Guard.refused` in a test that expects one.
    """
    guard = Guard(dict(hosts or {}))
    install()
    _open.append(guard)
    try:
        yield guard
    finally:
        _open.remove(guard)
    assert not guard.refused, f"The network was asked for: {guard.refused}"


def install() -> None:
    """Put the hook and the name table in place, once in a process."""
    if not _installed:
        _installed.append(True)
        sys.addaudithook(_watch)
        socket.getaddrinfo = _resolve


def close_for_good() -> None:
    """Guard this process until it ends. For child processes, see `guarded_environment`."""
    install()
    _open.append(Guard())


def guarded_environment() -> dict[str, str]:
    """Environment for a Python child process that makes it refuse the network by itself."""
    known = os.environ.get("PYTHONPATH")
    paths = [str(SELF_GUARD), str(SELF_GUARD.parents[2]), *([known] if known else [])]
    return {"PYTHONPATH": os.pathsep.join(paths)}


def _watch(event: str, args: tuple[Any, ...]) -> None:
    if not _open:
        return
    if event in _LOOKUPS:
        host = args[0]
    elif event in _CONTACTS and isinstance(args[1], tuple):
        host = args[1][0]
    else:
        return
    if not _is_here(host):
        _open[-1].refused.append(str(host))
        raise NetworkRefused(f"{event} to {host!r}: the tests' network is closed")


def _is_here(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host in (None, "", "<broadcast>"):
        return host != "<broadcast>"
    name = str(host).lower().rstrip(".")
    if name in _NAMES or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name.split("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _resolve(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
    for guard in reversed(_open):
        if isinstance(host, str) and host in guard.hosts:
            host, port = guard.hosts[host].rsplit(":", 1)
            break
    return _real_getaddrinfo(host, port, *args, **kwargs)
