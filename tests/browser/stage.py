"""Shops in which every state of every page is reached for real, and buyers who get there."""

import itertools
import shutil
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from playwright.sync_api import BrowserContext

from tests.conftest import migrate
from tests.sandbox_server import API_CLIENT, API_SECRET, RunningSandbox
from tests.shop_server import PASSWORD, PRODUCT, Browsing, RunningShop, ease_log_in, seed
from webapp.services import accounts

LANGUAGES = {"ko": "ko-KR", "en": "en-US"}
#: Where somebody who reads it sits.
ZONES = {"ko": "Asia/Seoul", "en": "America/New_York"}
#: The shops of a stage: the usual one; keys of the API pair and a Toss whose API can't be reached; no products;
#: every place for a provider call taken and the catalogue's table gone.
SHOPS = ("usual", "cut_off", "bare", "troubled")

#: Who sells, as the law wants it said.
BUSINESS = {
    "SHOP_BUSINESS_NAME": "주식회사 챗주",
    "SHOP_OWNER": "김사주",
    "SHOP_REGISTRATION_NUMBER": "123-45-67890",
    "SHOP_MAIL_ORDER_NUMBER": "2026-서울강남-01234",
    "SHOP_ADDRESS": "서울특별시 강남구 테헤란로 123, 4층",
    "SHOP_PHONE": "02-123-4567",
    "SHOP_EMAIL": "help@example.com",
    "SHOP_TAX_PERCENT": "10",
}


#: No limits but one that a buyer of a scene meets only when she wants to.
FEW_VISITS = {
    "LIMITS": "on",
    "LIMIT_CREATES": "account 40/hour",
    "LIMIT_DECLINES": "account 40/hour",
    **{f"LIMIT_{name}": "none" for name in ("REQUESTS", "RETURNS", "LOGINS", "SIGNUPS", "RESETS", "MAILS")},
}


class Person:
    """A buyer of one scene's own, so that no scene meets another's orders; she sees prices in won at first."""

    def __init__(self, shop: RunningShop, language: str, email: str) -> None:
        self.shop, self.language, self.email = shop, language, email
        accounts.sign_up(shop.context, email=email, password=PASSWORD, locale=language)
        ease_log_in(shop.context, email)
        self.log_in_anew()

    def choose(self, currency: str) -> None:
        """See prices in this currency from now on; won is paid at Toss, any other at Stripe."""
        self.web.submit("/payments", "/currency", currency=currency)

    def sit_down(self, context: BrowserContext) -> None:
        """Take over the browser: her cookies and nobody else's."""
        context.clear_cookies()
        for cookie in self.web.http.cookies:
            context.add_cookies([{"name": cookie.name, "value": cookie.value or "", "url": self.shop.origin}])

    def log_in_anew(self) -> None:
        """In a browser that knows nothing of what was on the screen before."""
        self.web = Browsing(self.shop, None)
        self.web.http.headers["Accept-Language"] = LANGUAGES[self.language]
        self.web.submit("/login", "/login", email=self.email, password=PASSWORD)
        self.choose("KRW")

    def leave(self) -> None:
        """Be a stranger again, who reads the same language."""
        self.web.submit("/payments", "/logout")
        self.web.submit("/login", "/language", locale=self.language)

    def order(self) -> tuple[str, str]:
        """Open the checkout page, whatever was bought before: the order, and the id that Toss gets."""
        return self.web.checkout(f"{PRODUCT}?again=1")

    def bring(self, **how: Any) -> dict[str, Any]:
        """Go through Toss's window: `order_id`, and what she brings back with her (`redirect`, …)."""
        order_id, sent_id = self.order()
        (row,) = self.shop.payments(order_id)[-1:]
        pair = {"client_key": API_CLIENT} if row["key_pair"] == "api" else {}
        brought = self.shop.sandbox.authenticate(
            order_id=sent_id,
            amount=row["amount_minor"],
            success_url=f"{self.shop.origin}/payment/success",
            **pair,
            **how,
        )
        return {**brought, "order_id": order_id}

    def pay(self, **how: Any) -> str:
        """Pay, as far as `how` (a card, a method) allows; the order."""
        brought = self.bring(**how)
        self.web.back(brought)
        return str(brought["order_id"])

    def pay_at_stripe(self, card: str = "4242424242424242", **how: Any) -> str:
        """Pay 10 dollars, as far as card and `how` (a method, how the bank's check ends) allow; the order."""
        self.choose("USD")
        order_id, sent_id = self.order()
        brought = self.shop.sandbox.stripe_pay(order_id=sent_id, card=card.replace(" ", ""), **how)
        self.web.back(brought)
        return order_id

    def sees(self, order_id: str, status: str) -> str:
        """Work on the webhooks that arrive until her order has come to this status; the address of its page."""
        deadline = time.monotonic() + 10
        while (found := self.shop.order(order_id)["status"]) != status:
            if time.monotonic() > deadline:
                raise AssertionError(f"{order_id} is {found} instead of {status}")
            self.shop.work()
            time.sleep(0.02)
        return f"/payments/{order_id}"


class Stage:
    """All four shops, each with a database of its own. A context manager."""

    def __init__(self, sandbox: RunningSandbox, folder: Path) -> None:
        self.sandbox, self._folder = sandbox, folder
        self._numbers = itertools.count(1)
        self._open = ExitStack()
        self.shops: dict[str, RunningShop] = {}

    def __enter__(self) -> Self:
        self.sandbox.clear_faults()
        self.sandbox.reset()
        template = self._folder / "template.sqlite3"
        migrate(f"sqlite:///{template}")
        seed(f"sqlite:///{template}")
        toss = f"{self.sandbox.origin}/toss"
        cut_off = {
            "TOSS_CLIENT_KEY": API_CLIENT,
            "TOSS_SECRET_KEY": API_SECRET,
            "TOSS_API_BASE": "http://localhost:1",
            "TOSS_SDK_URL": f"{toss}/v2/standard",
        }
        settings = {
            "usual": {"ON_MISMATCH": "person", "OPEN_AMOUNTS": "KRW:1000-500000", **BUSINESS, **FEW_VISITS},
            "cut_off": cut_off,
            "troubled": {"PROVIDER_CALLS": "1"},
        }
        for name in reversed(SHOPS):  # the last one started gets the webhooks
            database = self._folder / f"{name}.sqlite3"
            for suffix in ("", "-wal", "-shm"):
                if Path(f"{template}{suffix}").exists():
                    shutil.copy(f"{template}{suffix}", f"{database}{suffix}")
            shop = RunningShop(
                f"sqlite:///{database}",
                self.sandbox,
                self._folder / "outbox",
                **{"LANDING_WAIT_S": "1", **settings.get(name, {})},
            )
            self.shops[name] = self._open.enter_context(shop)
        self.shops["bare"].rows("UPDATE products SET is_active = FALSE RETURNING id")
        self._open.enter_context(self.shops["troubled"].wiring.http._place())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def person(self, shop: str, language: str) -> Person:
        """Somebody new, logged in."""
        return Person(self.shops[shop], language, f"buyer{next(self._numbers)}@example.com")
