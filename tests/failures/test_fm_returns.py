"""The way back from the provider: broken addresses, robots, strangers, lost sessions, forms of other sites."""

import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from tests.failures.conftest import Buy, BuyAbroad
from tests.failures.purchase import Purchase
from tests.shop_server import BUYER, NAME, PRICE, RunningShop

OTHER = "other@example.com"
LANDING = "/payment/success"


def broken(good: dict[str, str]) -> list[str]:
    """Success addresses that no provider writes: parts missing, empty, doubled, far too long, of another shape."""
    found = [urlencode({n: v for n, v in good.items() if n != gone}) for gone in good]
    found += [urlencode({**good, empty: ""}) for empty in good]
    found += [f"{urlencode(good)}&{urlencode({twice: good[twice]})}" for twice in good]
    found += [urlencode({**good, long: "a" * 10_000}) for long in good]
    shapes = {
        "orderId": ("short", "ord id", "ord/../id", "주문번호주문번호"),
        "amount": ("-1", "1e4", "13000.0", "１３０００"),
    }
    found += [urlencode({**good, name: value}) for name, values in shapes.items() for value in values]
    return [*found, "", urlencode({**good, "paymentKey": "a\nb"}), urlencode({**good, "paymentKey": "a" * 201})]


def return_of(purchase: Purchase) -> dict[str, str]:
    return {"paymentKey": purchase.key, "orderId": purchase.brought["orderId"], "amount": str(PRICE)}


def names_nobody(answer: requests.Response) -> bool:
    """Whether neither the buyer nor what she bought stands on this page, nor a way to her receipt or her story.

    How a return ended, its bringer may hear.
    """
    said = any(word in answer.text for word in (BUYER, NAME, 'class="timeline'))
    return not said and re.search(r'href="[^"]*/receipt"', answer.text) is None


def test_fm_08_a_broken_success_address_is_refused_and_changes_nothing(deaf_shop: RunningShop, buy: Buy) -> None:
    purchase = buy(deaf_shop)
    before, calls = purchase.books(), len(deaf_shop.sandbox.calls())
    visitor = deaf_shop.browse(None)

    wrong = {q: s for q in broken(return_of(purchase)) if (s := visitor.get(f"{LANDING}?{q}").status_code) != 400}

    assert wrong == {}
    assert (purchase.books(), len(deaf_shop.sandbox.calls())) == (before, calls)
    # What nobody asked for is ignored: campaigns and browsers add to addresses.
    extra = urlencode({**return_of(purchase), "utm_source": "mail", "fbclid": "x" * 300})
    assert visitor.get(f"{LANDING}?{extra}").status_code == 303
    assert purchase.payment()["status"] == "completed"


@pytest.mark.parametrize(
    "method, headers",
    [
        ("HEAD", {}),
        ("OPTIONS", {}),
        ("GET", {"Sec-Purpose": "prefetch"}),
        ("GET", {"Sec-Purpose": "prefetch;prerender"}),
        ("GET", {"Purpose": "prefetch"}),
    ],
)
def test_fm_26_a_robot_or_a_prefetcher_takes_no_money(
    deaf_shop: RunningShop, buy: Buy, method: str, headers: dict[str, str]
) -> None:
    purchase = buy(deaf_shop)
    before = purchase.books()

    answer = requests.request(method, purchase.brought["redirect"], headers=headers, allow_redirects=False, timeout=30)

    assert answer.status_code in (200, 204)
    assert purchase.books() == before
    assert deaf_shop.sandbox.calls("confirm") == []


def test_fm_26_a_forwarded_link_pays_for_its_owner_and_shows_a_stranger_nothing(
    deaf_shop: RunningShop, buy: Buy
) -> None:
    purchase = buy(deaf_shop)

    for visitor in (deaf_shop.browse(OTHER), deaf_shop.browse(None), deaf_shop.browse(OTHER)):
        answer = visitor.get(purchase.brought["redirect"])
        assert answer.status_code == 303
        onward = visitor.get(answer.headers["Location"])
        assert names_nobody(answer)
        assert names_nobody(onward)

    assert purchase.told() == "completed"
    assert len(purchase.confirms()) == 1


@pytest.mark.parametrize("cookie", [None, "", "tampered", "expired"])
def test_fm_27_without_a_session_the_money_is_booked_and_the_person_asked_to_log_in(
    deaf_shop: RunningShop, buy: Buy, cookie: str | None
) -> None:
    purchase = buy(deaf_shop)
    buyer = deaf_shop.browse()
    kept = buyer.http.cookies["session"]
    if cookie == "expired":
        deaf_shop.clock.advance(15 * 86_400)
        deaf_shop.sandbox.advance(0)
    elif cookie is None:
        buyer.http.cookies.clear()
    else:
        buyer.http.cookies.set("session", kept[:-4] + "AAAA" if cookie else "", domain="127.0.0.1", path="/")

    answer = buyer.get(purchase.brought["redirect"])

    assert answer.status_code == 303
    assert purchase.payment()["status"] == "completed"
    onward = buyer.get(answer.headers["Location"])
    assert names_nobody(onward)
    assert "/login?next=" in onward.text


def test_fm_27_the_session_comes_along_from_another_site(sqlite_shop: RunningShop) -> None:
    answer = sqlite_shop.browse(None).submit("/login", "/login", email=BUYER, password="sandbox-password")

    cookie = answer.headers["Set-Cookie"]
    assert "SameSite=Lax" in cookie
    assert "HttpOnly" in cookie


@pytest.mark.parametrize("provider", ["toss", "stripe"])
def test_fm_28_a_form_of_another_site_leads_to_the_address_with_the_session(
    deaf_shop: RunningShop, buy: Buy, buy_abroad: BuyAbroad, provider: str
) -> None:
    purchase = buy(deaf_shop) if provider == "toss" else buy_abroad(deaf_shop)
    brought = purchase.brought["redirect"]
    query = {name: values[0] for name, values in parse_qs(urlsplit(brought).query).items()}
    before = purchase.books()

    answer = requests.post(
        f"{deaf_shop.origin}{LANDING}",
        data=query,
        headers={"Origin": "https://bank.example", "Cookie": "session=whatever"},
        allow_redirects=False,
        timeout=30,
    )

    assert answer.status_code == 303
    assert "Set-Cookie" not in answer.headers, "a form of another site touches no session"
    assert purchase.books() == before, "the form itself takes nothing"
    location = urlsplit(answer.headers["Location"])
    assert (location.netloc, location.path) == ("", LANDING)
    assert {n: v[0] for n, v in parse_qs(location.query).items()} == query
    assert purchase.owner().get(answer.headers["Location"]).status_code == 303
    assert purchase.told() == "completed"


def test_fm_28_a_form_is_read_no_further_than_an_address_goes(deaf_shop: RunningShop, buy: Buy) -> None:
    purchase = buy(deaf_shop)
    url = f"{deaf_shop.origin}{LANDING}"
    part = {"paymentKey": purchase.key, "orderId": purchase.order_id}

    split = requests.post(f"{url}?amount={PRICE}", data=part, allow_redirects=False, timeout=30)
    doubled = requests.post(f"{url}?orderId={purchase.order_id}", data=return_of(purchase), timeout=30)
    long = requests.post(url, data={**return_of(purchase), "x": "y" * 10_000}, allow_redirects=False, timeout=30)

    assert f"amount={PRICE}" in split.headers["Location"]
    assert (doubled.status_code, long.status_code) == (400, 400)
    assert purchase.payment()["status"] == "pending"


def test_fm_29_after_a_log_out_the_payment_is_completed_for_its_owner(deaf_shop: RunningShop, buy: Buy) -> None:
    purchase = buy(deaf_shop)
    tab = deaf_shop.browse()
    tab.submit("/payments", "/logout")

    answer = tab.get(purchase.brought["redirect"])

    assert answer.status_code == 303
    asked = tab.get(answer.headers["Location"])
    assert names_nobody(asked)
    assert "/login?next=" in asked.text, "the page offers to log in"
    assert purchase.told() == "completed"
    purchase.shop.work()
    purchase.is_sold_once()


def test_fm_59_another_account_reaches_nothing_of_an_order(deaf_shop: RunningShop, buy: Buy) -> None:
    purchase, other = buy(deaf_shop), deaf_shop.browse(OTHER)
    token = deaf_shop.token(OTHER)
    order, before = purchase.order_id, purchase.books()
    page = f"/payments/{order}"

    for path in (page, f"{page}/receipt", f"/payments?q={order}"):
        foreign, missing = other.get(path), other.get(path.replace(order, "ord_" + "a" * 22))
        assert foreign.status_code == missing.status_code
        assert names_nobody(foreign)
    for action in (f"{page}/cancel", f"{page}/tries"):
        assert other.submit("/account/name", action).status_code == 404
    fail = other.get(f"/payment/fail?code=PAY_PROCESS_CANCELED&orderId={order}")
    assert (fail.status_code, names_nobody(fail)) == (200, True)
    read = requests.get(f"{deaf_shop.origin}/payment/{order}", headers={"Authorization": f"Bearer {token}"}, timeout=30)
    assert (read.status_code, read.json()["code"]) == (404, "PAYMENT_NOT_FOUND")
    assert purchase.books() == before

    confirm = deaf_shop.post("/payment/toss/confirm", {**return_of(purchase), "amount": PRICE}, token=token)

    assert confirm.status_code == 200, "order, amount and the provider's answer are the proof"
    assert BUYER not in confirm.text
    assert "user_id" not in confirm.text or confirm.json()["payment"].get("user_id") is None
    assert purchase.told() == "completed"
