"""What the provider tests stand on: the real emulator over HTTP, and a network that ends at this machine."""

from collections.abc import Iterator

import pytest

from tests.sandbox_server import RunningSandbox
from tests.tooling.sockets import block_network
from webapp.domain.clock import SystemClock
from webapp.providers import toss
from webapp.providers.http import HttpClient
from webapp.providers.port import Provider


@pytest.fixture(autouse=True)
def closed_network() -> Iterator[None]:
    with block_network():
        yield


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
