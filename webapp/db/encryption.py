"""A text column that is unreadable without the key: provider secrets and raw webhook bodies."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Dialect, Text, TypeDecorator

_cipher: MultiFernet | None = None
_first: Fernet | None = None


def configure(keys: list[str]) -> None:
    """Set the keys for this process: the first encrypts, all decrypt.

    Raises:
        ValueError: no key, or one that isn't 32 url-safe base64 bytes.
    """
    global _cipher, _first
    ciphers = [Fernet(key) for key in keys]
    _cipher, _first = MultiFernet(ciphers), ciphers[0]


class Unopened(ValueError):
    """None of our keys opens this value."""

    def __init__(self) -> None:
        super().__init__("ENCRYPTION_KEYS don't open what is stored: put the older key back, behind the new one")


def reseal(token: str) -> str | None:
    """The same value under the first key; None when that key has sealed it already.

    Raises:
        Unopened: the key that sealed it is missing.
    """
    if _first is None or _cipher is None:
        raise RuntimeError("encryption.configure() comes first")
    try:
        _first.decrypt(token.encode())
    except InvalidToken:
        pass
    else:
        return None
    try:
        return _cipher.rotate(token.encode()).decode()
    except InvalidToken:
        raise Unopened from None


class SealedText(TypeDecorator[str]):
    """Text, encrypted with `ENCRYPTION_KEYS`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else self._need().encrypt(value.encode()).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        try:
            return self._need().decrypt(value.encode()).decode()
        except InvalidToken:
            raise Unopened from None

    @staticmethod
    def _need() -> MultiFernet:
        if _cipher is None:
            raise RuntimeError("encryption.configure() comes first")
        return _cipher
