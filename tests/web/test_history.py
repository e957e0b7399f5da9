"""The history: pages, groups, search; each answered from short ranges of an index, however many orders there are."""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from tests.shop_server import BUYER, PRODUCT, Browsing, RunningShop
from webapp.domain.states import PaymentStatus
from webapp.services import history
from webapp.services.history import GROUPS, Group

OTHER = "fortune-premium"
_ROW = re.compile(r'class="what"><a href="/payments/([^"]+)"')


def stock_up(shop: RunningShop, count: int, email: str = BUYER) -> list[str]:
    """Orders of both products in every status, one a minute, put straight into the table; oldest first."""
    (user,) = shop.rows("SELECT id FROM users WHERE email = :e", e=email)
    began, statuses, rows = shop.clock.now() - timedelta(days=400), list(PaymentStatus), list[dict[str, Any]]()
    for number in range(count):
        at = began + timedelta(minutes=number)
        product = (PRODUCT, OTHER)[number % 3 == 0]
        name = {PRODUCT: "사주팔자 프리미엄 해석", OTHER: "Premium Fortune Reading"}[product]
        rows.append(
            {"id": f"{number:036}", "o": f"ord_{email[:5]}{number:016}", "u": user["id"], "p": product, "n": name}
            | {"s": str(statuses[number % len(statuses)]), "at": at}
        )
    if shop.context.sessions.engine.dialect.name == "sqlite":
        for row in rows:
            row["at"] = row["at"].strftime("%Y-%m-%d %H:%M:%S.%f")
    with shop.db() as session:
        session.execute(
            text(
                "INSERT INTO orders (id, public_id, user_id, product_id, product_name, amount_minor, currency, locale,"
                " origin, status, created_at, updated_at) VALUES"
                " (:id, :o, :u, :p, :n, 13000, 'KRW', 'ko', 'api', :s, :at, :at)"
            ),
            rows,
        )
    return [row["o"] for row in rows]


def shown(page: str) -> list[str]:
    return _ROW.findall(page)


def leaf_through(buyer: Browsing, path: str) -> list[str]:
    """Every order on every page, following the link to older ones."""
    found: list[str] = []
    while path:
        page = buyer.get(path).text
        found += shown(page)
        onward = re.search(r'class="button button-quiet"\s+href="(/payments\?[^"]+)"', page)
        path = onward.group(1).replace("&amp;", "&") if onward else ""
    return found


@pytest.mark.parametrize("group", [None, *Group])
def test_a_group_shows_its_statuses_alone_newest_first_on_as_many_pages_as_it_takes(
    shop: RunningShop, group: Group | None
) -> None:
    orders = stock_up(shop, 130)
    wanted = [s for s in PaymentStatus if group is None or s in GROUPS[group]]
    here = [o for number, o in enumerate(orders) if list(PaymentStatus)[number % 11] in wanted]

    found = leaf_through(shop.browse(), f"/payments?group={group}" if group else "/payments")

    assert found == here[::-1]
    assert len(found) > history.PAGE_SIZE


@pytest.mark.parametrize(
    "typed, product",
    [("사주", PRODUCT), ("fortune", OTHER), (unicodedata.normalize("NFD", "운세"), OTHER), (" Pillars ", PRODUCT)],
)
def test_a_part_of_a_name_in_any_language_finds_the_product(shop: RunningShop, typed: str, product: str) -> None:
    orders = stock_up(shop, 70)
    here = [o for number, o in enumerate(orders) if (number % 3 == 0) == (product == OTHER)]

    buyer = shop.browse()
    assert leaf_through(buyer, f"/payments?q={typed}") == here[::-1]
    both = leaf_through(buyer, f"/payments?q={typed}&group=paid")
    assert both == [o for o in here[::-1] if shop.order(o)["status"] in GROUPS[Group.PAID]]
    assert both


@pytest.mark.parametrize("ending", ["", "-2"])
def test_an_order_number_finds_that_order_of_hers_and_nobody_elses(shop: RunningShop, ending: str) -> None:
    mine, theirs = shop.create()["orderId"], shop.create("other@example.com")["orderId"]
    buyer = shop.browse()

    assert shown(buyer.get(f"/payments?q={mine}{ending}").text) == [mine]
    assert shown(buyer.get(f"/payments?q={mine}&group=refunded").text) == []
    assert shown(buyer.get(f"/payments?q={theirs}{ending}").text) == []


def test_the_beginning_of_an_order_number_finds_it_in_whatever_case(shop: RunningShop) -> None:
    mine, theirs = shop.create()["orderId"], shop.create("other@example.com")["orderId"]
    shop.create()
    buyer = shop.browse()
    own = mine.removeprefix("ord_")
    for typed in (mine[:14], mine.upper(), mine.lower(), own[:10], own[:10].swapcase(), f" {own} "):
        assert shown(buyer.get("/payments", params={"q": typed}).text) == [mine], typed
    assert shown(buyer.get("/payments", params={"q": own[:10], "group": "refunded"}).text) == []
    assert shown(buyer.get("/payments", params={"q": theirs[:14]}).text) == []
    assert shown(buyer.get("/payments", params={"q": own[:5] + "%"}).text) == [], "no wildcard"


def test_a_beginning_that_fits_many_is_shown_page_by_page(sqlite_shop: RunningShop) -> None:
    orders = stock_up(sqlite_shop, 50)
    assert leaf_through(sqlite_shop.browse(), "/payments?q=BUYER000") == orders[::-1]


@pytest.mark.parametrize("typed", ["100%", "_", "ord_", "' OR 1=1 --", "\\", "<b>"])
def test_what_finds_nothing_says_so_and_leads_back(shop: RunningShop, typed: str) -> None:
    shop.create()
    answer = shop.browse().get("/payments", params={"q": typed})

    assert answer.status_code == 200
    assert shown(answer.text) == []
    assert "맞는 주문을 찾지 못했어요" in answer.text
    assert re.search(r'href="/payments">\s*전체 보기', answer.text)
    assert "<b>" not in answer.text


def test_an_unknown_group_is_no_filter_and_a_foreign_cursor_is_refused(sqlite_shop: RunningShop) -> None:
    order_id = sqlite_shop.create()["orderId"]
    buyer = sqlite_shop.browse()
    assert shown(buyer.get("/payments?group=everything").text) == [order_id]
    assert buyer.get("/payments?group=paid&cursor=nonsense").status_code == 400


def test_htmx_gets_the_list_and_then_rows_and_the_filters_are_in_every_link(sqlite_shop: RunningShop) -> None:
    stock_up(sqlite_shop, 130)
    buyer, asked = sqlite_shop.browse(), {"HX-Request": "true"}
    part = buyer.get("/payments?group=paid&q=사주", headers=asked).text
    assert part.lstrip().startswith("<div")
    assert 'data-address="/payments?group=paid&amp;q=%EC%82%AC%EC%A3%BC"' in part
    assert set(re.findall(r"[?&;](q=[^&\"]+)", part)) == {"q=%EC%82%AC%EC%A3%BC"}
    onward = re.search(r'hx-get="(/payments\?[^"]*cursor=[^"]+)"', buyer.get("/payments", headers=asked).text)
    assert onward
    assert buyer.get(onward.group(1), headers=asked).text.lstrip().startswith("<tr")


@contextmanager
def asked(shop: RunningShop) -> Iterator[list[tuple[str, Any]]]:
    """The statements about orders that reach the database meanwhile, with their values."""
    heard: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if "orders" in statement and statement.lstrip().startswith("SELECT"):
            heard.append((statement, values))

    engine = shop.context.sessions.engine
    event.listen(engine, "before_cursor_execute", hear)
    yield heard
    event.remove(engine, "before_cursor_execute", hear)


def plan_of(shop: RunningShop, statement: str, values: Any) -> str:
    """How the database would answer."""
    sqlite = shop.context.sessions.engine.dialect.name == "sqlite"
    with shop.context.sessions.engine.connect() as connection:
        explained = connection.exec_driver_sql(("EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN ") + statement, values)
        return "\n".join(str(row[-1]) for row in explained)


#: What is asked for → the index that its page is a range of.
RANGES: list[tuple[dict[str, Any], str]] = [
    ({}, "ix_orders_history"),
    ({"group": Group.OPEN}, "ix_orders_history_status"),
    ({"group": Group.OVER}, "ix_orders_history_status"),
    ({"search": "프리미엄"}, "ix_orders_history_product"),
    ({"search": "ORD_buyer0"}, "ix_orders_history"),
]


def test_a_page_reads_ranges_of_an_index_and_sorts_or_counts_nothing(shop: RunningShop) -> None:
    stock_up(shop, 6000)
    stock_up_strangers(shop)
    with shop.db() as session:
        session.execute(text("ANALYZE orders"))
    user_id = shop.rows("SELECT id FROM users WHERE email = :e", e=BUYER)[0]["id"]
    for what, index in RANGES:
        _, cursor = history.history(shop.context, user_id, **what, limit=100)
        for after in (None, cursor):
            with asked(shop) as heard:
                rows, _ = history.history(shop.context, user_id, **what, cursor=after)
            # What looks like an order number is tried as a whole one first.
            statements = [each for each in heard if "orders.public_id = " not in each[0]]

            assert len(rows) == history.PAGE_SIZE
            assert not any("count(" in statement.lower() for statement, _ in heard)
            plan = plan_of(shop, *statements[0])
            assert re.search(rf"{index}\b", plan), plan
            assert not re.search(r"Seq Scan|SCAN orders\b|Sort|TEMP B-TREE", plan), plan
            if after:
                assert re.search(r"ROW\(|\(created_at,id\)<\(\?,\?\)", plan), f"the cursor is no part of it:\n{plan}"
            if len(statements) > 1:  # the rows of the keys that were found
                assert re.search(r"pk_orders|orders_pkey|sqlite_autoindex_orders_1", plan_of(shop, *statements[1]))


def stock_up_strangers(shop: RunningShop) -> None:
    """Make the buyer one of several: an index over everybody would not do."""
    with shop.db() as session:
        for email in ("owner@example.com", "other@example.com"):
            session.execute(
                text(
                    "INSERT INTO orders (id, public_id, user_id, product_id, product_name, amount_minor, currency,"
                    " locale, origin, status, created_at, updated_at)"
                    " SELECT substr(:e, 1, 5) || substr(o.id, 6), substr(:e, 1, 5) || public_id, u.id, product_id,"
                    " o.product_name, o.amount_minor, o.currency, o.locale, o.origin, o.status, o.created_at,"
                    " o.updated_at"
                    " FROM orders o, users u WHERE u.email = :e AND o.public_id LIKE 'ord_buyer%'"
                ),
                {"e": email},
            )


def test_what_may_expire_is_found_by_its_own_index(shop: RunningShop) -> None:
    stock_up(shop, 20_000)
    shop.rows(
        "UPDATE orders SET status = 'completed' WHERE status = 'pending' AND id > :i RETURNING id", i=f"{1000:036}"
    )
    with shop.db() as session:
        session.execute(text("ANALYZE orders"))
    with asked(shop) as statements:
        shop.sweep()

    (found,) = [each for each in statements if "updated_at" in each[0] and "<=" in each[0]]
    plan = plan_of(shop, *found)
    assert "ix_orders_waiting" in plan, plan
    assert "Seq Scan on orders" not in plan, plan
