"""A text column that is unreadable without the key: provider secrets and raw webhook bodies."""

from cryptography.fernet import Fernet, MultiFernet
from sqlalchemy import Dialect, Text, TypeDecorator

_cipher: MultiFernet | None = None


def configure(keys: list[str]) -> None:
    """Set the keys for this process: the first encrypts, all decrypt.

    Raises:
        ValueError: no key, or one that isn't 32 url-safe base64 bytes.
    """
    global _cipher  # noqa: PLW0603 (a column type is made at import, before the settings are read)
    _cipher = MultiFernet([Fernet(key) for key in keys])


class SealedText(TypeDecorator[str]):
    """Text, encrypted with `ENCRYPTION_KEYS`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else self._need().encrypt(value.encode()).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else self._need().decrypt(value.encode()).decode()

    @staticmethod
    def _need() -> MultiFernet:
        if _cipher is None:
            raise RuntimeError("encryption.configure() comes first")
        return _cipher
