"""Shops made of real processes, as the crash tests start them."""

from tests.crash.conftest import serve
from tests.mail.conftest import _mailbox, mailbox

__all__ = ["_mailbox", "mailbox", "serve"]
