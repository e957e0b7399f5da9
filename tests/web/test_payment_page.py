"""One payment's page: why it failed and what to do, the deposit, the refunds, and the story in plain words."""

import csv
import re
from datetime import timedelta

import pytest

from tests.failures.purchase import wait_until
from tests.shop_server import PRODUCT, Browsing, RunningShop
from tests.tooling.house import ROOT
from webapp.domain.reasons import Reason
from webapp.providers.registry import PROVIDERS
from webapp.web.texts import REASON_TEXTS

EN = {"Accept-Language": "en"}
DAY = 86_400


def english(buyer: Browsing, path: str) -> str:
    """The page's text alone, in English."""
    page = buyer.get(path, headers=EN).text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.partition("<main")[2]))


def story(buyer: Browsing, order_id: str) -> list[str]:
    """What the timeline says, without its times."""
    page = buyer.get(f"/payments/{order_id}", headers=EN).text.partition('class="timeline"')[2].partition("</ol>")[0]
    return re.findall(r"<li>\s*<span>([^<]+)</span>", page)


def until(shop: RunningShop, order_id: str, status: str) -> None:
    """Work on the news until the order has come there."""

    def there() -> bool:
        shop.work()
        return bool(shop.order(order_id)["status"] == status)

    wait_until(there)


def code_for(reason: Reason) -> str | None:
    """A code of Toss's that a browser comes back with for this reason."""
    with (ROOT / "webapp/providers/toss/codes.csv").open(encoding="utf-8") as lines:
        codes = [row["code"] for row in csv.DictReader(lines)]
    return next((code for code in codes if PROVIDERS["toss"].codes.reason_for_fail_url(code) is reason), None)


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_says_what_happened_what_to_do_and_how_else_to_pay(
    sqlite_shop: RunningShop, reason: Reason
) -> None:
    buyer, words = sqlite_shop.browse(), REASON_TEXTS[reason]
    order_id, sent_id = buyer.checkout()
    with sqlite_shop.app.test_request_context(headers=EN):
        said = [str(words.title), str(words.text), str(words.next_step)]
    sqlite_shop.rows("UPDATE orders SET last_failure = :r WHERE public_id = :o RETURNING id", r=reason, o=order_id)
    pages = [(f"/payments/{order_id}", "Pay ₩13,000")]
    if code := code_for(reason):
        pages.append((f"/payment/fail?code={code}&message=ignored&orderId={sent_id}", "Try again"))

    for path, button in pages:
        text = english(buyer, path)
        assert [part for part in said if part not in text.replace("&#39;", "'")] == []
        assert button in text
        assert "Pay another way" in text
        assert "$10.00" in text
        assert re.search(r"eep (it|your order) until", text), "the order is kept, and how long"
        assert "ignored" not in text, "the provider's own words"
    links = buyer.get(f"/payments/{order_id}").text
    assert f"currency=KRW&amp;provider=stripe&amp;order={order_id}" in links, "another provider for the same order"


def test_the_fail_page_names_a_reason_for_all_groups_that_a_code_leads_to() -> None:
    assert {reason for reason in Reason if code_for(reason) is None} <= {Reason.TAMPERED}


def test_one_click_tries_again_and_the_order_is_kept(shop: RunningShop) -> None:
    buyer = shop.browse()
    order_id, sent_id = buyer.checkout()
    fail = f"/payment/fail?code=REJECT_CARD_COMPANY&message=x&orderId={sent_id}"
    answer = buyer.submit(fail, f"/payments/{order_id}/tries")
    assert answer.headers["Location"] == f"/checkout/{PRODUCT}?order={order_id}"
    assert buyer.get(answer.headers["Location"]).status_code == 200
    assert shop.order(order_id)["status"] == "pending"


def bought(shop: RunningShop, **how: str) -> str:
    """An order by the guide's call whose buyer came back from Toss."""
    created = shop.create()
    shop.browse(None).back(shop.authenticated(created, **how))
    return str(created["orderId"])


def test_a_plain_purchase_is_told_in_two_lines(shop: RunningShop) -> None:
    assert story(shop.browse(), bought(shop)) == ["You placed the order", "Payment completed"]


def test_a_long_story_is_told_without_noise(shop: RunningShop) -> None:
    """Refused twice, given up, another service, paid, two parts given back."""
    buyer = shop.browse()
    order_id, _sent_id = buyer.checkout()
    for _ in range(2):
        (*_, last) = shop.payments(order_id)
        refused = shop.sandbox.authenticate(
            order_id=last["sent_order_id"],
            amount=13000,
            card="4500990000001007",
            success_url=f"{shop.origin}/payment/success",
        )
        buyer.back(refused)
        buyer.submit(f"/payments/{order_id}", f"/payments/{order_id}/tries")
        assert buyer.get(f"/checkout/{PRODUCT}?order={order_id}").status_code == 200
    buyer.get(f"/checkout/{PRODUCT}?order={order_id}&currency=KRW&provider=stripe")
    (*_, last) = shop.payments(order_id)
    buyer.back(shop.sandbox.stripe_pay(order_id=last["sent_order_id"]))
    until(shop, order_id, "completed")
    for amount in (3000, 2000):
        shop.advance(DAY)
        shop.sandbox.stripe_refund(order_id=last["sent_order_id"], amount=amount)
        until(shop, order_id, "partially_refunded")
        shop.settle_down(hours=0.1)

    assert story(buyer, order_id) == [
        "You placed the order",
        "The payment did not go through",
        "You started a new attempt",
        "The payment did not go through",
        "You started a new attempt",
        "You chose another way to pay",
        "Payment completed",
        "₩3,000 refunded",
        "₩2,000 refunded",
    ]
    text = english(buyer, f"/payments/{order_id}")
    given_back = re.findall(r"Refunded (\w{3} \d+, \d{4}), \d\d:\d\d KST −₩[23],000", text)
    assert len(set(given_back)) == 2, text
    assert "Refunded in all −₩5,000" in text


def test_who_canceled_replaced_or_let_an_order_run_out_is_told_so(shop: RunningShop) -> None:
    buyer = shop.browse()
    by_hand, _ = buyer.checkout()
    buyer.submit(f"/payments/{by_hand}", f"/payments/{by_hand}/cancel")
    replaced, _ = buyer.checkout()
    assert buyer.get(f"/checkout/{PRODUCT}?currency=USD&provider=stripe").status_code == 200
    assert story(buyer, by_hand) == ["You placed the order", "You canceled the order"]
    assert story(buyer, replaced) == ["You placed the order", "You placed a new order instead"]


def test_a_deposit_says_how_long_it_can_be_made_and_when_it_cannot_any_more(shop: RunningShop) -> None:
    order_id = bought(shop, method="VIRTUAL_ACCOUNT")
    buyer, path = shop.browse(), f"/payments/{order_id}"
    assert shop.order(order_id)["status"] == "awaiting_deposit"
    assert re.search(r"KST [67] days left", english(buyer, path))
    (row,) = shop.payments(order_id)
    for left, said in ((timedelta(hours=23, minutes=59), "23 hours left"), (timedelta(minutes=90), "90 minutes left")):
        due_in(shop, row["id"], left)
        assert said in english(buyer, path)
    assert "data-copy" in buyer.get(path).text

    early = english(buyer, path)
    due_in(shop, row["id"], timedelta(seconds=-1))
    late = english(buyer, path)
    assert "The time for the deposit has run out" in late
    assert "left" not in late.partition("Deposit by")[2].partition("Order amount")[0]
    for invitation in ("Amount to transfer", "Just do not transfer"):
        assert invitation in early
        assert invitation not in late
    assert "data-copy" not in buyer.get(path).text

    shop.advance(8 * DAY)
    shop.settle_down(hours=2)
    over = english(buyer, path)
    assert "Please do not send money to the old account any more" in over
    assert "Pay ₩13,000" in over
    assert story(buyer, order_id)[-1] == "The time for the deposit ran out"


def due_in(shop: RunningShop, payment_id: str, left: timedelta) -> None:
    """Move the account's due date; no job or look-up minds."""
    due = shop.clock.now() + left + timedelta(seconds=20 if left > timedelta() else 0)
    at = due.strftime("%Y-%m-%d %H:%M:%S.%f") if shop.context.sessions.engine.dialect.name == "sqlite" else due
    shop.rows("UPDATE payments SET deposit_due_at = :t WHERE id = :p RETURNING id", t=at, p=payment_id)


def test_what_was_bought_stays_within_reach_after_it_was_taken_off_the_shelf(shop: RunningShop) -> None:
    order_id = bought(shop)
    shop.rows("UPDATE products SET is_active = FALSE RETURNING id")
    assert f"/readings/{order_id}" in shop.browse().get(f"/payments/{order_id}").text


def test_the_tab_says_where_the_payment_stands(shop: RunningShop) -> None:
    order_id = bought(shop, method="VIRTUAL_ACCOUNT")
    buyer, path = shop.browse(), f"/payments/{order_id}"
    assert "<title>Waiting for deposit · " in buyer.get(path, headers=EN).text
    shop.sandbox.deposit(order_id=order_id)
    until(shop, order_id, "completed")
    part = buyer.get(path, headers={**EN, "HX-Request": "true"}).text
    assert "<title>Paid · " in part
    assert "hx-trigger" not in part, "an answered page asks no more"


@pytest.mark.parametrize(
    "status", ["expired", "canceled", "failed", "mismatch", "processing", "refunded", "confirming"]
)
def test_no_page_is_a_dead_end(sqlite_shop: RunningShop, status: str) -> None:
    buyer = sqlite_shop.browse()
    order_id, _ = buyer.checkout()
    for table in ("payments", "orders"):
        sqlite_shop.rows(f"UPDATE {table} SET status = :s WHERE TRUE RETURNING id", s=status)
    page = buyer.get(f"/payments/{order_id}", headers=EN).text
    main = page.partition("<main")[2].partition("</main>")[0]
    assert 'href="/payments"' in main
    if status in ("mismatch", "processing", "confirming"):
        assert re.search(r"(do not|may) (need|close|pay)", main), "what to do: nothing, and why"
    else:
        assert f"/checkout/{PRODUCT}?currency=KRW&amp;again=1" in main
