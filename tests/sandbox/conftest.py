"""One running sandbox for each test file, emptied before each test."""

from collections.abc import Callable, Iterator

import pytest

from tests.sandbox.toss_client import TossClient
from tests.sandbox_server import RunningSandbox


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSandbox]:
    with RunningSandbox(hold_s=0.4) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: RunningSandbox) -> RunningSandbox:
    running.set_webhook(None)
    running.reset()
    return running


@pytest.fixture
def toss(sandbox: RunningSandbox) -> Iterator[TossClient]:
    with TossClient(sandbox.origin) as client:
        yield client


@pytest.fixture
def paid(sandbox: RunningSandbox, toss: TossClient) -> Callable[..., str]:
    """Take a payment to its end; gives the paymentKey."""

    def pay(order_id: str = "order-1", amount: int = 13000, **how: object) -> str:
        payment = sandbox.authenticate(order_id=order_id, amount=amount, **how)
        answer = toss.confirm(payment)
        assert answer.status_code == 200, answer.text
        return str(payment["paymentKey"])

    return pay
