"""`expand[]`: ids replaced by what they stand for, as deep as was asked."""

from collections.abc import Callable, Iterable
from typing import Any

from webapp.providers.stripe.emulator.objects import (
    charge_object,
    intent_object,
    list_object,
    method_object,
    refund_object,
)
from webapp.providers.stripe.emulator.refusals import Refusal
from webapp.providers.stripe.emulator.state import Stripe
from webapp.sandbox.store import Document

_DEEPEST = 4
_ON_CHARGE = 10


def expand(stripe: Stripe, body: Document, paths: Iterable[str]) -> Document:
    """The object, or each of a list's `data.…`, with the named members written out. Raises `Refusal`."""
    for path in paths:
        steps = path.split(".")
        if len(steps) > _DEEPEST:
            raise Refusal("", f"Objects can be expanded {_DEEPEST} levels deep at most.", param="expand")
        _walk(stripe, body, steps, path)
    return body


def _walk(stripe: Stripe, node: Document, steps: list[str], path: str) -> None:
    if steps[0] == "data" and node.get("object") in ("list", "search_result"):
        for row in node["data"]:
            _walk(stripe, row, steps[1:], path)
        return
    write = _writer(stripe, node, steps[0])
    if write is None:
        raise Refusal("", f"This property cannot be expanded ({path}).", param="expand")
    child = node.get(steps[0])
    if not isinstance(child, dict):
        child = node[steps[0]] = write(child) if child or steps[0] == "refunds" else None
    if len(steps) > 1 and child is not None:
        _walk(stripe, child, steps[1:], path)


def _writer(stripe: Stripe, node: Document, name: str) -> Callable[[Any], Document | None] | None:
    kind = node.get("object")
    if kind == "charge" and name == "refunds":
        return lambda _: _refunds(stripe, node["id"])
    if kind == "payment_intent" and name == "latest_charge":
        return lambda key: _shown(stripe.charges.find(key), lambda charge: charge_object(stripe, charge))
    if kind in ("payment_intent", "charge") and name == "payment_method":
        return lambda key: _shown(stripe.methods.find(key), method_object)
    if kind in ("charge", "refund", "dispute") and name == "payment_intent":
        return lambda key: _shown(stripe.intents.find(key), lambda intent: intent_object(stripe, intent))
    if kind in ("refund", "dispute") and name == "charge":
        return lambda key: _shown(stripe.charges.find(key), lambda charge: charge_object(stripe, charge))
    return None


def _shown(record: Any, write: Callable[[Any], Document]) -> Document | None:
    return None if record is None else write(record)


def _refunds(stripe: Stripe, charge: str) -> Document:
    rows = [refund_object(refund) for refund in reversed(stripe.refunds.of(charge))]
    return list_object(f"/v1/charges/{charge}/refunds", rows[:_ON_CHARGE], has_more=len(rows) > _ON_CHARGE)
