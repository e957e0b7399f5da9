"""Stripe's form encoding, `a[b][c]=1&d[]=2`, read against the parameters that a call knows."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from webapp.providers.stripe.emulator.refusals import Refusal

# A kind is "text", "integer", "flag", "list", "any", "metadata", "range", a tuple of allowed words,
# or a schema of its own.
Kind = Any
Schema = Mapping[str, Kind]

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_BOUNDS = {"gt": "integer", "gte": "integer", "lt": "integer", "lte": "integer"}


def decode(text: str) -> dict[str, Any]:
    """The tree behind a query or a body; every leaf is a text."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        match = _NAME.fullmatch(name)
        parts = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])] if match else [name]
        _plant(tree, parts, value)
    return tree


def read(tree: Mapping[str, Any], schema: Schema, prefix: str = "") -> dict[str, Any]:
    """The parameters with their types; empty texts are None. Raises `Refusal` for what isn't in the schema."""
    found: dict[str, Any] = {}
    for name, value in tree.items():
        full = f"{prefix}[{name}]" if prefix else name
        if name not in schema:
            raise Refusal("parameter_unknown", f"Received unknown parameter: {full}", param=full)
        found[name] = _typed(value, schema[name], full)
    return found


def needed(params: Mapping[str, Any], *names: str) -> None:
    """Raises `Refusal` parameter_missing for the first that wasn't sent, parameter_invalid_empty for an empty one."""
    for name in names:
        if name not in params:
            raise Refusal("parameter_missing", f"Missing required param: {name}.", param=name)
        if params[name] is None:
            raise Refusal("parameter_invalid_empty", param=name)


def _plant(tree: dict[str, Any], parts: list[str], value: str) -> None:
    # Members without a name, `a[]`, are numbered as they come.
    for part in parts[:-1]:
        branch = tree.get(part or str(len(tree)))
        if not isinstance(branch, dict):
            branch = tree[part or str(len(tree))] = {}
        tree = branch
    tree[parts[-1] or str(len(tree))] = value


def _typed(value: Any, kind: Kind, name: str) -> Any:
    if kind == "any":
        return value
    if isinstance(kind, Mapping):
        return _hash(value, kind, name)
    if kind == "metadata":
        return _metadata(value)
    if kind == "list":
        return _list(value, name)
    if kind == "range" and isinstance(value, dict):
        return read(value, _BOUNDS, name)
    if isinstance(value, dict):
        raise Refusal("", f"Invalid {name}: a single value is expected.", param=name)
    return _leaf(value, kind, name)


def _leaf(value: str, kind: Kind, name: str) -> Any:
    if value == "":
        return None
    if kind in ("integer", "range"):
        if not _WHOLE.fullmatch(value):
            raise Refusal("parameter_invalid_integer", f"Invalid integer: {value}", param=name)
        return int(value)
    if kind == "flag":
        if value not in ("true", "false"):
            raise Refusal("", f"Invalid boolean: {value}", param=name)
        return value == "true"
    if isinstance(kind, tuple) and value not in kind:
        raise Refusal("", f"Invalid {name}: must be one of {', '.join(kind)}", param=name)
    return value


def _hash(value: Any, schema: Schema, name: str) -> dict[str, Any] | None:
    if value == "":
        return None
    if not isinstance(value, dict):
        raise Refusal("", f"Invalid {name}: a hash is expected.", param=name)
    return read(value, schema, name)


def _list(value: Any, name: str) -> list[Any]:
    if value == "":
        return []
    if not isinstance(value, dict):
        raise Refusal("", f"Invalid {name}: an array is expected.", param=name)
    return list(value.values())


def _metadata(value: Any) -> dict[str, str]:
    """Texts by name; an empty text stands for a key to be removed."""
    if value == "":
        return {}
    if not isinstance(value, dict) or any(not isinstance(text, str) for text in value.values()):
        raise Refusal("", "Invalid metadata: a hash of texts is expected.", param="metadata")
    for name, text in value.items():
        if len(name) > 40:
            raise Refusal("", "Metadata keys have at most 40 characters.", param="metadata")
        if len(text) > 500:
            raise Refusal("", "Metadata values have at most 500 characters.", param=f"metadata[{name}]")
    return value


def merge_metadata(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """The old keys with the new ones laid over them; empty values remove theirs. 50 keys at most."""
    merged = {name: text for name, text in {**old, **new}.items() if text != ""}
    if len(merged) > 50:
        raise Refusal("", "Metadata has at most 50 keys.", param="metadata")
    return merged
