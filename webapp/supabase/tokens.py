"""Whether a Supabase access token is good, and whose it is. What isn't exactly as it should be is refused."""

import binascii
from base64 import urlsafe_b64decode
from dataclasses import dataclass

import jwt

from webapp.domain.clock import Clock
from webapp.domain.strict_json import NotJson, loads
from webapp.supabase.keys import KeySet, PublicKey

#: Seconds that two clocks may differ.
LEEWAY_S = 30
MOST_CHARS = 4096
_AUDIENCE = "authenticated"
_SHARED = "HS256"
#: Names of keys or rules that a token brings along; none is looked at, and `crit` asks for one that we don't know.
_REFUSED_HEADERS = frozenset({"crit", "jku", "jwk", "x5u", "x5c", "b64", "zip"})
_LONGEST = {"sub": 255, "kid": 200, "email": 254}

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is to an issuer. The pair of issuer and subject names her; the address only says where to write."""

    issuer: str
    subject: str
    email: str | None


class TokenReader:
    """Reads the tokens of one project. `secret` is its legacy shared secret; empty where it has none."""

    def __init__(self, url: str, secret: str, keys: KeySet, clock: Clock) -> None:
        self._issuer, self._secret, self._keys, self._clock = issuer_of(url), secret, keys, clock

    def read(self, token: str) -> Identity | None:
        """Whose token this is; None when it isn't good, for whatever reason.

        Raises:
            IssuerAway: the keys to check it with can't be had now.
        """
        try:
            header = _header(token)
            key = self._key_for(header)
            if key is None:
                return None
            payload = jwt.PyJWS(algorithms=[key.algorithm]).decode(token, key.key, algorithms=[key.algorithm])
            claims = loads(payload, max_bytes=MOST_CHARS)
        except (jwt.PyJWTError, NotJson, ValueError, TypeError):
            return None
        return self._identity(claims) if isinstance(claims, dict) else None

    def _key_for(self, header: Json) -> PublicKey | None:
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm == _SHARED:
            return PublicKey(_SHARED, self._secret) if self._secret else None
        if algorithm not in ("ES256", "RS256", "EdDSA") or _text(header, "kid") is None:
            return None
        key = self._keys.find(str(kid))
        return key if key is not None and key.algorithm == algorithm else None

    def _identity(self, claims: Json) -> Identity | None:
        subject, now = _text(claims, "sub"), self._clock.now().timestamp()
        ends, made, begins = (_moment(claims, name) for name in ("exp", "iat", "nbf"))
        good = (
            claims.get("iss") == self._issuer,
            _audience(claims.get("aud")),
            ends is not None and ends > now - LEEWAY_S,
            made is not None and made <= now + LEEWAY_S,
            "nbf" not in claims or (begins is not None and begins <= now + LEEWAY_S),
            claims.get("is_anonymous", False) is False,
        )
        if subject is None or not all(good):
            return None
        return Identity(self._issuer, subject, _text(claims, "email"))


def issuer_of(url: str) -> str:
    """What a project's tokens name as their issuer."""
    return f"{url}/auth/v1"


def keys_url(url: str) -> str:
    """Where a project's public keys are."""
    return f"{url}/auth/v1/.well-known/jwks.json"


def _header(token: str) -> Json:
    """The first part, read as strictly as the rest.

    Raises:
        NotJson, ValueError: not the header of a token that we take.
    """
    parts = token.split(".")
    if len(parts) != 3 or len(token) > MOST_CHARS or "=" in token:
        raise NotJson("not a token")
    try:
        raw = urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4))
    except binascii.Error as error:
        raise NotJson("not a token") from error
    header = loads(raw, max_bytes=MOST_CHARS)
    if not isinstance(header, dict) or _REFUSED_HEADERS & set(header):
        raise NotJson("not a header")
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.upper() != "JWT":
        raise NotJson("another kind of token")
    return header


def _text(source: Json, name: str) -> str | None:
    value = source.get(name)
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST[name] else None


def _moment(claims: Json, name: str) -> int | None:
    """Seconds since 1970, as a whole number; Supabase sends no other."""
    value = claims.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**40 else None


def _audience(value: object) -> bool:
    return value in (_AUDIENCE, [_AUDIENCE])
