"""A Supabase project for tests: real keys, a real key set over HTTP, and tokens good and bad."""

import json
import threading
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

SECRET = "a-shared-secret-of-the-test-project-with-many-characters"
Json = dict[str, Any]


def encoded(part: object) -> str:
    """A part of a token; bytes and text go as they are."""
    raw = part if isinstance(part, bytes) else part.encode() if isinstance(part, str) else json.dumps(part).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


class Issuer:
    """Answers `/auth/v1/.well-known/jwks.json`; a context manager. `answer` replaces the key set for a while."""

    def __init__(self) -> None:
        self.keys: dict[str, Any] = {
            "es": ec.generate_private_key(ec.SECP256R1()),
            "rs": rsa.generate_private_key(public_exponent=65537, key_size=2048),
            "ed": ed25519.Ed25519PrivateKey.generate(),
        }
        self.asked: list[str] = []
        self.answer: tuple[int, bytes, dict[str, str]] | None = None
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked.append(self.path)
                status, body, headers = issuer.answer or (200, issuer.key_set(), {})
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Issuer":
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def key_set(self) -> bytes:
        return json.dumps({"keys": [self.jwk(kid) for kid in self.keys]}).encode()

    def jwk(self, kid: str, **more: object) -> Json:
        """The public half of a key, as Supabase publishes it."""
        public, algorithm = self.keys[kid].public_key(), self.algorithm(kid)
        found: Json = jwt.get_algorithm_by_name(algorithm).to_jwk(public, as_dict=True)
        return {**found, "kid": kid, "alg": algorithm, "use": "sig", "key_ops": ["verify"], **more}

    @staticmethod
    def algorithm(kid: str) -> str:
        return {"es": "ES256", "rs": "RS256", "ed": "EdDSA"}[kid[:2]]

    def claims(self, **more: object) -> Json:
        """What Supabase puts into a token; None takes a claim out."""
        now = int(datetime.now(UTC).timestamp())
        found = {
            "iss": f"{self.url}/auth/v1",
            "sub": "6d0c2a52-1f6b-4e0c-9d9e-111111111111",
            "aud": "authenticated",
            "exp": now + 3600,
            "iat": now,
            "email": "hana@example.com",
            "phone": "",
            "role": "authenticated",
            "aal": "aal1",
            "session_id": "0c4f1c4e-0000-4000-8000-000000000000",
            "is_anonymous": False,
            **more,
        }
        return {name: value for name, value in found.items() if value is not None}

    def token(self, kid: str = "es", claims: Json | None = None, header: Json | None = None) -> str:
        return jwt.encode(
            claims or self.claims(),
            self.keys[kid],
            self.algorithm(kid),
            headers={"kid": kid, **(header or {})},
        )

    def legacy(self, claims: Json | None = None, secret: str = SECRET) -> str:
        """A token of a project that still signs with its shared secret."""
        return jwt.encode(claims or self.claims(), secret, "HS256")

    def signed(self, header: object, claims: object, kid: str = "es") -> str:
        """A good signature over parts that no library would write."""
        algorithm = jwt.get_algorithm_by_name(self.algorithm(kid))
        parts = f"{encoded(header)}.{encoded(claims)}"
        return f"{parts}.{encoded(algorithm.sign(parts.encode(), self.keys[kid]))}"
