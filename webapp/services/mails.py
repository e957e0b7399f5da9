"""The life of one mail: queued, sending, sent; never sent twice, "perhaps sent" after a crash."""

from dataclasses import dataclass

from webapp.db.alerts import raise_alert
from webapp.db.mails import NOBODY, Mail, lock_mail
from webapp.db.orders import Order
from webapp.services.context import Context
from webapp.services.order_view import view_of
from webapp.services.views import OrderView


@dataclass(frozen=True, slots=True, kw_only=True)
class MailToSend:
    """A mail that is this worker's to send now, about an order or an account; `object_id` may be its link."""

    id: str
    template: str
    recipient: str
    locale: str
    object_id: str
    order: OrderView | None


def begin(context: Context, mail_id: str) -> MailToSend | None:
    """Take a queued mail; None when there is nothing to send.

    A mail that is found half-way was with a worker that died: perhaps the server has it, so a person decides.
    """
    with context.sessions.write() as session:
        mail = lock_mail(session, mail_id)
        if mail.state == "sending":
            _end(mail, "perhaps_sent")
            raise_alert(session, "mail_perhaps_sent", mail.id, f"{mail.template} mail", context.now())
        if mail.state != "queued":
            return None
        order = session.get_one(Order, mail.order_id) if mail.order_id else None
        mail.state = "sending"
        return MailToSend(
            id=mail.id,
            template=mail.template,
            recipient=mail.recipient,
            locale=mail.locale,
            object_id=mail.object_id,
            order=view_of(session, context, order) if order else None,
        )


def finish(context: Context, mail_id: str, state: str) -> None:
    """Record how it ended: `sent`, `queued` (refused before it was taken: try again), `perhaps_sent`, `failed`."""
    with context.sessions.write() as session:
        mail = lock_mail(session, mail_id)
        _end(mail, state)
        if state == "sent":
            mail.sent_at = context.now()
        if state in ("perhaps_sent", "failed"):
            raise_alert(session, f"mail_{state}", mail.id, f"{mail.template} mail", context.now())


def _end(mail: Mail, state: str) -> None:
    mail.state = state
    if mail.template == "account_closed" and state != "queued":
        mail.recipient = NOBODY + mail.id  # it was the last thing that her address was needed for
