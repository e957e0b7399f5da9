"""A shop that tells a backend, and the backend that hears it."""

import base64
from collections.abc import Iterator

import pytest

from tests.conftest import MakeShop
from tests.sandbox.event_sink import EventSink
from tests.shop_server import RunningShop

SECRET = "whsec_" + base64.b64encode(b"a key that only these tests know").decode()


@pytest.fixture
def backend() -> Iterator[EventSink]:
    with EventSink() as sink:
        yield sink


@pytest.fixture
def telling_shop(make_shop: MakeShop, database_url: str, backend: EventSink) -> RunningShop:
    """The shop on each database."""
    return make_shop(database_url, FULFILMENT_URL=backend.url, FULFILMENT_SECRET=SECRET)
