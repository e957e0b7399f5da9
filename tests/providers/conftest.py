"""The providers as the app builds them, led to the sandbox."""

import pytest

from tests.sandbox_server import RunningSandbox
from webapp.domain.clock import SystemClock
from webapp.providers import toss
from webapp.providers.http import HttpClient
from webapp.providers.port import Provider


@pytest.fixture
def provider(sandbox: RunningSandbox) -> Provider:
    """Toss with both key pairs."""
    config = toss.Config.from_env({}, sandbox_origin=sandbox.origin)
    return toss.build(config, HttpClient(), SystemClock())
