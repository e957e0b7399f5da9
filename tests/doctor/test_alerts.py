"""What waits for a person: listed with its order, closed, and opened anew by the same thing."""

import json

from click.testing import Result

from tests.shop_server import RunningShop
from webapp.db.alerts import raise_alert


def run(shop: RunningShop, *words: str) -> Result:
    return shop.app.test_cli_runner().invoke(args=["alerts", *words])


def happen(shop: RunningShop, object_id: str, detail: str = "13000 ordered, 12000 held") -> None:
    with shop.context.sessions.write() as session:
        raise_alert(session, "mismatch", object_id, detail, shop.context.now())


def test_an_alert_is_listed_with_its_order_closed_and_opened_anew(shop: RunningShop) -> None:
    order_id = shop.create()["orderId"]
    payment = shop.payments(order_id)[0]["id"]
    happen(shop, payment)
    happen(shop, "toss of nobody")

    listed = [line.split("\t") for line in run(shop, "list").output.splitlines()]
    assert [line[2:5] for line in listed] == [["1", "mismatch", "toss of nobody"], ["1", "mismatch", order_id]]
    number = listed[1][0]
    assert json.loads(run(shop, "show", number).output)["order_id"] == order_id

    assert run(shop, "close", number).output == "closed\n"
    assert order_id not in run(shop, "list").output
    assert order_id in run(shop, "list", "--all").output
    assert json.loads(run(shop, "show", number).output)["closed_at"]

    happen(shop, payment, "13000 ordered, 11000 held")
    assert f"2\tmismatch\t{order_id}\t13000 ordered, 11000 held" in run(shop, "list").output
    assert len(run(shop, "list", "--limit", "1").output.splitlines()) == 1


def test_an_alert_that_is_not_there_is_one_line(shop: RunningShop) -> None:
    for command in ("show", "close"):
        missing = run(shop, command, "99")
        assert (missing.exit_code, missing.output) == (1, "Error: no such alert\n")
