"""Lists: newest first, page by page, limited to a span of time when asked."""

from collections.abc import Callable, Mapping
from typing import Any

from webapp.providers.stripe.emulator.objects import list_object
from webapp.providers.stripe.emulator.refusals import Refusal
from webapp.providers.stripe.emulator.shelf import Record
from webapp.sandbox.store import Document

LISTING: dict[str, Any] = {
    "limit": "integer",
    "starting_after": "text",
    "ending_before": "text",
    "created": "range",
    "expand": "list",
}
_PAGE, _LONGEST_PAGE = 10, 100


def listed(url: str, records: list[Record], params: Mapping[str, Any], write: Callable[[Record], Document]) -> Document:
    """One page of the records, which come oldest first. Raises `Refusal` for a page that can't be."""
    rows = [record for record in reversed(records) if _in_span(record.created, params.get("created"))]
    limit = page_size(params)
    after, before = params.get("starting_after"), params.get("ending_before")
    if after and before:
        raise Refusal("parameters_exclusive", param="starting_after")
    if before:
        rows = rows[: _place(rows, before, "ending_before")]
        return list_object(url, map(write, rows[-limit:]), has_more=len(rows) > limit)
    if after:
        rows = rows[_place(rows, after, "starting_after") + 1 :]
    return list_object(url, map(write, rows[:limit]), has_more=len(rows) > limit)


def page_size(params: Mapping[str, Any]) -> int:
    """The `limit`, ten unless given. Raises `Refusal` outside 1 to 100."""
    limit = params.get("limit")
    if limit is None:
        return _PAGE
    if not 1 <= limit <= _LONGEST_PAGE:
        raise Refusal("parameter_invalid_integer", f"limit is between 1 and {_LONGEST_PAGE}.", param="limit")
    return int(limit)


def _place(rows: list[Record], key: str, param: str) -> int:
    for place, row in enumerate(rows):
        if row.id == key:
            return place
    raise Refusal("resource_missing", f"No such object: '{key}'", param=param)


def _in_span(moment: int, span: int | Mapping[str, int] | None) -> bool:
    if span is None:
        return True
    if isinstance(span, int):
        return moment == span
    compare: dict[str, Callable[[int], bool]] = {
        "gt": lambda bound: moment > bound,
        "gte": lambda bound: moment >= bound,
        "lt": lambda bound: moment < bound,
        "lte": lambda bound: moment <= bound,
    }
    return all(compare[name](bound) for name, bound in span.items())
