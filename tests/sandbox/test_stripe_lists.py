"""Lists, pages, search and `expand[]`."""

from typing import Any

import pytest
import stripe

from tests.sandbox.stripe_client import ORDER, new_intent, paid_intent, raw, refused, stripe_api
from tests.sandbox_server import RunningSandbox


def search(sandbox: RunningSandbox, query: str, **params: Any) -> Any:
    wanted: Any = {"query": query, **params}
    return stripe_api(sandbox).v1.payment_intents.search(wanted)


def ids(found: Any) -> list[str]:
    return [row.id for row in found.data]


def test_lists_come_newest_first_and_page_by_page(sandbox: RunningSandbox) -> None:
    made = [new_intent(sandbox).id for _ in range(5)][::-1]
    intents = stripe_api(sandbox).v1.payment_intents
    first = intents.list({"limit": 2})
    assert (ids(first), first.has_more, first.url) == (made[:2], True, "/v1/payment_intents")
    rest = intents.list({"limit": 10, "starting_after": made[1]})
    assert (ids(rest), rest.has_more) == (made[2:], False)
    back = intents.list({"limit": 2, "ending_before": made[3]})
    assert (ids(back), back.has_more) == (made[1:3], True)
    assert [row.id for row in intents.list({"limit": 2}).auto_paging_iter()] == made


@pytest.mark.parametrize("limit", [0, 101])
def test_a_page_has_1_to_100_rows(sandbox: RunningSandbox, limit: int) -> None:
    refused(stripe.InvalidRequestError, lambda: stripe_api(sandbox).v1.charges.list({"limit": limit}))


def test_lists_are_limited_to_a_span_of_time(sandbox: RunningSandbox) -> None:
    first = paid_intent(sandbox)
    started = new_intent(sandbox).created
    sandbox.advance(3600)
    second = paid_intent(sandbox)
    charges = stripe_api(sandbox).v1.charges
    early = charges.list({"created": {"gte": started - 60, "lt": started + 60}})
    late = charges.list({"created": {"gte": started + 60, "lt": started + 7200}})
    assert [[row.payment_intent for row in found.data] for found in (early, late)] == [[first], [second]]
    stripe_api(sandbox).v1.refunds.create({"payment_intent": first})
    refunds = stripe_api(sandbox).v1.refunds
    assert len(refunds.list({"created": {"gte": started + 60}}).data) == 1
    assert refunds.list({"created": {"lt": started + 60}}).data == []
    assert len(refunds.list({"payment_intent": first}).data) == 1
    assert refunds.list({"payment_intent": second}).data == []


@pytest.mark.parametrize(
    "query, found",
    [
        (f"metadata['order_id']:'{ORDER}'", True),
        (f'metadata["order_id"]:"{ORDER}"', True),
        (f"metadata['order_id']:'{ORDER}' AND status:'requires_payment_method'", True),
        (f"metadata['order_id']:'{ORDER}' status:'succeeded'", False),
        ("status:'succeeded' OR amount>1000", True),
        ("amount:1250 AND currency:'usd'", True),
        ("-amount:1250", False),
        ("amount>=1251", False),
        ("metadata['order_id']~'0000'", True),
        ("metadata['other']:null", True),
        ("created<5", False),
        ("metadata['order_id']:'other'", False),
    ],
)
def test_search_finds_intents(sandbox: RunningSandbox, query: str, found: bool) -> None:
    key = new_intent(sandbox).id
    assert ids(search(sandbox, query)) == ([key] if found else [])


@pytest.mark.parametrize("query", ["", "status", "colour:'red'", "amount:'x'", "amount:1 AND amount:2 OR amount:3"])
def test_a_query_that_cannot_be_read_is_refused(sandbox: RunningSandbox, query: str) -> None:
    error = refused(stripe.InvalidRequestError, lambda: search(sandbox, query))
    assert error.error.param == "query"


def test_search_results_come_page_by_page(sandbox: RunningSandbox) -> None:
    made = [new_intent(sandbox).id for _ in range(3)][::-1]
    first = search(sandbox, "amount:1250", limit=2)
    assert (ids(first), first.has_more) == (made[:2], True)
    last = search(sandbox, "amount:1250", limit=2, page=first.next_page)
    assert (ids(last), last.has_more, last.next_page) == (made[2:], False, None)


def test_search_can_lag_behind(sandbox: RunningSandbox) -> None:
    sandbox.stripe_account(search_lag_s=30)
    key = new_intent(sandbox).id
    assert ids(search(sandbox, "amount:1250")) == []
    sandbox.advance(31)
    assert ids(search(sandbox, "amount:1250")) == [key]


def test_links_are_written_out_as_deep_as_asked(sandbox: RunningSandbox) -> None:
    key = paid_intent(sandbox)
    made = stripe_api(sandbox).v1.refunds.create({"payment_intent": key, "expand": ["payment_intent.latest_charge"]})
    opened: Any = made.payment_intent
    assert (opened.id, opened.latest_charge.amount_refunded, made.charge) == (key, 1250, opened.latest_charge.id)
    listed: Any = stripe_api(sandbox).v1.charges.list({"expand": ["data.payment_intent", "data.refunds"]}).data[0]
    assert (listed.payment_intent.id, listed.refunds.data[0].id) == (key, made.id)
    plain = raw(sandbox, "GET", f"/payment_intents/{key}").json()
    assert isinstance(plain["latest_charge"], str)
    deep = raw(sandbox, "GET", f"/payment_intents/{key}", params={"expand[]": "a.b.c.d.e"})
    assert deep.json()["error"]["param"] == "expand"


def test_events_are_listed_by_type(sandbox: RunningSandbox) -> None:
    key = paid_intent(sandbox)
    events = stripe_api(sandbox).v1.events
    kinds = [event.type for event in events.list().data]
    assert kinds == ["payment_intent.succeeded", "charge.succeeded", "payment_intent.created"]
    one: Any = events.list({"type": "payment_intent.succeeded"}).data[0]
    assert (one.data.object.id, events.retrieve(one.id).id) == (key, one.id)
    assert len(events.list({"types": ["charge.succeeded", "payment_intent.created"]}).data) == 2
