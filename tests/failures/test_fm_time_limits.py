"""Who gives up first: always the one who asks, never the one who holds the call."""

import re

import pytest

from tests.conftest import MakeShop
from tests.failures.conftest import Buy
from tests.failures.purchase import wait_until
from tests.tooling.documents import table
from tests.tooling.house import ROOT
from webapp.providers.stripe import api as stripe
from webapp.providers.toss import adapter as toss
from webapp.services import jobs, sweep
from webapp.settings import SettingsError, load_settings

OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
LONGEST_S = max(toss.CHANGING_S, toss.LIST_S, stripe.CHANGING_S, stripe.LIST_S)


def written(pattern: str) -> float:
    """The one number that the guide for operators gives for this, in seconds."""
    (found,) = set(re.findall(pattern, OPERATIONS))
    return float(found)


def test_fm_124_the_server_and_the_proxy_wait_longer_than_the_longest_call() -> None:
    limits = [float(re.sub(r" .*", "", row[2])) for row in table(OPERATIONS, "## Time limits")]
    killed, proxied = written(r"--workers-kill-timeout (\d+)"), written(r"proxy_read_timeout (\d+)s")

    assert limits == sorted(limits)
    assert limits[-3:] == [LONGEST_S, killed, proxied]
    assert LONGEST_S < killed < proxied


def test_fm_124_nobody_else_takes_up_what_is_still_being_asked() -> None:
    assert max(toss.LOOK_UP_S, stripe.LOOK_UP_S, stripe.CHANGING_S) < sweep._LEASE_S
    assert LONGEST_S + max(toss.LOOK_UP_S, stripe.LOOK_UP_S) < jobs.LEASE_S


@pytest.mark.parametrize("seconds", ["0", "-1", "10.5", "60", "inf", "nan"])
def test_fm_124_a_page_that_would_outwait_the_calls_does_not_start(seconds: str) -> None:
    with pytest.raises(SettingsError, match="LANDING_WAIT_S"):
        load_settings({"LANDING_WAIT_S": seconds})


def test_fm_124_a_call_outlives_the_page_that_asked_for_it(make_shop: MakeShop, database_url: str, buy: Buy) -> None:
    shop = make_shop(database_url, LANDING_WAIT_S="0.05")
    shop.sandbox.mute()
    shop.sandbox.fault(call="confirm", apply=True, then="delay", delay_s=1)
    purchase = buy(shop)

    assert purchase.back().status_code == 303
    wait_until(lambda: purchase.payment()["status"] == "completed")  # no sweeper, no news: the call itself

    shop.work()
    purchase.is_sold_once()
