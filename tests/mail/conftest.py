"""A shop whose mails go to a real SMTP server."""

from collections.abc import Iterator

import pytest

from tests.conftest import MakeShop
from tests.mail.mail_server import RunningMailServer
from tests.shop_server import RunningShop


@pytest.fixture(scope="session")
def _mailbox() -> Iterator[RunningMailServer]:
    with RunningMailServer() as server:
        yield server


@pytest.fixture
def mailbox(_mailbox: RunningMailServer) -> RunningMailServer:
    """An SMTP server with nothing in it yet."""
    _mailbox.forget()
    return _mailbox


@pytest.fixture
def mailing_shop(make_shop: MakeShop, database_url: str, mailbox: RunningMailServer) -> RunningShop:
    """The shop on each database."""
    return make_shop(database_url, SMTP_URL=mailbox.url)


@pytest.fixture
def sqlite_mailing_shop(make_shop: MakeShop, sqlite_url: str, mailbox: RunningMailServer) -> RunningShop:
    """The shop on SQLite alone, for what no database can change."""
    return make_shop(sqlite_url, SMTP_URL=mailbox.url)
