"""Tokens that open nothing, by what is wrong with them: all but the named thing is as it should be."""

import hmac
import json
import re
from collections.abc import Callable
from hashlib import sha256

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.api.issuer import Issuer, encoded

Make = Callable[[Issuer], str]


def _none(issuer: Issuer) -> str:
    return f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{encoded(issuer.claims())}."


def _confused(issuer: Issuer) -> str:
    """HS256 with the public key, which everybody knows, as its secret."""
    public = issuer.keys["rs"].public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return _by_hand({"alg": "HS256", "typ": "JWT", "kid": "rs"}, issuer, pem)


def _by_hand(header: dict[str, object], issuer: Issuer, secret: bytes) -> str:
    """Signed with a secret that the library refuses to use."""
    parts = f"{encoded(header)}.{encoded(issuer.claims())}"
    return f"{parts}.{encoded(hmac.new(secret, parts.encode(), sha256).digest())}"


def _foreign(issuer: Issuer, kid: str = "es") -> str:
    """Another key under a known id."""
    other = Issuer()
    other.keys[kid] = ec.generate_private_key(ec.SECP256R1())
    other.url = issuer.url
    token = other.token(kid)
    other._server.server_close()
    return token


def _claims(**more: object) -> Make:
    return lambda issuer: issuer.token(claims=issuer.claims(**more))


def _raw(rewrite: Callable[[str], str]) -> Make:
    """Signed claims that no library would write."""
    return lambda issuer: issuer.signed(
        {"alg": "ES256", "typ": "JWT", "kid": "es"}, rewrite(json.dumps(issuer.claims()))
    )


def header_with(**more: object) -> Make:
    return lambda issuer: issuer.signed({"alg": "ES256", "typ": "JWT", "kid": "es", **more}, issuer.claims())


def _cut(token: str, part: int, value: str) -> str:
    parts = token.split(".")
    parts[part] = value
    return ".".join(parts)


HOUR = 3600
BAD: dict[str, Make] = {
    "alg none": _none,
    "alg None": lambda i: _none(i).replace(encoded({"alg": "none", "typ": "JWT"}), encoded({"alg": "None"})),
    "no alg": lambda i: i.signed({"typ": "JWT", "kid": "es"}, i.claims()),
    "alg a number": header_with(alg=256),
    "alg a list": header_with(alg=["ES256"]),
    "public key as secret": _confused,
    "HS256 with another secret": lambda i: i.legacy(secret="another-secret-of-more-than-32-characters"),
    "HS256 with an empty secret": lambda i: _by_hand({"alg": "HS256", "typ": "JWT"}, i, b""),
    "HS512": lambda i: _cut(i.legacy(), 0, encoded({"alg": "HS512", "typ": "JWT"})),
    "RS256 said of an EC key": header_with(alg="RS256"),
    "ES256 said of an RSA key": lambda i: i.signed({"alg": "ES256", "kid": "rs"}, i.claims(), "rs"),
    "EdDSA said of an EC key": header_with(alg="EdDSA"),
    "PS256": header_with(alg="PS256"),
    "another key under a known id": _foreign,
    "unknown key id": header_with(kid="nobody"),
    "no key id": lambda i: i.signed({"alg": "ES256", "typ": "JWT"}, i.claims()),
    "key id a path": header_with(kid="../../etc/passwd"),
    "key id a number": header_with(kid=1),
    "key id empty": header_with(kid=""),
    "key id over-long": header_with(kid="k" * 201),
    "own key in the header": lambda i: i.signed({"alg": "ES256", "kid": "es", "jwk": i.jwk("es")}, i.claims()),
    "own key set in the header": header_with(jku="http://127.0.0.1:9/keys"),
    "certificate in the header": header_with(x5u="http://127.0.0.1:9/cert"),
    "a critical header": header_with(crit=["exp"]),
    "another type": header_with(typ="at+jwt"),
    "type a number": header_with(typ=5),
    "header twice": lambda i: i.signed('{"alg":"ES256","alg":"ES256","kid":"es"}', i.claims()),
    "header no object": lambda i: i.signed(["ES256"], i.claims()),
    "another issuer": _claims(iss="https://evil.example/auth/v1"),
    "issuer with a slash more": lambda i: i.token(claims=i.claims(iss=f"{i.url}/auth/v1/")),
    "issuer missing": _claims(iss=None),
    "issuer without its path": lambda i: i.token(claims=i.claims(iss=i.url)),
    "issuer a list": _raw(lambda raw: re.sub(r'"iss": ("[^"]+")', r'"iss": [\1]', raw)),
    "audience anon": _claims(aud="anon"),
    "audience missing": _claims(aud=None),
    "audience a longer list": _claims(aud=["authenticated", "admin"]),
    "audience an object": _raw(lambda raw: raw.replace('"aud": "authenticated"', '"aud": {"authenticated": 1}')),
    "expired": _claims(exp=1_700_000_000),
    "expired a minute ago": lambda i: i.token(claims=i.claims(exp=i.claims()["iat"] - 60)),
    "expiry missing": _claims(exp=None),
    "expiry as text": _raw(lambda raw: raw.replace('"exp": ', '"exp": "1').replace(', "iat"', '", "iat"')),
    "expiry true": _raw(lambda raw: raw.replace('"exp": ', '"exp": true, "was": ')),
    "expiry never": _raw(lambda raw: raw.replace('"exp": ', '"exp": 1e29, "was": ')),
    "expiry infinite": _raw(lambda raw: raw.replace('"exp": ', '"exp": Infinity, "was": ')),
    "made in the future": lambda i: i.token(claims=i.claims(iat=i.claims()["iat"] + HOUR)),
    "made at no time": _claims(iat=None),
    "good from later on": lambda i: i.token(claims=i.claims(nbf=i.claims()["iat"] + HOUR)),
    "good from a word on": _raw(lambda raw: raw.replace('"iat"', '"nbf": "soon", "iat"')),
    "nobody": _claims(sub=None),
    "nobody by name": _claims(sub=""),
    "a number for a name": _raw(lambda raw: raw.replace('"sub": ', '"sub": 5, "was": ')),
    "a list for a name": _raw(lambda raw: raw.replace('"sub": ', '"sub": ["a"], "was": ')),
    "over-long name": _claims(sub="s" * 256),
    "half a character": _raw(lambda raw: raw.replace('"sub": "', '"sub": "\\ud800')),
    "NUL in the name": _raw(lambda raw: raw.replace('"sub": "', '"sub": "\\u0000')),
    "claim twice": _raw(lambda raw: raw.replace('"aud"', '"sub": "root", "aud"')),
    "anonymous": _claims(is_anonymous=True),
    "claims no object": lambda i: i.signed({"alg": "ES256", "kid": "es"}, ["a"]),
    "claims no JSON": lambda i: i.signed({"alg": "ES256", "kid": "es"}, "not json"),
    "claims not UTF-8": lambda i: i.signed({"alg": "ES256", "kid": "es"}, b'{"sub": "\xff"}'),
    "signature cut off": lambda i: i.token().rsplit(".", 1)[0] + ".",
    "signature of another token": lambda i: _cut(i.token(), 2, i.token(claims=i.claims(sub="b")).split(".")[2]),
    "claims exchanged": lambda i: _cut(i.token(), 1, encoded(i.claims(sub="somebody else"))),
    "two parts": lambda i: i.token().rsplit(".", 1)[0],
    "four parts": lambda i: i.token() + ".AAAA",
    "padded": lambda i: i.token() + "==",
    "encrypted": lambda i: i.token() + ".AA.BB",
    "over-long": lambda i: i.token(claims=i.claims(app_metadata={"a": "b" * 5000})),
    "no token at all": lambda _: "..........",
}  # fmt: skip
