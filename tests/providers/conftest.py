"""What the provider tests stand on: the real emulator over HTTP."""

from collections.abc import Iterator

import pytest

from tests.sandbox_server import RunningSandbox
from webapp.domain.clock import SystemClock
from webapp.providers import toss
from webapp.providers.http import HttpClient
from webapp.providers.port import Provider


@pytest.fixture(scope="module")
def running_sandbox() -> Iterator[RunningSandbox]:
    with RunningSandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: RunningSandbox) -> RunningSandbox:
    running_sandbox.reset()
    return running_sandbox


@pytest.fixture
def provider(sandbox: RunningSandbox) -> Provider:
    """Toss with both key pairs, led to the sandbox."""
    config = toss.Config.from_env({}, sandbox_origin=sandbox.origin)
    return toss.build(config, HttpClient(), SystemClock())
