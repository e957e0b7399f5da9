"""The public keys of a Supabase project, fetched rarely: nobody's token decides how often its issuer is asked."""

import threading
from dataclasses import dataclass
from typing import Any

import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.types import JWKDict

from webapp.domain.clock import Clock
from webapp.domain.failures import IssuerAway
from webapp.domain.strict_json import NotJson, loads
from webapp.providers.http import HttpClient
from webapp.providers.port import ProviderError

log = structlog.get_logger(__name__)

#: Seconds after which the keys are fetched again, as Supabase's own edge does.
FRESH_S = 600.0
#: Seconds for which keys are still believed while the issuer doesn't answer.
STALE_S = 86_400.0
#: Seconds between two fetches, whatever asks for them: an unknown key id, or an issuer that is away.
PAUSE_S = 60.0
#: Seconds for one fetch, from the name to the last byte.
DEADLINE_S = 3.0
#: Seconds that a caller waits for what another one fetches: a token of a stranger's making may not hold a thread long.
OTHERS_WAIT_S = 0.3
_MOST_BYTES, _MOST_KEYS = 64 * 1024, 50
_LEAST_RSA_BITS = 2048

#: What a key is made for decides the algorithm; what the token says about it has to agree.
_ALGORITHMS = {("EC", "P-256"): "ES256", ("RSA", None): "RS256", ("OKP", "Ed25519"): "EdDSA"}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One key and the only algorithm that it may be used with."""

    algorithm: str
    key: Any


class KeySet:
    """The keys at one address, shared by all threads."""

    def __init__(self, url: str, *, http: HttpClient, clock: Clock) -> None:
        self._url, self._http, self._clock = url, http, clock
        self._keys: dict[str, PublicKey] = {}
        self._fetched_at = self._tried_at = float("-inf")
        self._lock = threading.Lock()

    def find(self, kid: str) -> PublicKey | None:
        """The key with this id; None when the issuer has none.

        Raises:
            IssuerAway: no keys are known, and the issuer can't be asked now.
        """
        if not self._is_within(self._fetched_at, FRESH_S) or kid not in self._keys:
            self._refresh()
        if not self._is_within(self._fetched_at, STALE_S):
            raise IssuerAway
        return self._keys.get(kid)

    def _is_within(self, since: float, seconds: float) -> bool:
        return 0 <= self._clock.now().timestamp() - since < seconds

    def _refresh(self) -> None:
        """Fetch once, unless that was tried a moment ago; who comes meanwhile waits a moment only."""
        if not self._lock.acquire(timeout=OTHERS_WAIT_S if not self._keys else 0):
            return
        try:
            if not self._is_within(self._tried_at, PAUSE_S):
                self._tried_at = self._clock.now().timestamp()
                if (found := self._fetch()) is not None:
                    self._keys, self._fetched_at = found, self._clock.now().timestamp()
        finally:
            self._lock.release()

    def _fetch(self) -> dict[str, PublicKey] | None:
        try:
            answer = self._http.call("GET", self._url, name="supabase.keys", headers={}, deadline_s=DEADLINE_S)
        except ProviderError as failure:
            log.warning("token issuer", kind=type(failure).__name__)
            return None
        try:
            if answer.status != 200:
                raise NotJson(f"status {answer.status}")
            return read_keys(answer.body)
        except NotJson as failure:
            log.warning("token issuer", kind=str(failure))
            return None


def read_keys(raw: bytes) -> dict[str, PublicKey]:
    """The usable keys of a key set; what isn't for checking signatures, or too weak, is left out.

    Raises:
        NotJson: not a key set.
    """
    body = loads(raw, max_bytes=_MOST_BYTES)
    keys = body.get("keys") if isinstance(body, dict) else None
    if not isinstance(keys, list) or len(keys) > _MOST_KEYS:
        raise NotJson("not a key set")
    found: dict[str, PublicKey] = {}
    for each in keys:
        if not isinstance(each, dict):
            raise NotJson("not a key set")
        kid, key = each.get("kid"), _usable(each)
        if isinstance(kid, str) and kid in found:
            raise NotJson("a key id twice")
        if isinstance(kid, str) and kid and key:
            found[kid] = key
    return found


def _usable(jwk: JWKDict) -> PublicKey | None:
    try:
        algorithm = _ALGORITHMS.get((str(jwk.get("kty")), jwk.get("crv") if jwk.get("kty") != "RSA" else None))
        private = "d" in jwk
        for_us = jwk.get("use", "sig") == "sig" and jwk.get("alg", algorithm) == algorithm
        if algorithm is None or private or not for_us or "verify" not in jwk.get("key_ops", ["verify"]):
            return None
        key = jwt.PyJWK(jwk, algorithm=algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    if isinstance(key, RSAPublicKey) and key.key_size < _LEAST_RSA_BITS:
        return None
    return PublicKey(algorithm, key)
