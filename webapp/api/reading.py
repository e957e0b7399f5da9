"""The guide's two calls that read: one payment, and the caller's own history."""

from typing import Annotated

from flask import Blueprint, jsonify, request
from pydantic import BeforeValidator, Field
from werkzeug.wrappers import Response

from webapp.api.access import need_user
from webapp.domain.failures import Invalid
from webapp.domain.states import PaymentStatus
from webapp.providers.bodies import Body, read
from webapp.services.record import list_records, record_of_order
from webapp.wiring import wiring

bp = Blueprint("reading_api", __name__)

_WORDS = {str(status): status for status in PaymentStatus}


def _whole(text: object) -> object:
    """A number as an address carries it; anything else is left for the check to refuse."""
    digits = isinstance(text, str) and text.isascii() and text.removeprefix("-").isdigit() and len(text) <= 4
    return int(str(text)) if digits else text


def _word(text: object) -> object:
    if str(text) not in _WORDS:
        raise ValueError(f"one of {', '.join(_WORDS)}")
    return _WORDS[str(text)]


class HistoryQuery(Body):
    """`?limit=&cursor=&status=`."""

    limit: Annotated[int, Field(ge=1, le=100), BeforeValidator(_whole)] = 20
    cursor: str | None = Field(None, min_length=1, max_length=200)
    status: Annotated[PaymentStatus | None, BeforeValidator(_word)] = None


@bp.get("/payment/<order_id>")
def show(order_id: str) -> Response:
    """One payment of the caller's, as our books have it; another's is not found."""
    user = need_user("read")
    record = record_of_order(wiring().context, order_id, user.id)
    return jsonify(success=True, payment=record.as_json(with_user=True))


@bp.get("/payment/history/me")
def history() -> Response:
    """The caller's payments, newest first; `count` is the number in this answer."""
    user = need_user("read")
    wish = read(HistoryQuery, _query())
    records, cursor = list_records(
        wiring().context,
        user.id,
        limit=wish.limit,
        cursor=wish.cursor,
        statuses=(wish.status,) if wish.status else (),
    )
    payments = [record.as_json(with_user=True) for record in records]
    return jsonify(success=True, count=len(payments), payments=payments, next_cursor=cursor)


def _query() -> dict[str, object]:
    """Each member once.

    Raises:
        Invalid: one is there twice, and two programs could read it differently.
    """
    given = request.args.to_dict(flat=False)
    twice = {name: "more than once" for name, values in given.items() if len(values) > 1}
    if twice:
        raise Invalid("; ".join(f"{name}: {why}" for name, why in sorted(twice.items())), twice)
    return {name: values[0] for name, values in given.items()}
