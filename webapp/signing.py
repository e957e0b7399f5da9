"""What makes a link in a mail secret: a signature over its row's id, with the key that signs the sessions."""

from itsdangerous import BadSignature, URLSafeSerializer


class LinkSigner:
    """Writes and reads the last part of a link's address. `keys`: the newest first; all of them are accepted."""

    def __init__(self, keys: list[str]) -> None:
        # The serializer signs with the last key of its list.
        self._keys = keys[::-1]

    def write(self, purpose: str, link_id: str) -> str:
        """The secret for this link; never stored, and good for this purpose alone."""
        return str(self._of(purpose).dumps(link_id))

    def read(self, purpose: str, secret: str) -> str | None:
        """The id of the link's row; None for what we did not write."""
        try:
            found = self._of(purpose).loads(secret)
        except BadSignature:
            return None
        return found if isinstance(found, str) else None

    def _of(self, purpose: str) -> URLSafeSerializer:
        return URLSafeSerializer(self._keys, salt=f"account-link.{purpose}")
