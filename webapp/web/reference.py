"""`/openapi.json` and `/docs`: the JSON calls, for machines and for people. In production for staff alone."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, jsonify, render_template
from flask_babel import force_locale
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.domain.failures import Failure, NotFound, all_failures
from webapp.wiring import wiring

bp = Blueprint("reference", __name__)

#: The roles of those who run the shop.
STAFF = frozenset({"owner"})


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a body or an address: its name, what it may be, and whether it has to be there."""

    name: str
    kind: str
    needed: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """An example, as JSON text; `lang` is the language of its words, empty where it has none."""

    lang: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One successful answer."""

    status: str
    text: str
    sample: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call as the page shows it. `ways` are the bodies that it takes, each a list of members."""

    name: str
    method: str
    path: str
    summary: str
    text: str
    scope: str
    ways: list[list[Member]]
    parameters: list[Member]
    samples: list[Sample]
    answers: list[Answer]
    codes: list[tuple[str, list[str]]]


def need_staff() -> None:
    """Let production show an operator's page to the shop's staff only.

    Raises:
        NotFound: anybody else: for a stranger there is no such page.
    """
    staff = current_user.is_authenticated and current_user.role in STAFF
    if wiring().settings.is_production and not staff:
        raise NotFound


@bp.get("/openapi.json")
def openapi() -> Response:
    """The calls as OpenAPI 3.1, in English."""
    need_staff()
    with force_locale("en"):
        return jsonify(_document())


@bp.get("/docs")
def docs() -> str:
    """The same document, to read."""
    from webapp.web.code_texts import CODE_TEXTS  # late: decision 0030

    need_staff()
    told = _document()
    calls = [
        _call(path, method, operation)
        for path, methods in told["paths"].items()
        for method, operation in methods.items()
    ]
    return render_template(
        "reference/index.html", info=told["info"], calls=calls, failures=_failures(), texts=CODE_TEXTS
    )


def _document() -> dict[str, Any]:
    from webapp.api.openapi import document  # late: decision 0030

    wired = wiring()
    return document(wired.folders(), wired.settings.public_url)


def _failures() -> list[Failure]:
    return [kind() for kind in all_failures()]


def _call(path: str, method: str, operation: Mapping[str, Any]) -> Call:
    responses = operation["responses"]
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema = content.get("schema", {})
    return Call(
        name=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        text=operation["description"],
        scope="".join(scope for way in operation["security"] for scope in way["token"]),
        ways=[_members(way) for way in schema.get("oneOf", [schema]) if way.get("properties")],
        parameters=[Member(p["name"], _kind(p["schema"]), p["required"]) for p in operation.get("parameters", [])],
        samples=[_sample(name, each["value"]) for name, each in content.get("examples", {}).items()],
        answers=[
            Answer(status, answer["description"], _pretty(answer["content"]["application/json"]["example"]))
            for status, answer in responses.items()
            if status < "300"
        ],
        codes=[(status, answer["description"].split(", ")) for status, answer in responses.items() if status >= "300"],
    )


def _sample(name: str, value: object) -> Sample:
    return Sample(name if name in ("ko", "en") else "", _pretty(value))


def _pretty(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _members(schema: Mapping[str, Any]) -> list[Member]:
    needed: Sequence[str] = schema.get("required", ())
    return [Member(name, _kind(value), name in needed) for name, value in schema["properties"].items()]


def _kind(schema: Mapping[str, Any]) -> str:
    """What a value may be, in the document's own words."""
    if "anyOf" in schema:
        return " | ".join(_kind(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    low = schema.get("minimum", schema.get("minLength"))
    high = schema.get("maximum", schema.get("maxLength"))
    bounds = f" {low}–{high}" if low is not None and high is not None else ""
    pattern = f" {schema['pattern']}" if "pattern" in schema else ""
    return f"{schema.get('type', 'object')}{bounds}{pattern}"
