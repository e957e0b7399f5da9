"""The two key pairs of the played merchant, and who may call with which."""

import base64
import binascii
from dataclasses import dataclass
from typing import Literal

from webapp.providers.toss.emulator.refusals import Refusal

PairName = Literal["widget", "api"]


@dataclass(frozen=True)
class KeyPair:
    """A client key, its secret key, and the merchant id (MID) they belong to."""

    name: PairName
    client: str
    secret: str
    mid: str


WIDGET = KeyPair("widget", "test_gck_sandbox_widget", "test_gsk_sandbox_widget", "sandboxwidget")
API = KeyPair("api", "test_ck_sandbox_api", "test_sk_sandbox_api", "sandboxapi")
PAIRS = (WIDGET, API)


def by_client_key(client_key: object) -> KeyPair:
    """The pair of a client key as the browser sends it. Raises `Refusal` INVALID_CLIENT_KEY."""
    for pair in PAIRS:
        if pair.client == client_key:
            return pair
    raise Refusal("INVALID_CLIENT_KEY")


def by_name(name: str) -> KeyPair:
    """The pair called `widget` or `api`."""
    return WIDGET if name == "widget" else API


def authorise(header: str | None) -> KeyPair:
    """The pair whose secret key the Basic header carries. Raises `Refusal` as Toss answers."""
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        raise Refusal("UNAUTHORIZED_KEY")
    try:
        decoded = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as broken:
        raise Refusal("INCORRECT_BASIC_AUTH_FORMAT") from broken
    if not decoded.endswith(":"):
        raise Refusal("INCORRECT_BASIC_AUTH_FORMAT")
    for pair in PAIRS:
        if pair.secret == decoded[:-1]:
            return pair
    raise Refusal("UNAUTHORIZED_KEY")
