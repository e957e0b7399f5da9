"""What strangers put into addresses, forms, names and headers: no page believes it, runs it, or sends anybody away."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
import requests
from sqlalchemy import text

from tests.conftest import MakeShop
from tests.failures.conftest import Buy
from tests.failures.purchase import Purchase
from tests.failures.races import at_once
from tests.failures.test_fm_forged import bring_to
from tests.shop_server import BUYER, PASSWORD, PRODUCT, Browsing, RunningShop
from webapp.web.accounts import safe_next

MARK = "zqxmark"
SCRIPTS = (
    f"<script>{MARK}()</script>",
    f'"><img src=x onerror={MARK}()>',
    f"'-{MARK}()-'",
    f"</title><svg/onload={MARK}()>",
    f"javascript:{MARK}()",
    f"</script><script>{MARK}()",
    f"\u2028{MARK}()//",
    f"{{{{{MARK}.__class__}}}}",
    f"<a href=//evil.example>{MARK}</a>",
)
LIE = "Call 010-1234-5678 to get your refund"


class _Elements(HTMLParser):
    """Every element that a page really has, with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag == "script":
            self.scripts.append(dict(attrs).get("src") or "inline")


def is_harmless(page: str) -> bool:
    """Whether nothing of what was put in became an element, a handler, or an address."""
    seen = _Elements(page)
    handlers = [name for name, _ in seen.attributes if name.startswith("on")]
    addresses = [v for n, v in seen.attributes if n in ("href", "src", "action") and (MARK in v or "evil." in v)]
    return not handlers and not addresses and "inline" not in seen.scripts


def log_in(shop: RunningShop, cookie: str) -> Browsing:
    """A browser into which this cookie was planted before it logs in."""
    browser = shop.browse(None)
    browser.http.cookies.set("session", cookie, domain="127.0.0.1", path="/")
    browser.submit("/login", "/login", email=BUYER, password=PASSWORD)
    return browser


def is_known(shop: RunningShop, cookie: str) -> bool:
    """Whether a browser with this cookie alone is shown somebody's payments."""
    headers = {"Cookie": f"session={cookie}"}
    answer = requests.get(f"{shop.origin}/payments", headers=headers, allow_redirects=False, timeout=30)
    return answer.status_code == 200


def test_fm_30_a_session_planted_before_the_log_in_is_worth_nothing(shop: RunningShop) -> None:
    attacker = shop.browse(None)
    attacker.get("/login")
    planted = attacker.http.cookies["session"]

    victim = log_in(shop, planted)
    first = victim.http.cookies["session"]

    assert first != planted
    assert (is_known(shop, planted), is_known(shop, first)) == (False, True)
    victim.submit("/payments", "/logout")
    assert victim.http.cookies["session"] not in (planted, first)
    assert not is_known(shop, first), "a copy of the old cookie"


@pytest.mark.parametrize("currency, provider", [("KRW", "toss"), ("USD", "stripe")])
def test_fm_31_ten_presses_at_once_are_one_order_and_one_payment(
    deaf_shop: RunningShop, currency: str, provider: str
) -> None:
    buyer = deaf_shop.browse()
    url = f"{deaf_shop.origin}/checkout/{PRODUCT}?currency={currency}&provider={provider}"
    press: Callable[[], requests.Response] = lambda: requests.get(  # noqa: E731 (one line, ten times)
        url, cookies=dict(buyer.http.cookies), allow_redirects=False, timeout=60
    )

    answers = at_once(*[press] * 10)

    assert {answer.status_code for answer in answers} <= {200, 503}
    assert deaf_shop.rows("SELECT count(*) AS n FROM orders") == [{"n": 1}]
    assert deaf_shop.rows("SELECT count(*) AS n FROM payments") == [{"n": 1}]
    made = {call["order_ref"] for call in deaf_shop.sandbox.ledger()["payments"]}
    assert len(made) == (1 if provider == "stripe" else 0)


@pytest.mark.parametrize("state", ["pending", "confirming", "awaiting_deposit", "completed", "refunded", "canceled"])
def test_fm_32_the_fail_page_changes_nothing_in_any_state(shop: RunningShop, buy: Buy, state: str) -> None:
    purchase = buy(shop, **({"method": "VIRTUAL_ACCOUNT"} if state == "awaiting_deposit" else {}))
    bring_to(purchase, state)
    before, calls = everything(shop), len(shop.sandbox.calls())

    for visitor in (purchase.owner(), shop.browse(None), shop.browse("other@example.com")):
        for code in ("PAY_PROCESS_CANCELED", "PAY_PROCESS_ABORTED", "REJECT_CARD_COMPANY", ""):
            query = {"code": code, "message": "no", "orderId": purchase.brought["orderId"]}
            assert visitor.get("/payment/fail", params=query).status_code == 200

    assert (everything(shop), len(shop.sandbox.calls())) == (before, calls)
    assert purchase.told() == state


def everything(shop: RunningShop) -> dict[str, list[object]]:
    tables = ("orders", "payments", "provider_operations", "audit_log", "mails", "jobs", "alerts", "security_events")
    return {table: [tuple(r.values()) for r in shop.rows(f"SELECT * FROM {table} ORDER BY id")] for table in tables}


def test_fm_33_the_fail_page_says_our_words_whatever_the_address_says(shop: RunningShop) -> None:
    buyer = shop.browse()
    order_id, _ = buyer.checkout()

    for bad in (*SCRIPTS, LIE, "<" * 50_000):
        for field in ("code", "message", "orderId"):
            query = {"code": "PAY_PROCESS_CANCELED", "message": "", "orderId": order_id, field: bad}
            answer = buyer.get("/payment/fail", params=query)
            if answer.status_code in (400, 414):
                continue  # longer than any server takes, or a character that no column holds
            assert answer.status_code == 200
            assert is_harmless(answer.text)
            assert bad not in answer.text
            assert len(answer.text) < 60_000


#: Ways of writing an address that leads away, or nowhere.
AWAY = [
    form.format(host)
    for host in ("evil.example", "evil.example:443", "127.0.0.1:3000@evil.example", "[::1]", "%65vil.example")
    for form in (
        "//{}", "///{}", "////{}", "/\\{}", "\\\\{}", "\\/{}", "/\t/{}", "/%09/{}"[:2] + "\t/{}", "\t//{}", " //{}",
        "http://{}", "https://{}", "HTTPS://{}", "https:{}", "https:/{}", "http:\\\\{}", "//{}/%2f..", "javascript://{}",
        "data:text/html,{}", "/\n/{}", "/\r/{}", "\x00//{}", "//{}?x=/", "//{}#/", "ftp://{}", "vbscript:{}", "blob:{}",
        "//user@{}", "/\x0b/{}", "/\x1f/{}", "//\u3002{}", "mailto:{}", "{}", "@{}", ".{}", "?{}", "#{}", "/\\/{}",
    )
]  # fmt: skip


def test_fm_34_nobody_is_sent_to_another_site(shop: RunningShop) -> None:
    assert len(set(AWAY)) >= 150
    assert {address: onward for address in AWAY if (onward := safe_next(address)) is not None} == {}
    assert safe_next("/checkout/saju-premium?currency=USD") == "/checkout/saju-premium?currency=USD"

    for onward in AWAY[:3]:
        visitor = shop.browse(None)
        answer = visitor.submit("/login", "/login", email=BUYER, password=PASSWORD, next=onward)
        assert answer.headers["Location"] == "/"


def test_fm_34_where_buyers_come_back_to_is_a_setting(shop: RunningShop) -> None:
    token = shop.token()
    for name in ("successUrl", "failUrl", "next", "returnUrl"):
        body = {"product": PRODUCT, name: "https://169.254.169.254/latest"}
        assert shop.post("/payment/toss/create", body, token=token).status_code == 422
    made = shop.create()["tossConfig"]
    assert (made["successUrl"], made["failUrl"]) == (f"{shop.origin}/payment/success", f"{shop.origin}/payment/fail")


def test_fm_103_markup_in_a_stored_name_stays_text_on_every_page(shop: RunningShop, buy: Buy) -> None:
    purchase = buy(shop)
    purchase.back()
    shop.work()
    for bad in (SCRIPTS[0], SCRIPTS[1], SCRIPTS[5], SCRIPTS[6]):
        with shop.db() as session:
            session.execute(text("UPDATE orders SET product_name = :n"), {"n": bad})
            session.execute(text("UPDATE users SET name = :n"), {"n": bad[:50]})
            session.execute(text("UPDATE payments SET method = :n"), {"n": bad[:40]})
        for page in personal_pages(purchase):
            answer = purchase.owner().get(page)
            assert answer.status_code == 200
            assert is_harmless(answer.text), f"{bad} on {page}"


def personal_pages(purchase: Purchase) -> list[str]:
    mine = f"/payments/{purchase.order_id}"
    return ["/payments", mine, f"{mine}/receipt", f"/checkout/{PRODUCT}?again=1", "/account", "/account/sessions"]


def test_fm_108_personal_pages_are_kept_by_nobody_and_their_addresses_told_to_nobody(
    shop: RunningShop, buy: Buy
) -> None:
    purchase = buy(shop)

    landing = purchase.owner().get(purchase.brought["redirect"])

    assert landing.headers["Referrer-Policy"] == "no-referrer"
    assert not re.search("paymentKey|amount", landing.headers["Location"]), "the address is clean afterwards"
    for page in (*personal_pages(purchase), "/payment/fail?code=x", "/login", "/password/reset/" + "a" * 43):
        headers = purchase.owner().get(page).headers
        assert headers["Cache-Control"] == "no-store", page
        assert headers["Referrer-Policy"] in ("no-referrer", "strict-origin-when-cross-origin"), page


def test_fm_109_no_page_may_be_framed_or_run_a_foreign_script(shop: RunningShop, buy: Buy) -> None:
    purchase = buy(shop)
    checkout = f"/checkout/{PRODUCT}"

    for page in (*personal_pages(purchase), checkout, "/", "/login", "/nowhere"):
        answer = purchase.owner().get(page)
        policy = dict(rule.split(" ", 1) for rule in answer.headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["object-src"] == "'none'"
        assert policy["base-uri"] == "'none'"
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "DENY"
        # The inventory: our own files, and on the checkout page the provider's one script.
        foreign = [s for s in _Elements(answer.text).scripts if not s.startswith("/static/")]
        sandbox = [s for s in foreign if s.startswith(shop.sandbox.origin.replace("127.0.0.1", "localhost"))]
        assert foreign == sandbox, page
        assert len(sandbox) <= (1 if page.startswith(checkout) else 0)


@pytest.mark.parametrize("forged", [{"Host": MARK}, {"X-Forwarded-Host": MARK}, {"Forwarded": f"host={MARK}"}])
def test_fm_110_a_forged_host_name_is_refused_or_ignored(
    make_shop: MakeShop, database_url: str, forged: dict[str, str]
) -> None:
    shop = make_shop(database_url)
    buyer = shop.browse()

    for path in ("/", "/login", "/payments", f"/checkout/{PRODUCT}", "/healthz", "/payment/fail", "/robots.txt"):
        answer = buyer.get(path, headers=forged)
        assert answer.status_code in ((400,) if "Host" in forged else (200, 303)), path
        assert MARK not in answer.text + str(answer.headers)
    page = buyer.get("/password/forgot").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    data = {"csrf_token": token.group(1), "email": BUYER}
    buyer.http.post(f"{shop.origin}/password/forgot", data=data, headers=forged, timeout=30)
    shop.work()
    mails = [path.read_text() for path in shop.outbox.glob("*.eml")]
    assert len(mails) == (0 if "Host" in forged else 1)
    assert not any(MARK in mail for mail in mails)


def test_fm_111_every_family_of_addresses_has_its_own_kind_of_error_page(shop: RunningShop) -> None:
    stranger, token = shop.browse(None), shop.token()
    for path, method, status in (
        ("/payment/nobody/create", "POST", 404),
        ("/payment/toss/create", "GET", 405),
        ("/payment/ord_missing_missing_mi", "GET", 404),
    ):
        headers = {"Authorization": f"Bearer {token}"}
        answer = requests.request(method, shop.origin + path, json={}, headers=headers, timeout=30)
        problem = answer.json()
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert (answer.status_code, problem["status"], problem["success"]) == (status, status, False)
        assert {"type", "title", "status", "instance", "code"} <= set(problem)
        assert tells_nothing(answer.text)
    for path, status in (("/nowhere", 404), ("/payment/success", 400), ("/products/none", 404)):
        answer = stranger.get(path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
        assert tells_nothing(answer.text)
    too_large = requests.post(f"{shop.origin}/login", data=b"a" * 300_000, timeout=30)
    assert too_large.status_code in (400, 403, 413)
    assert tells_nothing(too_large.text)


def tells_nothing(page: str) -> bool:
    return not re.search(r"Traceback|sqlalchemy|werkzeug|/webapp/|File \"|psycopg|sqlite", page)
