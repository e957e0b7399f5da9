"""Mail goes out by SMTP, or into a folder of `.eml` files where no server is set."""

import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid, parseaddr
from pathlib import Path
from urllib.parse import unquote, urlsplit

from webapp.domain.clock import Clock

_OUTBOX = Path(__file__).resolve().parent.parent.parent / "instance" / "outbox"

#: Seconds for the whole conversation's each step; a slow server costs a worker, never a buyer.
_TIMEOUT_S = 20.0

#: Lines end as SMTP wants them, and nothing in them needs a server that takes eight bits.
_WIRE = SMTP.clone(cte_type="7bit")


#: A password may go to these without TLS: it doesn't leave the machine.
_HERE = ("localhost", "127.0.0.1", "::1")


class MailNotTaken(Exception):
    """The server surely doesn't have it: it can be sent again."""


class MailRejected(Exception):
    """The server refused this mail for good."""


class MailPerhapsTaken(Exception):
    """The connection ended after the message was handed over: nobody knows."""


class Mailer:
    """Sends one message at a time. `smtp_url`: `smtp://user:password@host:587` (STARTTLS when offered),
    `smtps://…:465`; empty writes files instead. `answers_to` reads what buyers answer; empty: the sender does.
    """

    def __init__(
        self, smtp_url: str, sender: str, *, clock: Clock, answers_to: str = "", outbox: Path = _OUTBOX
    ) -> None:
        self._url = urlsplit(smtp_url) if smtp_url else None
        self._sender = sender
        self._clock = clock
        self._answers_to = answers_to
        self._outbox = outbox

    def send(self, *, mail_id: str, to: str, subject: str, text: str, html: str) -> None:
        """Hand one mail over.

        Raises:
            MailNotTaken, MailRejected, MailPerhapsTaken: as their names say.
        """
        message = EmailMessage(policy=_WIRE)
        message["Subject"] = " ".join(subject.split())
        message["From"] = self._sender
        message["To"] = to
        if self._answers_to:
            message["Reply-To"] = self._answers_to
        message["Date"] = format_datetime(self._clock.now())
        message["Message-ID"] = make_msgid(idstring=mail_id, domain=parseaddr(self._sender)[1].rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        message.add_alternative(html, subtype="html")
        if self._url is None:
            self._write(mail_id, message)
        else:
            self._deliver(message, to)

    def probe(self) -> None:
        """Connect and log in, and send nothing; without a server there is nothing to try.

        Raises:
            MailNotTaken: the server is not reached, or refuses the log-in.
        """
        if self._url is not None:
            self._leave(self._connect())

    def _write(self, mail_id: str, message: EmailMessage) -> None:
        self._outbox.mkdir(parents=True, exist_ok=True)
        (self._outbox / f"{mail_id}.eml").write_bytes(message.as_bytes())

    def _deliver(self, message: EmailMessage, to: str) -> None:
        server = self._connect()
        try:
            try:
                code, _ = server.mail(message["From"].addresses[0].addr_spec)
                if code < 400:
                    code, _ = server.rcpt(to)
            except (smtplib.SMTPException, OSError) as error:
                raise MailNotTaken(type(error).__name__) from error
            if code >= 400:
                raise (MailRejected if code >= 500 else MailNotTaken)(f"address refused: {code}")
            self._hand_over(server, message)
        finally:
            self._leave(server)

    def _connect(self) -> smtplib.SMTP:
        assert self._url is not None  # noqa: S101 (only called with a server set)
        host, port = self._url.hostname or "localhost", self._url.port
        try:
            if self._url.scheme == "smtps":
                server: smtplib.SMTP = smtplib.SMTP_SSL(
                    host, port or 465, timeout=_TIMEOUT_S, context=ssl.create_default_context()
                )
            else:
                server = smtplib.SMTP(host, port or 25, timeout=_TIMEOUT_S)
                server.ehlo()
                if server.has_extn("starttls"):
                    server.starttls(context=ssl.create_default_context())
                elif self._url.username and host not in _HERE:
                    raise smtplib.SMTPNotSupportedError("no TLS: the password stays here")
            server.ehlo()
            if self._url.username:
                server.login(unquote(self._url.username), unquote(self._url.password or ""))
        except (smtplib.SMTPException, OSError) as error:
            raise MailNotTaken(type(error).__name__) from error
        return server

    @staticmethod
    def _hand_over(server: smtplib.SMTP, message: EmailMessage) -> None:
        """From here on a lost connection leaves it open whether the server has the mail."""
        try:
            code, _ = server.data(message.as_bytes())
        except smtplib.SMTPDataError as error:
            kind = MailRejected if error.smtp_code >= 500 else MailNotTaken
            raise kind(f"refused: {error.smtp_code}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise MailPerhapsTaken(type(error).__name__) from error
        if code != 250:
            raise (MailRejected if code >= 500 else MailNotTaken)(f"refused: {code}")

    @staticmethod
    def _leave(server: smtplib.SMTP) -> None:
        try:
            server.quit()
        except (smtplib.SMTPException, OSError):
            server.close()
