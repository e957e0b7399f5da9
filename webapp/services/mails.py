"""The life of one mail: queued, sending, sent; never sent twice, "perhaps sent" after a crash."""

from dataclasses import dataclass

from webapp.db.alerts import raise_alert
from webapp.db.mails import lock_mail
from webapp.db.orders import Order
from webapp.services.context import Context
from webapp.services.history import view_of
from webapp.services.views import OrderView


@dataclass(frozen=True, slots=True, kw_only=True)
class MailToSend:
    """A mail that is this worker's to send now."""

    id: str
    template: str
    recipient: str
    locale: str
    order: OrderView


def begin(context: Context, mail_id: str) -> MailToSend | None:
    """Take a queued mail; None when there is nothing to send.

    A mail that is found half-way was with a worker that died: perhaps the server has it, so a person decides.
    """
    with context.sessions.write() as session:
        mail = lock_mail(session, mail_id)
        if mail.state == "sending":
            mail.state = "perhaps_sent"
            raise_alert(session, "mail_perhaps_sent", mail.id, f"{mail.template} mail", context.now())
        if mail.state != "queued":
            return None
        order = session.get_one(Order, mail.order_id)
        mail.state = "sending"
        return MailToSend(
            id=mail.id,
            template=mail.template,
            recipient=mail.recipient,
            locale=mail.locale,
            order=view_of(session, order),
        )


def finish(context: Context, mail_id: str, state: str) -> None:
    """Record how it ended: `sent`, `queued` (refused before it was taken: try again), `perhaps_sent`, `failed`."""
    with context.sessions.write() as session:
        mail = lock_mail(session, mail_id)
        mail.state = state
        if state == "sent":
            mail.sent_at = context.now()
        if state in ("perhaps_sent", "failed"):
            raise_alert(session, f"mail_{state}", mail.id, f"{mail.template} mail", context.now())
