"""Links in mails: how long each lives, how many are sent, and the mails that carry them or tell of a change."""

from datetime import timedelta

from sqlalchemy.orm import Session

from webapp.db.account_links import AccountLink, count_links, find_link, take_back_links
from webapp.db.jobs import stage
from webapp.db.mails import Mail
from webapp.db.users import User
from webapp.domain.clock import Nature
from webapp.domain.failures import LinkNotGood, TooManyMails
from webapp.services.context import Context

#: Purpose → seconds that the link is good for.
LINK_LIFE_S = {"confirm": 3 * 86_400, "change": 86_400, "reset": 1800}
#: Purpose → the mail that carries it.
LINK_MAILS = {"confirm": "confirm_email", "change": "confirm_change", "reset": "reset_password"}
#: What tells of a change, and carries no link that could be used.
NOTICES = ("change_asked", "email_changed", "password_changed", "account_closed")

#: Mails of one purpose to one account, so that nobody's inbox is flooded by a button of ours.
_MOST_PER_HOUR = 5


def send_link(session: Session, nature: Nature, user: User, purpose: str, email: str, locale: str) -> None:
    """Promise a mail with a link to this address; it takes the place of earlier ones for the purpose.

    Raises:
        TooManyMails: five of them within the hour.
    """
    now = nature.clock.now()
    if count_links(session, user.id, purpose, now - timedelta(hours=1)) >= _MOST_PER_HOUR:
        raise TooManyMails
    take_back_links(session, user.id, now, purpose)
    link = AccountLink(
        id=nature.randomness.uuid(),
        user_id=user.id,
        purpose=purpose,
        email=email,
        created_at=now,
        expires_at=now + timedelta(seconds=LINK_LIFE_S[purpose]),
    )
    session.add(link)
    session.flush()
    _owe(session, nature, LINK_MAILS[purpose], user.id, link.id, email, locale)


def tell(session: Session, nature: Nature, user: User, notice: str, email: str, locale: str) -> None:
    """Promise a mail that tells of a change."""
    _owe(session, nature, notice, user.id, nature.randomness.uuid(), email, locale)


def _owe(
    session: Session, nature: Nature, template: str, user_id: str, object_id: str, email: str, locale: str
) -> None:
    now, mail_id = nature.clock.now(), nature.randomness.uuid()
    session.add(
        Mail(
            id=mail_id,
            template=template,
            user_id=user_id,
            object_id=object_id,
            recipient=email,
            locale=locale,
            created_at=now,
        )
    )
    stage(session, "send_mail", mail_id, now)


def linked_address(context: Context, purpose: str, link_id: str | None) -> str:
    """The address that an unused link is about; looking uses nothing up.

    Raises:
        LinkNotGood: used, too old, taken back, or never ours.
    """
    with context.sessions.read() as session:
        link = find_link(session, link_id, purpose, context.now()) if link_id else None
        if link is None:
            raise LinkNotGood
        return link.email
