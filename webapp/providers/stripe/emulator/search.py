"""The search language: `metadata['order_id']:'…' AND status:'succeeded'`."""

import re
from collections.abc import Callable

from webapp.providers.stripe.emulator.intents import Intent
from webapp.providers.stripe.emulator.refusals import Refusal

Test = Callable[[Intent], bool]

_CLAUSE = re.compile(
    r"""\s*(?P<not>-)?(?P<field>[a-z_]+)(?:\[(?P<quote>['"])(?P<key>[^'"\]]{1,40})(?P=quote)\])?"""
    r"""\s*(?P<sign>:|~|>=|<=|>|<)\s*(?:(?P<q>['"])(?P<text>(?:\\.|(?!(?P=q)).)*)(?P=q)|(?P<bare>-?[0-9]+|null))\s*"""
)
_JOINT = re.compile(r"AND|OR", re.IGNORECASE)
_TEXTS = ("currency", "status", "customer")
_NUMBERS = ("amount", "created")
_MOST_CLAUSES = 10


def compile_query(query: str) -> Test:
    """A test for PaymentIntents. Raises `Refusal` for what isn't in the language."""
    tests: list[Test] = []
    joints: list[str] = []
    place = 0
    while True:
        clause = _CLAUSE.match(query, place)
        if clause is None or len(tests) == _MOST_CLAUSES:
            raise Refusal("", "We were unable to parse your search query.", param="query")
        tests.append(_test(clause))
        place = clause.end()
        if place == len(query):
            break
        joint = _JOINT.match(query, place)
        joints.append(joint[0].upper() if joint else "AND")
        place = joint.end() if joint else place
    if len(set(joints)) > 1:
        raise Refusal("", "AND and OR can't be mixed in one query.", param="query")
    every = all if "OR" not in joints else any
    return lambda intent: every(test(intent) for test in tests)


def _test(clause: re.Match[str]) -> Test:
    field, sign = clause["field"], clause["sign"]
    text = clause["bare"] if clause["text"] is None else re.sub(r"\\(.)", r"\1", clause["text"])
    if field == "metadata" and clause["key"] is not None and sign in (":", "~"):
        test = _on_metadata(clause["key"], sign, None if clause["bare"] == "null" else text)
    elif field in _TEXTS and sign == ":":
        test = lambda intent: str(getattr(intent, field)).lower() == text.lower()  # noqa: E731
    elif field in _NUMBERS and re.fullmatch(r"-?[0-9]{1,15}", text) and sign != "~":
        test = _on_number(field, sign, int(text))
    else:
        raise Refusal("", f"Field `{field}` can't be searched like that.", param="query")
    return (lambda intent: not test(intent)) if clause["not"] else test


def _on_metadata(key: str, sign: str, text: str | None) -> Test:
    if text is None:
        return lambda intent: key not in intent.metadata
    if sign == "~":
        return lambda intent: text.lower() in intent.metadata.get(key, "").lower()
    return lambda intent: key in intent.metadata and intent.metadata[key].lower() == text.lower()


def _on_number(field: str, sign: str, bound: int) -> Test:
    compare: dict[str, Callable[[int], bool]] = {
        ":": lambda value: value == bound,
        ">": lambda value: value > bound,
        ">=": lambda value: value >= bound,
        "<": lambda value: value < bound,
        "<=": lambda value: value <= bound,
    }
    return lambda intent: compare[sign](getattr(intent, field))
