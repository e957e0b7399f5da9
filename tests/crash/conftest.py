"""Shops made of real processes, and the mail server that they send to."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.crash.served_shop import ServedShop
from tests.mail.conftest import _mailbox, mailbox
from tests.mail.mail_server import RunningMailServer
from tests.sandbox_server import RunningSandbox

__all__ = ["_mailbox", "mailbox", "serve"]

ServeShop = Callable[..., ServedShop]


@pytest.fixture
def serve(
    sandbox: RunningSandbox, mailbox: RunningMailServer, database_url: str, tmp_path: Path
) -> Iterator[ServeShop]:
    """Make a shop on each database; the test starts its processes."""
    with ExitStack() as stack:

        def make(*, own_site: bool = False, **env: str) -> ServedShop:
            shop = ServedShop(database_url, sandbox, tmp_path, own_site=own_site, SMTP_URL=mailbox.url, **env)
            stack.enter_context(shop)
            return shop

        yield make
