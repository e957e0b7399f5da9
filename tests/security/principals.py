"""Everybody who may ask for something, and the things that they may ask for: their own, somebody else's, nobody's."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.shop_server import BUYER, PASSWORD, PRICE, PRODUCT, RunningShop
from webapp.services import access_tokens, user_sessions

OTHER, STAFF = "other@example.com", "owner@example.com"
#: What each stands for in a cell of the matrix, in the order in which it is asked: what may change something last.
WHOSE = ("missing", "foreign", "own")

#: Access tokens of the buyer's, and what they may.
TOKENS: Mapping[str, tuple[str, ...]] = {"token": access_tokens.SCOPES, "read": ("read",), "pay": ("pay",)}

#: Parts of addresses that belong to nobody.
FIXED = {
    "product_id": PRODUCT,
    "provider_name": "toss",
    "section": "1.5",
    "path": "pane.js",
    "path:name": "pane.js",
    "path:filename": "css/base.css",
    "secret": "no-secret",
}
#: Parts that name a thing of an account.
OWNED = ("order_id", "session_id", "token_id")


@dataclass(frozen=True, slots=True)
class Belongings:
    """One account's things by the part of the address that names them."""

    ids: Mapping[str, str]


class People:
    """A buyer, another one, and the shop's own; each logged in, and each with a token."""

    def __init__(self, shop: RunningShop) -> None:
        self._shop = shop
        # Forms have their token checked before anything else, which has a test of its own: here only rights count.
        shop.app.config["WTF_CSRF_ENABLED"] = False
        self._clients = {email: self._logged_in(email) for email in (BUYER, STAFF)}
        self._things = {email: self._belongings(email) for email in (BUYER, OTHER)}
        self._tokens = {
            who: access_tokens.make_token(shop.context, BUYER, scopes=scopes)[0] for who, scopes in TOKENS.items()
        }

    def _logged_in(self, email: str) -> FlaskClient:
        client = self._shop.app.test_client()
        answer = client.post("/login", data={"email": email, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return client

    def _belongings(self, email: str) -> Belongings:
        shop = self._shop
        order_id = str(shop.create(email)["orderId"])
        user_id = shop.rows("SELECT id FROM users WHERE email = :e", e=email)[0]["id"]
        session_id = user_sessions.begin(shop.context, user_id, user_sessions.Device())
        access_tokens.make_own_token(shop.context, user_id, "a program")
        token_id = access_tokens.list_own_tokens(shop.context, user_id)[0].id
        return Belongings({"order_id": order_id, "session_id": session_id, "token_id": token_id})

    def ids(self, who: str, whose: str) -> Mapping[str, str]:
        """The parts of an address for a thing that is `who`'s own, another's or nobody's."""
        if whose == "missing":
            return {"order_id": "ord_" + "x" * 22, **dict.fromkeys(OWNED[1:], "00000000-0000-4000-8000-000000000000")}
        return self._things[BUYER if (whose == "own") or who == "staff" else OTHER].ids

    def ask(self, who: str, route: str, whose: str) -> TestResponse:
        """One request of `anonymous`, `buyer`, `staff` (by cookie), or by bearer one of `TOKENS`."""
        method, rule = route.split(" ", 1)
        parts = {**FIXED, **self.ids(who, whose)}
        path = re.sub(r"<([^>]+)>", lambda part: parts[part[1]], rule)
        headers = {"Authorization": f"Bearer {self._tokens[who]}"} if who in TOKENS else {}
        strangers = self._shop.app.test_client()
        client = self._clients.get({"buyer": BUYER, "staff": STAFF}.get(who, ""), strangers)
        body: dict[str, object] | None = None
        if path.startswith("/payment/") and method == "POST":
            wish: dict[str, object] = {"product": PRODUCT}
            back: dict[str, object] = {"paymentKey": "tviva123456789", "orderId": "ord_unknown1", "amount": PRICE}
            body = back if path.endswith("/confirm") else wish
        if path == "/auth/token":
            body = {"email": "nobody@example.com", "password": PASSWORD}
        return client.open(path, method=method, headers=headers, json=body)
