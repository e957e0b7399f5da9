"""A real SMTP server for tests: keeps what it takes, and goes wrong where a test asks it to."""

import asyncio
import email
import re
import socket
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from types import TracebackType
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "shop", "p@ss:word/7"


@dataclass(frozen=True)
class Received:
    """One mail as it came in: the envelope's addresses, the bytes, and the message in them."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        parsed = email.message_from_bytes(self.raw, policy=default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def mail_id(self) -> str:
        """The shop's own id of this mail, which its Message-ID carries."""
        found = re.search(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", str(self.message["Message-ID"]))
        assert found, "no mail id in the Message-ID"
        return found.group()

    def part(self, kind: str) -> str:
        """The text of the part of this kind: `plain` or `html`."""
        body = self.message.get_body((kind,))
        assert body is not None, f"no {kind} part"
        text: str = body.get_content()
        return text


@dataclass
class _Handler:
    """Answers each command; a scripted answer is used up by the first mail that reaches its command."""

    received: list[Received] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)
    drops: list[str] = field(default_factory=list)
    logins: list[bool] = field(default_factory=list)
    conversations: int = 0

    def _answer(self, command: str) -> str | None:
        scripted = self.answers.get(command)
        return scripted.pop(0) if scripted else None

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.conversations += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refusal := self._answer("MAIL"):
            return refusal
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refusal := self._answer("RCPT"):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if refusal := self._answer("DATA"):
            return refusal
        content = envelope.original_content or b""
        self.received.append(Received(envelope.mail_from or "", tuple(envelope.rcpt_tos), content))
        self.logins.append(bool(session.authenticated))
        if self.drops:
            self.drops.pop()
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return "250 OK, it is ours now"


class RunningMailServer:
    """An SMTP server on a free port; a context manager. `tls` is offered by STARTTLS, then a login is needed."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._handler, self._tls = _Handler(), tls
        self._controller: Controller | None = None

    def __enter__(self) -> "RunningMailServer":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def received(self) -> list[Received]:
        """Every mail that the server has taken, oldest first: the truth about what went out."""
        return list(self._handler.received)

    @property
    def logins(self) -> list[bool]:
        """For every mail taken, whether its sender had logged in."""
        return list(self._handler.logins)

    @property
    def conversations(self) -> int:
        """How often somebody said hello."""
        return self._handler.conversations

    def answer(self, command: str, reply: str, times: int = 1) -> None:
        """Say `reply` instead, to the next `times` MAIL, RCPT or DATA."""
        self._handler.answers.setdefault(command, []).extend([reply] * times)

    def drop_after_data(self, times: int = 1) -> None:
        """Take the next message, then close the connection without a word."""
        self._handler.drops.extend(["drop"] * times)

    def forget(self) -> None:
        """Empty the box and the script."""
        self._handler.received.clear()
        self._handler.logins.clear()
        self._handler.answers.clear()
        self._handler.drops.clear()
        self._handler.conversations = 0

    def start(self) -> None:
        """Listen, again after a stop on the same port."""
        secured: dict[str, Any] = {"decode_data": False}
        if self._tls is not None:
            secured.update(tls_context=self._tls, auth_required=True, auth_require_tls=True, authenticator=_check)
        self._controller = Controller(self._handler, hostname="127.0.0.1", port=self.port, **secured)
        self._controller.start()

    def stop(self) -> None:
        """Refuse connections."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None


def _check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)
