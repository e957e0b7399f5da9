"""`/openapi.json` and `/docs`: valid, complete, true, and closed to strangers in production."""

import html
import re

import pytest
import requests
from cryptography.fernet import Fernet
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator
from sqlalchemy import text
from werkzeug.test import TestResponse

from tests.api.reference import Reference
from tests.shop_server import BUYER, PASSWORD, RunningShop
from webapp import CALLS, create_app
from webapp.domain.failures import all_failures
from webapp.providers.registry import PROVIDERS
from webapp.settings import load_settings
from webapp.web.code_texts import CODE_TEXTS
from webapp.wiring import wire

ORIGIN = "https://pay.chatju.test"
_WORD = re.compile(r"<(?:\w+:)?(\w+)>")


@pytest.fixture
def reference(sqlite_shop: RunningShop) -> Reference:
    return Reference(requests.get(f"{sqlite_shop.origin}/openapi.json", timeout=10).json())


def calls_of(app: Flask) -> set[str]:
    """Every method and path of the JSON calls, as the app routes them."""
    names = {blueprint.name for blueprint in CALLS}
    found = set()
    for rule in app.url_map.iter_rules():
        if rule.endpoint.split(".")[0] in names:
            for provider in PROVIDERS if "provider_name" in rule.arguments else ("",):
                path = _WORD.sub(r"{\1}", rule.rule.replace("<provider_name>", provider))
                found |= {f"{method} {path}" for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    return found


def test_the_document_is_valid_and_lists_exactly_the_calls(sqlite_shop: RunningShop, reference: Reference) -> None:
    OpenAPIV31SpecValidator(reference.document).validate()
    told = {f"{m.upper()} {path}" for path, methods in reference.document["paths"].items() for m in methods}

    assert told == calls_of(sqlite_shop.app)


def test_every_code_of_the_document_exists_and_has_its_status(reference: Reference) -> None:
    known = {kind.code: int(kind.status) for kind in all_failures()}
    for path, methods in reference.document["paths"].items():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                for code in answer["content"].get("application/problem+json", {}).get("examples", {}):
                    assert known[code] == int(status), (path, code)


def test_no_shape_lets_unknown_members_in(reference: Reference) -> None:
    loose = []

    def walk(value: object, at: str) -> None:
        if isinstance(value, dict):
            if (
                "properties" in value
                and value.get("type") == "object"
                and value.get("additionalProperties") is not False
            ):
                loose.append(at)
            for name, each in value.items():
                walk(each, f"{at}/{name}")

    walk(reference.document["paths"], "")
    assert loose == []


def test_every_example_of_create_is_taken_by_the_demo_shop(sqlite_shop: RunningShop, reference: Reference) -> None:
    for name in PROVIDERS:
        _path, operation = reference.operation("POST", f"/payment/{name}/create")
        examples = operation["requestBody"]["content"]["application/json"]["examples"]
        assert {"ko", "en"} <= set(examples)
        for example in examples.values():
            answer = sqlite_shop.post(f"/payment/{name}/create", example["value"], token=sqlite_shop.token())
            assert reference.check(answer).status_code == 200


def test_real_answers_are_what_the_document_promises(shop: RunningShop) -> None:
    promised = Reference(requests.get(f"{shop.origin}/openapi.json", timeout=10).json())
    check, token = promised.check, shop.token()
    bearer = {"Authorization": f"Bearer {token}"}

    def get(path: str) -> requests.Response:
        return check(requests.get(shop.origin + path, headers=bearer, timeout=10))

    assert check(shop.post("/auth/token", {"email": BUYER, "password": PASSWORD})).status_code == 200
    paid = shop.authenticated()
    body = {name: paid[name] for name in ("paymentKey", "orderId", "amount")}
    assert check(shop.post("/payment/toss/confirm", {**body, "amount": 1})).json()["code"] == "AMOUNT_MISMATCH"
    assert check(shop.post("/payment/toss/confirm", body)).json()["payment"]["status"] == "completed"
    assert check(shop.post("/payment/toss/confirm", {**body, "paymentKey": "another"})).status_code == 409
    account = shop.authenticated(method="VIRTUAL_ACCOUNT")
    told = check(shop.post("/payment/toss/confirm", {name: account[name] for name in body})).json()
    assert told["payment"]["status"] == "awaiting_deposit"
    refused = shop.authenticated(card="4500990000001007")
    assert check(shop.post("/payment/toss/confirm", {name: refused[name] for name in body})).status_code == 409

    abroad = shop.create_abroad()
    intent = {"paymentIntentId": abroad["clientSecret"].split("_secret_")[0], "orderId": abroad["orderId"]}
    assert check(shop.post("/payment/stripe/confirm", intent)).json()["code"] == "PAYMENT_REFUSED"

    assert get(f"/payment/{paid['orderId']}").status_code == 200
    assert get("/payment/history/me").json()["count"] == 4
    assert get("/payment/history/me?limit=1").json()["next_cursor"]
    assert get("/payment/history/me?limit=0").status_code == 422
    assert get("/payment/ord_nobodyknowsthisone").status_code == 404
    for path in ("/payment/history/me", "/payment/ord_nobodyknowsthisone"):
        assert check(requests.get(shop.origin + path, timeout=10)).status_code == 401
    for path in ("/auth/token", "/payment/toss/create", "/payment/stripe/create", "/payment/toss/confirm"):
        for raw, kind, status in (
            (b"{", "application/json", 400),
            (b"{}", "text/plain", 415),
            (b'{"no": 1}', "application/json", 422),
            (b'"' + b"a" * 300_000 + b'"', "application/json", 413),
        ):
            sent = requests.post(shop.origin + path, data=raw, headers={**bearer, "Content-Type": kind}, timeout=10)
            assert check(sent).status_code == status
    assert check(shop.post("/payment/toss/webhook", {"eventType": "PAYMENT_STATUS_CHANGED"})).status_code == 200
    assert check(shop.post("/payment/stripe/webhook", {})).json()["code"] == "WEBHOOK_SIGNATURE_INVALID"


def test_the_page_shows_every_call_and_code_in_both_languages(sqlite_shop: RunningShop, reference: Reference) -> None:
    web = sqlite_shop.browse(None)
    for language, summary in (("ko", "주문 만들기"), ("en", "Make an order")):
        page = html.unescape(web.get("/docs", headers={"Accept-Language": language}).text)
        assert page.count(f">{summary}</h2>") == len(PROVIDERS)
        for path, methods in reference.document["paths"].items():
            assert all(f"{method.upper()} {path}" in page for method in methods)
        assert [kind.code for kind in all_failures() if f'id="{kind.code}"' not in page] == []
    assert set(CODE_TEXTS) == {kind.code for kind in all_failures()}


PRODUCTION = {
    "APP_ENV": "production",
    "SECRET_KEY": "w7Jr0b2m9Xq4-long-enough-for-a-session-key",
    "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "PUBLIC_URL": ORIGIN,
    "TOSS_CLIENT_KEY": "live_ck_lookalike00",
    "TOSS_SECRET_KEY": "live_sk_lookalike00",
    "LOG_LEVEL": "ERROR",
}


@pytest.mark.parametrize("email, status", [(None, 404), (BUYER, 404), ("owner@example.com", 200)])
def test_production_shows_them_to_staff_alone(sqlite_url: str, email: str | None, status: int) -> None:
    context = wire(load_settings({"DATABASE_URL": sqlite_url})).context
    with context.sessions.write() as session:
        session.execute(text("UPDATE users SET is_demo = FALSE"))
        session.execute(text("UPDATE users SET role = 'owner' WHERE email LIKE 'owner@%'"))
    web = create_app(load_settings({**PRODUCTION, "DATABASE_URL": sqlite_url})).test_client()

    def get(path: str) -> TestResponse:
        return web.get(path, base_url=ORIGIN)

    if email:
        found = re.search(r'name="csrf_token" value="([^"]+)"', get("/login").text)
        assert found
        form = {"email": email, "password": PASSWORD, "csrf_token": found.group(1)}
        assert web.post("/login", data=form, base_url=ORIGIN).status_code == 303

    assert [get(path).status_code for path in ("/docs", "/openapi.json")] == [status, status]
