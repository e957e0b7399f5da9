"""Holds real answers against the shop's own OpenAPI document."""

from typing import Any
from urllib.parse import urlsplit

import requests
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

Json = dict[str, Any]
ROOT = "urn:document"


class Reference:
    """The document, and whether an answer is one that it promises."""

    def __init__(self, document: Json) -> None:
        self.document = document
        resource = Resource.from_contents(document, default_specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource(ROOT, resource)
        self.seen: set[tuple[str, str, int]] = set()

    def operation(self, method: str, path: str) -> tuple[str, Json]:
        """The path as the document writes it, and the call there."""
        for written in (path, "/payment/{order_id}"):
            if found := self.document["paths"].get(written, {}).get(method.lower()):
                return written, found
        raise AssertionError(f"{method} {path} is not in the document")

    def check(self, answer: requests.Response) -> requests.Response:
        """Fails unless status, media type, headers, members and code are among those promised."""
        method, path = str(answer.request.method), urlsplit(str(answer.request.url)).path
        written, operation = self.operation(method, path)
        promised = operation["responses"].get(str(answer.status_code))
        assert promised, f"{method} {written} answers {answer.status_code}: {answer.text}"
        content = promised["content"].get(answer.headers["Content-Type"])
        assert content, f"{method} {written}: {answer.headers['Content-Type']}"
        assert [each.message for each in self._errors(content["schema"], answer.json())] == [], answer.text
        assert "X-Request-Id" in answer.headers
        self.seen.add((method, written, answer.status_code))
        return answer

    def _errors(self, schema: Json, value: object) -> Any:
        rooted = _absolute(schema)
        return Draft202012Validator(rooted, registry=self._registry, format_checker=FormatChecker()).iter_errors(value)


def _absolute(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: ROOT + each if name == "$ref" else _absolute(each) for name, each in value.items()}
    return [_absolute(each) for each in value] if isinstance(value, list) else value
