"""Every JSON call once: words, what it takes, what it answers, every code. `openapi.py` writes it down as OpenAPI."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from pydantic import BaseModel

from webapp.api.auth import TokenBody
from webapp.api.reading import HistoryQuery
from webapp.api.shapes import Confirmed, Created, History, OnePayment, Received, Token
from webapp.providers.registry import ProviderFolder

Example = Mapping[str, object]

_ALWAYS = ("MALFORMED", "TOO_MANY_REQUESTS", "DATABASE_AWAY", "UNEXPECTED")
_BODY = ("UNSUPPORTED_MEDIA_TYPE", "TOO_LARGE", "INVALID")
_TOKEN = ("UNAUTHORIZED", "SCOPE_MISSING", "ISSUER_AWAY")
_ONCE = ("IDEMPOTENCY_KEY_REUSED", "IDEMPOTENCY_KEY_RUNNING")
_PROVIDER = ("PROVIDER_NOT_CONFIGURED", "PROVIDER_BUSY")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One call. `answers` are the shapes that make up each status's answer, together with what it may look like."""

    method: str
    path: str
    name: str
    summary: LazyString
    text: LazyString
    codes: tuple[str, ...]
    answers: Mapping[int, tuple[tuple[type[BaseModel], ...], Example]]
    said: Mapping[int, LazyString]
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    examples: Mapping[str, Example] = field(default_factory=dict)
    #: What the token has to be made for; empty where none is needed.
    scope: str = ""
    takes_key: bool = False
    is_webhook: bool = False
    #: Member of the answer that holds the second shape, instead of both being one object.
    evidence_name: str = ""


_PAYMENT = {
    "id": "6f3b0d5e-3f5e-4b8e-9a55-0f5f6f3c2a11",
    "order_id": "ord_example0example0example",
    "amount": 13000,
    "currency": "KRW",
    "status": "completed",
    "payment_method": "toss",
    "last_failure": None,
    "disputed": False,
    "created_at": "2026-11-26T01:02:03.456789+00:00",
    "confirmed_at": "2026-11-26T01:03:04.567890+00:00",
}
_OWN = {**_PAYMENT, "user_id": "0b7c6f0e-8a0a-4d57-9d5e-2f7f7c1b9d20"}
_DONE = _("It worked.")


def operations(folders: Mapping[str, ProviderFolder]) -> Iterator[Operation]:
    """Every call, in the order of a payment."""
    yield _token()
    for name, folder in folders.items():
        yield _create(name, folder)
        yield _confirm(name, folder)
    yield from (_show(), _history())
    for name in folders:
        yield _webhook(name)


def _token() -> Operation:
    return Operation(
        method="post",
        path="/auth/token",
        name="makeToken",
        summary=_("Get an access token"),
        text=_("By e-mail and password. The token is shown this once; only its hash is stored."),
        body=TokenBody,
        examples={"en": {"email": "buyer@example.com", "password": "sandbox-password"}},
        answers={
            200: (
                (Token,),
                {"success": True, "accessToken": "cc_example", "expiresAt": "2026-12-26T05:00:00.123456+00:00"},
            )
        },
        said={200: _DONE},
        codes=(*_ALWAYS, *_BODY, "WRONG_CREDENTIALS"),
    )


def _create(name: str, folder: ProviderFolder) -> Operation:
    told = folder.describe()
    example = next(iter(told.CREATE.values()))
    shown = {
        "success": True,
        "orderId": "ord_example0example0example",
        "paymentId": _PAYMENT["id"],
        "amount": example.get("amount", 13000),
        "currency": "USD" if "description" in example else "KRW",
    }
    return Operation(
        method="post",
        path=f"/payment/{name}/create",
        name=f"{name}Create",
        summary=_("Make an order"),
        text=_(
            "For a product on sale: either its name, in any of its languages, with its price, or its id. "
            "The price is the shop's; another amount is refused. "
            "Where the shop has opened sums of the caller's own, any other name goes with an amount within its bounds."
        ),
        body=folder.calls.CreateBody,
        examples=told.CREATE,
        answers={200: ((Created, told.Created), {**shown, **told.CREATED})},
        said={
            200: _("The order and its first attempt are made. The rest is what the provider's browser script needs.")
        },
        scope="pay",
        takes_key=True,
        codes=(
            *_ALWAYS, *_BODY, *_ONCE, *_PROVIDER,
            *_TOKEN, "PRICE_MISMATCH", "PRODUCT_NOT_FOUND", "PAYMENT_REFUSED", "PROVIDER_SILENT", "PAYMENTS_PAUSED",
        ),
    )  # fmt: skip


def _confirm(name: str, folder: ProviderFolder) -> Operation:
    told = folder.describe()
    payment = {**_PAYMENT, "payment_method": name}
    done = {"success": True, "payment": payment, folder.EVIDENCE_NAME: told.EVIDENCE}
    open_ = {**done, "payment": {**payment, "status": "confirming", "confirmed_at": None}, folder.EVIDENCE_NAME: {}}
    shapes = (Confirmed, told.Evidence)
    return Operation(
        method="post",
        path=f"/payment/{name}/confirm",
        name=f"{name}Confirm",
        summary=_("Confirm what the buyer brought back"),
        text=_(
            "Needs no token: the order, its amount and the provider's answer are the proof. "
            "Calling it twice, or twenty times at once, takes the money once."
        ),
        body=folder.calls.ConfirmBody,
        examples={"en": told.CONFIRM},
        evidence_name=folder.EVIDENCE_NAME,
        answers={200: (shapes, done), 202: (shapes, open_)},
        said={
            200: _("The status says what is true now."),
            202: _("Nobody knows yet. It ends by itself; the same call again shows how."),
        },
        takes_key=True,
        codes=(
            *_ALWAYS, *_BODY, *_ONCE, *_PROVIDER,
            "PAYMENT_NOT_FOUND", "PAYMENT_REFUSED", "AMOUNT_MISMATCH", "NOT_PAYABLE", "PAYMENT_KEY_IN_USE",
        ),
    )  # fmt: skip


def _show() -> Operation:
    return Operation(
        method="get",
        path="/payment/{order_id}",
        name="showPayment",
        summary=_("Look at one payment"),
        text=_("One of the token's owner. Missing and somebody else's get the same answer."),
        answers={200: ((OnePayment,), {"success": True, "payment": _OWN})},
        said={200: _("As our books have it now; no provider is asked.")},
        scope="read",
        codes=(*_ALWAYS, *_TOKEN, "PAYMENT_NOT_FOUND"),
    )


def _history() -> Operation:
    shown = {"success": True, "count": 1, "payments": [_OWN], "next_cursor": None}
    return Operation(
        method="get",
        path="/payment/history/me",
        name="listPayments",
        summary=_("List your own payments"),
        text=_("Newest first, page by page: send next_cursor as cursor to get the next page."),
        query=HistoryQuery,
        answers={200: ((History,), shown)},
        said={200: _DONE},
        scope="read",
        codes=(*_ALWAYS, "INVALID", *_TOKEN),
    )


def _webhook(name: str) -> Operation:
    return Operation(
        method="post",
        path=f"/payment/{name}/webhook",
        name=f"{name}Webhook",
        summary=_("For the provider to call"),
        text=_("Stored once and answered at once; nothing in it is believed until the provider was asked."),
        answers={200: ((Received,), {"success": True})},
        said={200: _("Received.")},
        is_webhook=True,
        codes=(*_ALWAYS, "TOO_LARGE", "WEBHOOK_SIGNATURE_INVALID", "PROVIDER_NOT_CONFIGURED"),
    )
