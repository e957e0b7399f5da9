"""What somebody without our keys can send: forged events and links, made from a seed, no two alike.

Nothing here is signed rightly in time, and no link has an order with its own key and sum: so nothing may be accepted.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.failures.news import changed
from tests.providers.stripe_events import event, signature
from tests.providers.stripe_intents import intent
from tests.sandbox_server import STRIPE_WEBHOOK_SECRET

TOSS, STRIPE, BACK = "/payment/toss/webhook", "/payment/stripe/webhook", "/payment/success"
_ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
_STATUSES = ("DONE", "CANCELED", "EXPIRED", "ABORTED", "WAITING_FOR_DEPOSIT", "PARTIAL_CANCELED", "SOMETHING_NEW")


@dataclass(frozen=True, slots=True)
class Known:
    """What an attacker may have seen: orders of the shop, waiting and paid, and a delivery that was genuine."""

    waiting: str
    waiting_abroad: str
    intent_abroad: str
    paid: str
    paid_key: str
    amount: int
    now: int


@dataclass(frozen=True, slots=True)
class Forgery:
    """One request; `answers` are the statuses that refuse it (or, unsigned, take it in as a reason to look)."""

    kind: str
    path: str
    answers: frozenset[int]
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)


class Forger:
    """Makes forgeries from a seed."""

    def __init__(self, seed: int, known: Known) -> None:
        self._chance = random.Random(seed)
        self._known = known
        self._makers: tuple[Callable[[], Forgery], ...] = (
            self._another_secret, self._changed_body, self._changed_signature, self._too_old, self._from_tomorrow,
            self._unsigned, self._other_mode, self._unsigned_news, self._news_of_ours, self._garbage,
            self._tampered_amount, self._unknown_order, self._foreign_key, self._broken_link, self._tampered_confirm,
        )  # fmt: skip

    def forgeries(self, number: int) -> Iterator[Forgery]:
        for _ in range(number):
            yield self._chance.choice(self._makers)()

    def _word(self, length: int = 22) -> str:
        return "".join(self._chance.choices(_ALPHABET, k=length))

    def _amount(self) -> int:
        return self._chance.choice(
            (0, 1, self._known.amount - 1, self._known.amount * 10, self._chance.randrange(10**9))
        )

    def _signed(
        self, kind: str, secret: str, at: int, *, change: Callable[[bytes], bytes] = bytes, **more: Any
    ) -> Forgery:
        ours = intent(
            id=self._known.intent_abroad, status="succeeded", metadata={"order_id": self._known.waiting_abroad}
        )
        body = json.dumps(event(subject=ours, id=f"evt_{self._word(24)}", **more)).encode()
        header = f"t={at},v1={signature(body, secret, at)}"
        return Forgery(kind, STRIPE, frozenset({400}), change(body), {"Stripe-Signature": header})

    def _another_secret(self) -> Forgery:
        return self._signed("another secret", f"whsec_{self._word()}", self._known.now)

    def _changed_body(self) -> Forgery:
        def flip(body: bytes) -> bytes:
            place = self._chance.randrange(len(body))
            return body[:place] + bytes([body[place] ^ (1 << self._chance.randrange(7))]) + body[place + 1 :]

        return self._signed("changed body", STRIPE_WEBHOOK_SECRET, self._known.now, change=flip)

    def _changed_signature(self) -> Forgery:
        made = self._signed("changed signature", STRIPE_WEBHOOK_SECRET, self._known.now)
        header = made.headers["Stripe-Signature"]
        place = self._chance.randrange(header.index("v1=") + 3, len(header))
        wrong = self._chance.choice([d for d in "0123456789abcdef" if d != header[place]])
        return Forgery(
            made.kind,
            STRIPE,
            made.answers,
            made.body,
            {"Stripe-Signature": header[:place] + wrong + header[place + 1 :]},
        )

    def _too_old(self) -> Forgery:
        return self._signed(
            "a replay too late", STRIPE_WEBHOOK_SECRET, self._known.now - self._chance.randrange(4000, 10**6)
        )

    def _from_tomorrow(self) -> Forgery:
        return self._signed(
            "from tomorrow", STRIPE_WEBHOOK_SECRET, self._known.now + self._chance.randrange(4000, 10**6)
        )

    def _unsigned(self) -> Forgery:
        body = json.dumps(event(id=f"evt_{self._word(24)}")).encode()
        header = self._chance.choice(
            ("", "t=,v1=", f"v0={self._word(64)}", f"t={self._known.now}", f"v1={self._word(64)}")
        )
        return Forgery("unsigned", STRIPE, frozenset({400}), body, {"Stripe-Signature": header} if header else {})

    def _other_mode(self) -> Forgery:
        return self._signed("the other mode", f"whsec_{self._word()}", self._known.now, livemode=True)

    def _news(self, kind: str, key: str, order_id: str, amount: int) -> Forgery:
        body = json.dumps(changed(key, order_id, self._chance.choice(_STATUSES), amount)).encode()
        headers = {"tosspayments-webhook-transmission-id": f"whtrans_{self._word()}"}
        return Forgery(kind, TOSS, frozenset({200}), body, headers)

    def _unsigned_news(self) -> Forgery:
        return self._news("news of a stranger", f"tviva{self._word(19)}", f"ord_{self._word()}", self._amount())

    def _news_of_ours(self) -> Forgery:
        order_id = self._chance.choice((self._known.waiting, self._known.paid))
        return self._news("news of an order of ours", self._known.paid_key, order_id, self._amount())

    def _garbage(self) -> Forgery:
        body = self._chance.choice(
            (
                self._chance.randbytes(self._chance.randrange(1, 400)),
                b"[" * 5000,
                b"{}",
                b"null",
                b'{"a":1,"a":2}',
                b"1e999",
            )
        )
        return Forgery("garbage", self._chance.choice((TOSS, STRIPE)), frozenset({400, 413}), body)

    def _link(self, kind: str, *answers: int, **query: object) -> Forgery:
        return Forgery(kind, f"{BACK}?{urlencode(query)}", frozenset({*answers, 429}))

    def _tampered_amount(self) -> Forgery:
        key = f"tviva{self._word(19)}"
        return self._link("a changed amount", 409, paymentKey=key, orderId=self._known.waiting, amount=self._amount())

    def _unknown_order(self) -> Forgery:
        amount = self._known.amount
        return self._link(
            "an unknown order", 404, paymentKey=self._known.paid_key, orderId=f"ord_{self._word()}", amount=amount
        )

    def _foreign_key(self) -> Forgery:
        amount, order_id = self._known.amount, self._known.waiting
        return self._link("another order's key", 409, paymentKey=self._known.paid_key, orderId=order_id, amount=amount)

    def _broken_link(self) -> Forgery:
        odd = self._chance.choice(("1e3", "13000.0", "-1", "", "１３０００", "0x32c8", "13000 OR 1=1", "9" * 30))
        return self._link("a broken link", 400, paymentKey=self._word(), orderId=self._known.waiting, amount=odd)

    def _tampered_confirm(self) -> Forgery:
        wrong = {"paymentKey": f"tviva{self._word(19)}", "orderId": self._known.waiting, "amount": self._amount() or 1}
        more = self._chance.choice(({}, {"status": "DONE"}, {"amount": True}, {"amount": None}, {"orderId": [1]}))
        body = json.dumps({**wrong, **more}).encode()
        return Forgery("a changed confirm", "/payment/toss/confirm", frozenset({400, 404, 409, 422, 429}), body)
