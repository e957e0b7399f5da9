"""The JSON calls as an OpenAPI 3.1 document, made from the shapes that read their bodies. Texts: `operations.py`."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask_babel import gettext as _
from pydantic import BaseModel

from webapp.api.operations import Operation, operations
from webapp.api.shapes import Problem
from webapp.domain.failures import Failure, all_failures
from webapp.providers.registry import ProviderFolder

Json = dict[str, Any]

VERSION = "1"
_REF = "#/components/schemas/"
_JSON, _PROBLEM = "application/json", "application/problem+json"


def document(folders: Mapping[str, ProviderFolder], server: str) -> Json:
    """The whole document, in the language of this request; `server` is the shop's own origin."""
    calls = list(operations(folders))
    paths: dict[str, Json] = {}
    for call in calls:
        paths.setdefault(call.path, {})[call.method] = _operation(call)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": _("The shop's JSON calls"),
            "version": VERSION,
            "description": _(
                "Everything is JSON in UTF-8. An amount is a whole number in the currency's smallest unit "
                "(13000 is ₩13,000, 1000 is $10.00). Cookies are ignored."
            ),
        },
        "servers": [{"url": server}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Problem": _tidy(Problem.model_json_schema(ref_template=_REF + "{model}"))},
            "examples": {kind.code: {"value": _example(kind)} for kind in all_failures()},
            "headers": {
                "X-Request-Id": {
                    "description": _("The same id stands in our log and in an error's instance."),
                    "schema": {"type": "string"},
                },
                "Retry-After": {
                    "description": _("Seconds to wait before the same call."),
                    "schema": {"type": "integer", "minimum": 1},
                },
                "Idempotent-Replayed": {
                    "description": _("The answer of an earlier call with this key."),
                    "schema": {"const": "true"},
                },
            },
        },
    }


def _operation(call: Operation) -> Json:
    found: Json = {
        "operationId": call.name,
        "summary": str(call.summary),
        "description": str(call.text),
        "responses": {**_successes(call), **_refusals(call)},
        "security": [{"token": [call.scope]}] if call.scope else [],
    }
    if parameters := _parameters(call):
        found["parameters"] = parameters
    if call.body:
        examples = {name: {"value": dict(value)} for name, value in call.examples.items()}
        found["requestBody"] = {
            "required": True,
            "content": {_JSON: {"schema": _shape(call.body), "examples": examples}},
        }
    if call.is_webhook:
        found["requestBody"] = {"required": True, "content": {_JSON: {"schema": {"type": "object"}}}}
    return found


def _parameters(call: Operation) -> list[Json]:
    found: list[Json] = []
    if "{order_id}" in call.path:
        found.append({"name": "order_id", "in": "path", "required": True, "schema": {"type": "string"}})
    if call.query:
        shape = _shape(call.query)
        needed = shape.get("required", [])
        found += [
            {"name": name, "in": "query", "required": name in needed, "schema": schema}
            for name, schema in shape["properties"].items()
        ]
    if call.takes_key:
        found.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": _(
                    "Makes the call safe to send again: the same key with the same body gets the same answer."
                ),
                "schema": {"type": "string", "pattern": r"^[!-+\--~]{1,255}$"},
            }
        )
    return found


def _successes(call: Operation) -> Json:
    found = {}
    for status, (shapes, example) in call.answers.items():
        headers = {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}}
        if call.takes_key and status == HTTPStatus.OK:
            headers["Idempotent-Replayed"] = {"$ref": "#/components/headers/Idempotent-Replayed"}
        found[str(status)] = {
            "description": str(call.said[status]),
            "headers": headers,
            "content": {_JSON: {"schema": _joined(call, shapes), "example": example}},
        }
    return found


def _joined(call: Operation, shapes: tuple[type[BaseModel], ...]) -> Json:
    """The first shape, with the second one's members in it, or as the member that the call names."""
    whole = _shape(shapes[0])
    for more in map(_shape, shapes[1:]):
        if call.evidence_name:
            whole["properties"][call.evidence_name] = more
            whole["required"].append(call.evidence_name)
        else:
            whole["properties"].update(more["properties"])
            whole["required"] += more.get("required", [])
    return whole


def _refusals(call: Operation) -> Json:
    kinds: dict[int, list[type[Failure]]] = {}
    for failure in all_failures():
        if failure.code in call.codes:
            kinds.setdefault(int(failure.status), []).append(failure)
    return {str(status): _refusal(kinds[status]) for status in sorted(kinds)}


def _refusal(kinds: list[type[Failure]]) -> Json:
    headers = {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}}
    if any(kind.retry_after for kind in kinds):
        headers["Retry-After"] = {"$ref": "#/components/headers/Retry-After"}
    codes = [kind.code for kind in kinds]
    narrowed = {"properties": {"code": {"enum": codes}, "status": {"const": int(kinds[0].status)}}}
    return {
        "description": ", ".join(codes),
        "headers": headers,
        "content": {
            _PROBLEM: {
                "schema": {"allOf": [{"$ref": _REF + "Problem"}, narrowed]},
                "examples": {kind.code: {"$ref": f"#/components/examples/{kind.code}"} for kind in kinds},
            }
        },
    }


def _example(kind: type[Failure]) -> Json:
    return {
        "success": False,
        "code": kind.code,
        "type": f"/problems/{kind.code.lower().replace('_', '-')}",
        "title": kind.title,
        "status": int(kind.status),
        "instance": "req_example",
    }


def _shape(model: type[BaseModel]) -> Json:
    """A shape on its own, with the shapes inside it in their places."""
    schema = model.model_json_schema()
    inner = schema.pop("$defs", {})
    tidy = _tidy(_resolved(schema, inner))
    assert isinstance(tidy, dict)  # noqa: S101 (a schema is an object)
    return tidy


def _resolved(value: Any, inner: Json) -> Any:
    if isinstance(value, dict):
        if "$ref" in value:
            return _resolved(inner[value["$ref"].rpartition("/")[2]], inner)
        return {name: _resolved(each, inner) for name, each in value.items()}
    return [_resolved(each, inner) for each in value] if isinstance(value, list) else value


def _tidy(value: Any, *, named: bool = False) -> Any:
    """Without what only pydantic needs; `named`: the keys are members' names, not words of the schema."""
    if isinstance(value, dict):
        kept = value if named else _plain(value)
        return {
            name: _pattern(each) if name == "pattern" and not named else _tidy(each, named=name == "properties")
            for name, each in kept.items()
        }
    return [_tidy(each) for each in value] if isinstance(value, list) else value


def _plain(schema: Json) -> Json:
    """Without titles; a member that may be missing is not one that may be null."""
    kept = {name: each for name, each in schema.items() if name not in ("title", "description")}
    if "default" in kept and kept["default"] is None:
        del kept["default"]
        ways = [way for way in kept.pop("anyOf", []) if way != {"type": "null"}]
        kept.update(_plain(ways[0]) if len(ways) == 1 else {"anyOf": ways} if ways else {})
    return kept


def _pattern(text: str) -> str:
    r"""`\A` and `\z` are Rust's words for the two ends; JSON Schema has `^` and `$`."""
    return text.replace(r"\A", "^").replace(r"\z", "$")
