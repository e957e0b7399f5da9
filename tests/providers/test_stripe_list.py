"""What Stripe booked in a stretch of time: two lists, page after page, then one reading each."""

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.providers.raw_server import RawServer, answer
from tests.providers.stripe_attempts import attempt, led_to, made, paid, ref, refund_of
from tests.providers.stripe_intents import CREATED, INTENT, NOTHING_YET, charge, intent, refund
from tests.sandbox_server import RunningSandbox
from webapp.domain.money import Money
from webapp.domain.states import PaymentStatus
from webapp.providers.port import ProviderUnclear

S = PaymentStatus
FROM = datetime.fromtimestamp(CREATED - 60, UTC)
TO = FROM + timedelta(minutes=10)


class Books:
    """Lists of Stripe's, `per_page` rows each; `rows` by path, newest first."""

    def __init__(self, rows: dict[str, list[dict[str, Any]]], per_page: int = 3) -> None:
        self.rows, self.per_page = rows, per_page
        self.asked: list[tuple[str, dict[str, list[str]]]] = []

    def __call__(self, connection: socket.socket, request: bytes) -> None:
        target = urlsplit(request.split(b" ")[1].decode())
        query = parse_qs(target.query)
        self.asked.append((target.path, query))
        if target.path in self.rows:
            found = self._page(self.rows[target.path], query.get("starting_after", [""])[0])
        else:
            found = intent(id=target.path.rsplit("/", maxsplit=1)[-1], **self.rows.get("intent", [{}])[0])
        connection.sendall(answer(json.dumps(found).encode()))

    def _page(self, rows: list[dict[str, Any]], after: str) -> dict[str, Any]:
        start = next((place + 1 for place, row in enumerate(rows) if row["id"] == after), 0)
        page = rows[start : start + self.per_page]
        return {"object": "list", "data": page, "has_more": start + self.per_page < len(rows), "url": "/v1/x"}


def charges(count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield charge(id=f"ch_{number}", payment_intent=f"pi_3Number{number:04}", created=CREATED + 1000 - number)


def test_every_page_of_both_lists_is_read_and_each_payment_once() -> None:
    books = Books(
        {
            "/v1/charges": list(charges(8)),
            "/v1/refunds": [refund(1, f"re_{n}", payment_intent=f"pi_3Number{n:04}") for n in range(4)],
        }
    )
    with RawServer(books) as server:
        found = list(led_to(server.url).list_between(FROM, TO))
    refs = [payment.provider_ref for payment in found]
    assert len(refs) == len(set(refs)) == 8
    lists = [(path, query.get("starting_after")) for path, query in books.asked[:5]]
    assert lists == [
        ("/v1/charges", None),
        ("/v1/charges", ["ch_2"]),
        ("/v1/charges", ["ch_5"]),
        ("/v1/refunds", None),
        ("/v1/refunds", ["re_2"]),
    ]
    assert books.asked[0][1]["created[gte]"] == [str(CREATED - 60)]
    assert books.asked[0][1]["created[lt]"] == [str(CREATED + 540)]


def test_they_come_in_the_order_of_their_first_booking() -> None:
    books = Books({"/v1/charges": list(charges(5)), "/v1/refunds": []})
    with RawServer(books) as server:
        found = [payment.provider_ref for payment in led_to(server.url).list_between(FROM, TO)]
    assert found == sorted(found, reverse=True), "the lists come newest first"


def test_a_broken_second_belongs_to_the_interval() -> None:
    books = Books({"/v1/charges": [], "/v1/refunds": []})
    with RawServer(books) as server:
        list(led_to(server.url).list_between(FROM + timedelta(seconds=0.5), TO + timedelta(seconds=0.5)))
    assert books.asked[0][1]["created[gte]"] == [str(CREATED - 60)]
    assert books.asked[0][1]["created[lt]"] == [str(CREATED + 541)]


@pytest.mark.parametrize("row", [charge(payment_intent=None), charge(payment_intent={"id": None})])
def test_what_was_taken_without_an_intent_is_not_ours(row: dict[str, Any]) -> None:
    books = Books({"/v1/charges": [row], "/v1/refunds": []})
    with RawServer(books) as server:
        assert list(led_to(server.url).list_between(FROM, TO)) == []


def test_other_business_in_a_currency_that_we_never_sell_in_is_passed_over() -> None:
    foreign = {"currency": "gbp", "metadata": {}}
    books = Books({"/v1/charges": [charge()], "/v1/refunds": [], "intent": [foreign]})
    with RawServer(books) as server:
        assert list(led_to(server.url).list_between(FROM, TO)) == []
    books.rows["intent"] = [{"currency": "gbp"}]
    with RawServer(books) as server, pytest.raises(ProviderUnclear, match="nonsense_answer"):
        list(led_to(server.url).list_between(FROM, TO))


def test_a_payment_that_nobody_ordered_is_listed_without_an_order() -> None:
    books = Books({"/v1/charges": [charge()], "/v1/refunds": [], "intent": [{"metadata": {}}]})
    with RawServer(books) as server:
        (found,) = led_to(server.url).list_between(FROM, TO)
    assert (found.order_ref, found.status, found.provider_ref) == ("", S.COMPLETED, INTENT)


@pytest.mark.parametrize(
    "page",
    [
        {"data": [charge()], "has_more": True},
        {"data": [], "has_more": True},
    ],
    ids=["always the same page", "always an empty one"],
)
def test_fm_69_a_list_that_never_ends_is_given_up(page: dict[str, Any]) -> None:
    def script(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(answer(json.dumps({"object": "list", **page}).encode()))

    with RawServer(script) as server, pytest.raises(ProviderUnclear, match="endless_list"):
        list(led_to(server.url).list_between(FROM, TO))
    assert len(server.requests) <= 2


def test_more_refunds_than_fit_into_an_answer_are_fetched() -> None:
    many = [refund(10, f"re_{number}") for number in range(25)]
    paid_one = charge(*many[:10], has_more=True, amount_refunded=250)
    books = Books({"/v1/refunds": many, "intent": [{"latest_charge": paid_one}]}, per_page=10)
    with RawServer(books) as server:
        found = led_to(server.url).confirm(attempt(provider_ref=INTENT), idempotency_key="k")
    assert (found.refunded, len(found.refunds)) == (Money(250, "USD"), 25)
    assert [query.get("payment_intent") for path, query in books.asked if path == "/v1/refunds"] == [[INTENT]] * 3


NEWEST, OLDEST = (intent(**NOTHING_YET, id=f"pi_3NotPaid{at}", created=CREATED + at) for at in (5, 1))
PAID = [intent(id="pi_3TheOnePaid", created=CREATED + at) for at in (-9, 9)]


@pytest.mark.parametrize(
    "rows, wanted",
    [
        ([OLDEST, PAID[0], NEWEST], "pi_3TheOnePaid"),
        ([PAID[1], NEWEST, OLDEST], "pi_3TheOnePaid"),
        ([NEWEST, OLDEST], "pi_3NotPaid5"),
        ([OLDEST, NEWEST], "pi_3NotPaid5"),
    ],
)
def test_of_several_intents_for_an_order_a_paid_one_is_taken_else_the_newest(
    rows: list[dict[str, Any]], wanted: str
) -> None:
    def script(connection: socket.socket, request: bytes) -> None:
        asked = request.split(b" ")[1].split(b"?")[0].rsplit(b"/", 1)[-1].decode()
        found = {"object": "search_result", "data": rows, "has_more": False}
        connection.sendall(answer(json.dumps(found if asked == "search" else intent(id=asked)).encode()))

    with RawServer(script) as server:
        found = led_to(server.url).fetch(ref(None))
    assert found is not None
    assert found.provider_ref == wanted


def test_fm_03_refunds_that_cannot_be_listed_do_not_make_their_payment_disappear() -> None:
    gone = b'{"error":{"type":"invalid_request_error","code":"resource_missing"}}'

    def script(connection: socket.socket, request: bytes) -> None:
        paid_one = intent(latest_charge=charge(refund(10), has_more=True))
        is_list = b"/v1/refunds" in request
        connection.sendall(answer(gone, "404 Not Found") if is_list else answer(json.dumps(paid_one).encode()))

    with RawServer(script) as server, pytest.raises(ProviderUnclear, match="resource_missing"):
        led_to(server.url).fetch(ref(INTENT, None))


def test_the_sandbox_lists_what_was_charged_and_what_was_given_back(sandbox: RunningSandbox) -> None:
    provider = led_to(f"{sandbox.origin}/stripe")
    first = paid(provider, sandbox, order_ref="ord_first1")
    paid(provider, sandbox, order_ref="ord_second")
    made(provider, order_ref="ord_never_paid")
    provider.refund(refund_of(first, 300))
    sandbox.stripe_charge(order_id="ord_nobody", amount=500, currency="USD")
    now = datetime.now(UTC)
    found = list(provider.list_between(now - timedelta(minutes=5), now + timedelta(minutes=5)))
    assert {(one.order_ref, one.status, one.captured.minor) for one in found} == {
        ("ord_first1", S.PARTIALLY_REFUNDED, 1000),
        ("ord_second", S.COMPLETED, 1000),
        ("ord_nobody", S.COMPLETED, 500),
    }
    assert list(provider.list_between(now - timedelta(hours=2), now - timedelta(hours=1))) == []
