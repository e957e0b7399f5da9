"""Whose word about an address is taken: nobody's by default."""

from collections.abc import Iterable
from typing import Any

import pytest

from webapp.limit_settings import read_proxies
from webapp.proxies import BelievedProxies, place_of
from webapp.settings import SettingsError, load_settings


def seen(trusted: str, peer: str, forwarded: str) -> str:
    """The address that the app sees."""
    met: list[str] = []

    def app(environ: dict[str, Any], _start: object) -> Iterable[bytes]:
        met.append(environ["REMOTE_ADDR"])
        return ()

    environ = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded, "wsgi.url_scheme": "http"}
    BelievedProxies(app, trusted)(environ, lambda *_: lambda _: None)
    return met[0]


@pytest.mark.parametrize(
    "trusted, peer, forwarded, address",
    [
        ("0", "203.0.113.5", "1.1.1.1", "203.0.113.5"),
        ("1", "10.0.0.1", "203.0.113.5", "203.0.113.5"),
        ("1", "10.0.0.1", "1.1.1.1, 203.0.113.5", "203.0.113.5"),
        ("2", "10.0.0.1", "1.1.1.1, 203.0.113.5, 10.0.0.2", "203.0.113.5"),
        ("2", "10.0.0.1", "203.0.113.5", "10.0.0.1"),
        ("10.0.0.0/8", "203.0.113.5", "1.1.1.1", "203.0.113.5"),
        ("10.0.0.0/8", "10.0.0.1", "1.1.1.1, 203.0.113.5", "203.0.113.5"),
        ("10.0.0.0/8", "10.0.0.1", "1.1.1.1, 203.0.113.5, 10.0.0.2", "203.0.113.5"),
        ("10.0.0.0/8, fd00::/8", "fd00::1", "203.0.113.5, 10.0.0.2", "203.0.113.5"),
        ("10.0.0.0/8", "10.0.0.1", "10.0.0.7", "10.0.0.7"),
        ("10.0.0.0/8", "10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.0/8", "::ffff:10.0.0.1", "203.0.113.5", "203.0.113.5"),
        ("10.0.0.0/8", "10.0.0.1", "1.1.1.1, nonsense", "nonsense"),
        ("1", "10.0.0.1", "203.0.113.5:4711", "203.0.113.5"),
        ("10.0.0.0/8", "10.0.0.1", "[2001:db8::1]:443, 10.0.0.2:80", "2001:db8::1"),
        ("1", "10.0.0.1", '"x, 203.0.113.5', "203.0.113.5"),
        ("1", "10.0.0.1", "2001:db8::1", "2001:db8::1"),
    ],
)
def test_fm_94_only_what_our_own_proxies_wrote_is_believed(
    trusted: str, peer: str, forwarded: str, address: str
) -> None:
    assert seen(trusted, peer, forwarded) == address


@pytest.mark.parametrize("wrong", ["-1", "11", "everybody", "10.0.0.0/8, x", "0.0.0.0/0", "::/0", "10.0.0.1/8"])
def test_a_wrong_list_of_proxies_stops_the_start(wrong: str) -> None:
    with pytest.raises(SettingsError, match="TRUSTED_PROXIES"):
        load_settings({"TRUSTED_PROXIES": wrong})


@pytest.mark.parametrize(
    "wrong", ["many", "address 5", "address five/minute", "street 5/minute", "address 5/minute; address 6/minute"]
)
def test_a_limit_that_cannot_be_read_stops_the_start(wrong: str) -> None:
    with pytest.raises(SettingsError, match="LIMIT_LOGINS"):
        load_settings({"LIMIT_LOGINS": wrong})


def test_a_place_is_an_address_or_a_network_of_new_addresses() -> None:
    assert place_of("203.0.113.5") == "203.0.113.5"
    assert place_of("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64"
    assert place_of("::ffff:203.0.113.5") == "203.0.113.5"
    assert place_of(None) == "unknown"
    assert read_proxies("2") == 2
