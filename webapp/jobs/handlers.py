"""Job kinds and what does them. A handler that raises is called again later."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import current_app, url_for
from flask_babel import force_locale

from webapp.domain.arrivals import Return
from webapp.domain.failpoints import failpoint
from webapp.domain.failures import Failure, ProviderBusy
from webapp.domain.states import RefundStatus
from webapp.fulfilment.outgoing import NotDelivered
from webapp.mail.messages import Message, render
from webapp.mail.outgoing import MailNotTaken, MailPerhapsTaken, MailRejected
from webapp.services import fulfil, mails, password_change
from webapp.services.account_links import LINK_MAILS
from webapp.services.closing import close_leftover
from webapp.services.confirm import ask_about, take_return
from webapp.services.inbox import process
from webapp.services.jobs import Task
from webapp.services.refund import send_refund
from webapp.signing import LinkSigner
from webapp.wiring import Wiring


class NotDoneYet(Exception):
    """Call again later, after `wait_s` seconds at least; nothing is wrong."""

    def __init__(self, why: str, wait_s: float = 0, *, ends: bool = True) -> None:
        super().__init__(why)
        self.wait_s = wait_s
        #: False: the handler itself knows when to give up, however often it was tried.
        self.ends = ends


#: Some refunds take days to arrive; their news comes as an event, this is for the one that is lost.
_REFUND_PAUSE_S = 6 * 3600.0


def send_mail(wired: Wiring, task: Task) -> None:
    """Send one mail at most once; when nobody knows whether it went, a person decides."""
    mail = mails.begin(wired.context, task.subject)
    if mail is None:
        return
    failpoint("outbox.claimed")
    try:
        message = _write(wired, mail)
    except Exception:
        mails.finish(wired.context, mail.id, "queued")  # nothing has left the house
        raise
    failpoint("outbox.before_send")
    try:
        wired.mailer.send(
            mail_id=mail.id, to=mail.recipient, subject=message.subject, text=message.text, html=message.html
        )
    except MailNotTaken as error:
        mails.finish(wired.context, mail.id, "queued")
        raise NotDoneYet(str(error)) from error
    except MailRejected:
        mails.finish(wired.context, mail.id, "failed")
        return
    except MailPerhapsTaken:
        mails.finish(wired.context, mail.id, "perhaps_sent")
        return
    failpoint("outbox.sent")
    mails.finish(wired.context, mail.id, "sent")
    failpoint("outbox.marked")


def _write(wired: Wiring, mail: mails.MailToSend) -> Message:
    with force_locale(mail.locale):
        settings = wired.settings
        values: dict[str, object] = {
            "shop_name": settings.shop_name,
            "business": settings.business,
            "locale": mail.locale,
        }
        if mail.order is not None:
            path = url_for("payments.show", order_id=mail.order.order_id)
            values["order"] = mail.order
        else:
            path = account_path(wired.signer, mail.template, mail.object_id)
        return render(current_app.jinja_env, mail.template, {**values, "url": settings.public_url + path})


def account_path(signer: LinkSigner, template: str, link_id: str) -> str:
    """Where a mail about an account leads: to its link, or to what its reader would do next."""
    for purpose, name in LINK_MAILS.items():
        if name == template:
            return url_for(f"account_links.{purpose}", secret=signer.write(purpose, link_id))
    return url_for("catalog.index" if template == "account_closed" else "account_links.forgot")


def send_reset(wired: Wiring, task: Task) -> None:
    password_change.send_reset(wired.context, task.id)


def tell_backend(wired: Wiring, task: Task) -> None:
    """Tell the shop's backend at least once, for three days; the id lets it drop what comes twice."""
    try:
        message = fulfil.begin(wired.context, task.subject)
    except fulfil.TooEarly:
        raise NotDoneYet("an earlier message is on its way", ends=False) from None
    if message is None:
        return
    failpoint("fulfil.begun")
    try:
        answer = wired.courier.send(message.id, message.body)
    except NotDelivered as error:
        if fulfil.finish(wired.context, message.id, str(error), arrived=False):
            raise NotDoneYet(str(error), error.wait_s, ends=False) from error
        return
    failpoint("fulfil.done")
    fulfil.finish(wired.context, message.id, answer, arrived=True)


def process_event(wired: Wiring, task: Task) -> None:
    process(wired.context, int(task.subject))


def refund(wired: Wiring, task: Task) -> None:
    status = send_refund(wired.context, task.subject)
    if status not in (RefundStatus.SUCCEEDED, RefundStatus.FAILED):
        raise NotDoneYet(f"the refund is {status}", _REFUND_PAUSE_S if status is RefundStatus.PENDING else 0)


def close_payment(wired: Wiring, task: Task) -> None:
    """An attempt that is over here lies open at its provider."""
    close_leftover(wired.context, task.subject)


def take_late_return(wired: Wiring, task: Task) -> None:
    """A buyer came back while no call was free, another order held her key, or hers was asked about another key."""
    payload: Mapping[str, Any] = task.payload
    arrival = Return(
        provider_ref=payload["provider_ref"], order_ref=payload["order_ref"], amount_minor=payload["amount_minor"]
    )
    try:
        claim = take_return(wired.context, payload["provider"], arrival)
    except ProviderBusy as error:
        raise NotDoneYet(error.detail or error.title) from error
    except Failure:
        return  # recorded where it was refused; asking again would not change it
    if claim.blocked:
        raise NotDoneYet("another payment key or attempt is being asked about")
    ask_about(wired.context, claim)


HANDLERS: dict[str, Callable[[Wiring, Task], None]] = {
    "send_mail": send_mail,
    "fulfil": tell_backend,
    "send_reset": send_reset,
    "process_event": process_event,
    "send_refund": refund,
    "close_payment": close_payment,
    "take_return": take_late_return,
}
