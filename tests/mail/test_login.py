"""A mail server that wants TLS and a login gets both, and the password goes nowhere else."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.conftest import MakeShop
from tests.mail.mail_server import PASSWORD, USER, RunningMailServer
from tests.mail.paid_orders import mail_states, pay


def make_certificate(folder: Path) -> Path:
    """A self-signed certificate with its key, in one file, for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    file = folder / "mail.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
    return file


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return make_certificate(tmp_path)


@pytest.fixture
def secured(certificate: Path) -> Iterator[RunningMailServer]:
    """A server that takes mail from those alone who came by TLS and logged in."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with RunningMailServer(tls) as server:
        yield server


def address(server: RunningMailServer, password: str = PASSWORD) -> str:
    return f"smtp://{USER}:{quote(password, safe='')}@127.0.0.1:{server.port}"


def test_it_comes_by_tls_and_logs_in(
    make_shop: MakeShop,
    sqlite_url: str,
    secured: RunningMailServer,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    shop = make_shop(sqlite_url, SMTP_URL=address(secured))
    pay(shop)
    shop.work()
    assert mail_states(shop) == ["sent"]
    assert secured.logins == [True]


def test_a_certificate_that_nobody_vouches_for_gets_no_password(
    make_shop: MakeShop, sqlite_url: str, secured: RunningMailServer
) -> None:
    shop = make_shop(sqlite_url, SMTP_URL=address(secured))
    pay(shop)
    shop.work()
    assert mail_states(shop) == ["queued"]
    assert secured.received == []
    (job,) = shop.rows("SELECT last_error FROM jobs WHERE kind = 'send_mail'")
    assert "SSLCertVerificationError" in job["last_error"]
    assert PASSWORD not in job["last_error"]


def test_a_wrong_password_is_tried_again_and_never_shown(
    make_shop: MakeShop,
    sqlite_url: str,
    secured: RunningMailServer,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    shop = make_shop(sqlite_url, SMTP_URL=address(secured, "wrong-password"))
    pay(shop)
    shop.work()
    assert mail_states(shop) == ["queued"]
    (job,) = shop.rows("SELECT last_error FROM jobs WHERE kind = 'send_mail'")
    assert "SMTPAuthenticationError" in job["last_error"]
    printed = capfd.readouterr()
    assert "wrong-password" not in job["last_error"] + printed.out + printed.err
