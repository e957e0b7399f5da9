"""The setup guide's own run (its part 4.2): nine tests, each over HTTP with `curl`, with the bodies that part 3 prints.

The guide's browser snippets (1.5, 1.6 and 2.5) run byte for byte in `tests/browser/test_guide.py`.
"""

import json
import re
import subprocess
from typing import Any

import pytest

from tests.shop_server import BUYER, RunningShop
from tests.tooling.house import ROOT

GUIDE = (ROOT / "docs" / "level-7-setup-guide.md").read_text("utf-8")
TOSS_CARD, STRIPE_PAID, STRIPE_DECLINED = re.findall(r"`(\d{16})`", GUIDE.split("### 4.1 ", 1)[1])[:3]

Json = dict[str, Any]


class Caller:
    """Calls a shop as the guide's reader does: `curl`, with a token that the command line printed."""

    def __init__(self, shop: RunningShop) -> None:
        self.shop = shop
        done = shop.app.test_cli_runner().invoke(args=["users", "token", "--email", BUYER])
        assert done.exit_code == 0, done.output
        self.token = re.findall(r"^cc_\S+$", done.output, re.MULTILINE)[0]

    def curl(self, method: str, path: str, body: Json | None = None, *, token: bool = True) -> tuple[int, Json]:
        """The status and the body of an answer."""
        command = ["curl", "-sS", "-X", method, self.shop.origin + path, "-w", "\n%{http_code}"]
        command += ["-H", f"Authorization: Bearer {self.token}"] if token else []
        if body is not None:
            command += ["-H", "Content-Type: application/json", "-d", json.dumps(body, ensure_ascii=False)]
        done = subprocess.run(command, capture_output=True, check=True, text=True, timeout=30)
        told, _, status = done.stdout.rpartition("\n")
        return int(status), json.loads(told)

    def printed(self, section: str) -> tuple[int, Json]:
        """Run the `curl` line of a section as it is printed, but for the address and the token."""
        line = GUIDE.split(f"### {section} ", 1)[1].split("```bash\n", 1)[1].split("```", 1)[0]
        line = line.replace("http://localhost:3000", self.shop.origin).replace("YOUR_ACCESS_TOKEN", self.token)
        done = subprocess.run(["bash", "-c", f"exec {line}"], capture_output=True, check=True, text=True, timeout=30)
        return 200, json.loads(done.stdout)


def shown(call: str, heading: str) -> Json:
    """What part 3 prints for a call under **Body:** or **Response:**; `{ ... }` and `uuid` stand for anything."""
    text = GUIDE.split(f"#### {call}\n", 1)[1].split(f"**{heading}:**", 1)[1]
    printed = text.split("```json\n", 1)[1].split("```", 1)[0]
    found: Json = json.loads(printed.replace("{ ... }", "{}"))
    return found


@pytest.fixture
def caller(sqlite_shop: RunningShop) -> Caller:
    return Caller(sqlite_shop)


def paid_with_toss(caller: Caller) -> tuple[Json, int, Json]:
    """The guide's purchase: what `create` answered, and the status and the answer of `confirm`."""
    created = caller.curl("POST", "/payment/toss/create", shown("POST /payment/toss/create", "Body"))[1]
    brought = caller.shop.authenticated(created, card=TOSS_CARD)
    body = {name: brought[name] for name in shown("POST /payment/toss/confirm", "Body")}
    return created, *caller.curl("POST", "/payment/toss/confirm", body, token=False)


def test_1_toss_create(caller: Caller) -> None:
    answers = [
        caller.printed("1.4"),
        caller.curl("POST", "/payment/toss/create", shown("POST /payment/toss/create", "Body")),
    ]

    for status, told in answers:
        wanted = shown("POST /payment/toss/create", "Response")
        assert (status, set(wanted) - set(told)) == (200, set())
        assert [told[name] for name in ("success", "amount", "currency")] == [True, 13000, "KRW"]
        assert told["orderId"].startswith("ord_")
        assert told["tossConfig"]["orderName"] == "사주팔자 프리미엄 해석"


def test_2_toss_confirm(caller: Caller) -> None:
    _created, status, told = paid_with_toss(caller)

    assert (status, set(told)) == (200, set(shown("POST /payment/toss/confirm", "Response")))
    assert (told["success"], told["payment"]["status"], told["tossPayment"]["totalAmount"]) == (
        True,
        "completed",
        13000,
    )
    assert [row["captured"] for row in caller.shop.sandbox.ledger()["payments"]] == [13000]


def test_3_toss_confirm_refuses_another_amount(caller: Caller) -> None:
    created = caller.printed("1.4")[1]
    brought = caller.shop.authenticated(created, card=TOSS_CARD)
    body = {"paymentKey": brought["paymentKey"], "orderId": created["orderId"], "amount": 100}

    status, told = caller.curl("POST", "/payment/toss/confirm", body, token=False)
    assert (status, told["success"], told["code"]) == (409, False, "AMOUNT_MISMATCH")
    assert [row["captured"] for row in caller.shop.sandbox.ledger()["payments"]] == [0]


def test_4_toss_webhook(caller: Caller) -> None:
    order_id = paid_with_toss(caller)[0]["orderId"]
    event = {"eventType": "PAYMENT_STATUS_CHANGED", "data": {"orderId": order_id, "status": "CANCELED"}}

    assert caller.curl("POST", "/payment/toss/webhook", event, token=False) == (200, {"success": True})
    caller.shop.work()
    assert caller.shop.order(order_id)["status"] == "completed", "an event is a reason to ask, and no proof"


def test_5_stripe_create(caller: Caller) -> None:
    body = shown("POST /payment/stripe/create", "Body")

    for status, told in (caller.printed("2.4"), caller.curl("POST", "/payment/stripe/create", body)):
        assert (status, set(shown("POST /payment/stripe/create", "Response")) - set(told)) == (200, set())
        assert [told[name] for name in ("success", "amount", "currency")] == [True, 1000, "USD"]
        assert told["clientSecret"].startswith("pi_")
        assert told["publishableKey"].startswith("pk_test_")


def test_6_stripe_webhook(caller: Caller) -> None:
    caller.shop.sandbox.stripe_account(events=["payment_intent.payment_failed", "payment_intent.succeeded"])
    created = caller.printed("2.4")[1]
    declined = caller.shop.sandbox.stripe_pay(order_id=created["orderId"], card=STRIPE_DECLINED)
    assert declined["status"] == "requires_payment_method"
    assert caller.shop.sandbox.stripe_pay(order_id=created["orderId"], card=STRIPE_PAID)["status"] == "succeeded"
    caller.shop.sandbox.wait_deliveries(2)
    caller.shop.work()

    assert caller.shop.order(created["orderId"])["status"] == "completed"


def test_7_stripe_webhook_refuses_what_is_not_signed(caller: Caller) -> None:
    created = caller.printed("2.4")[1]
    event = {
        "id": "evt_forged",
        "type": "payment_intent.succeeded",
        "data": {"object": {"id": created["clientSecret"]}},
    }

    status, told = caller.curl("POST", "/payment/stripe/webhook", event, token=False)
    assert (status, told["code"]) == (400, "WEBHOOK_SIGNATURE_INVALID")
    caller.shop.work()
    assert caller.shop.order(created["orderId"])["status"] == "pending"


def test_8_payment_status(caller: Caller) -> None:
    order_id = paid_with_toss(caller)[0]["orderId"]

    status, told = caller.curl("GET", f"/payment/{order_id}")
    wanted = shown("GET /payment/:orderId", "Response")["payment"]
    assert (status, set(wanted) - set(told["payment"])) == (200, set())
    same = ("amount", "currency", "status", "payment_method")
    assert [told["payment"][name] for name in same] == [wanted[name] for name in same]
    assert caller.curl("GET", f"/payment/{order_id}", token=False)[0] == 401
    assert caller.curl("GET", "/payment/ord_nobodyknowsthisone")[1]["code"] == "PAYMENT_NOT_FOUND"


def test_9_payment_history(caller: Caller) -> None:
    orders = [caller.printed("1.4")[1]["orderId"], caller.printed("2.4")[1]["orderId"]]

    status, told = caller.curl("GET", "/payment/history/me")
    assert (status, told["success"], told["count"]) == (200, True, 2)
    assert [payment["order_id"] for payment in told["payments"]] == orders[::-1]
