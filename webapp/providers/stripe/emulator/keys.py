"""The keys of the played account, and what each may do."""

import base64
import binascii
from dataclasses import dataclass
from typing import Literal

from webapp.providers.stripe.emulator.refusals import Refusal

SECRET = "sk_test_sandboxshop"  # noqa: S105
PUBLISHABLE = "pk_test_sandboxshop"
#: A restricted key that may read only, and a rolled key whose time is over: to see 403 and 401.
READING = "rk_test_sandboxreading"
EXPIRED = "sk_test_sandboxexpired"

_ROLES: dict[str, Literal["secret", "publishable", "reading"]] = {
    SECRET: "secret",
    PUBLISHABLE: "publishable",
    READING: "reading",
}


@dataclass(frozen=True)
class Caller:
    """Whoever sent a valid key."""

    role: Literal["secret", "publishable", "reading"]

    @property
    def is_public(self) -> bool:
        """A browser, which sees part of the payment whose client secret it knows."""
        return self.role == "publishable"


def presented(header: str | None, parameter: object) -> str:
    """The key as it was sent: as Bearer, as user name of Basic, or as the `key` of a browser's form."""
    scheme, _, credentials = (header or "").partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(credentials, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return parameter if isinstance(parameter, str) else ""


def authorise(key: str) -> Caller:
    """Who a key belongs to. Raises `Refusal` 401."""
    if not key:
        raise Refusal("", "No API key was given.", status=401)
    if key == EXPIRED:
        raise Refusal("api_key_expired")
    role = _ROLES.get(key)
    if role is None:
        raise Refusal("", f"The API key {key[:8]}*** is not valid.", status=401)
    return Caller(role)


def permit(caller: Caller, *, public: bool, changing: bool) -> None:
    """Whether this caller may make this call. Raises `Refusal` 403."""
    if caller.is_public and not public:
        raise Refusal("secret_key_required")
    if caller.role == "reading" and changing:
        raise Refusal("", "This restricted key has no permission for this call.", status=403)
