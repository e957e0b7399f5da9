"""What all shapes of JSON bodies share: unknown fields are refused, a whole number is a whole number."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from webapp.domain.failures import Invalid

_Shape = TypeVar("_Shape", bound=BaseModel)

#: 15 digits: the most that the guide's own page may send, far below what a column holds.
_MAX_AMOUNT = 10**15 - 1

Amount = Annotated[int, Field(strict=True, ge=1, le=_MAX_AMOUNT)]
DigitText = Annotated[str, Field(strict=True, pattern=r"\A[0-9]{1,15}\z")]


class Body(BaseModel):
    """Root of all shapes."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Shown(BaseModel):
    """Root of the shapes that answers have: they describe, nothing is read into them. Names as JSON has them."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel)


class Described(Protocol):
    """What the JSON calls take and answer for this provider, for the reference at `/docs`."""

    @property
    def Created(self) -> type[BaseModel]:  # noqa: N802 (a class)
        """What `create` answers beside the members that it has for every provider."""
        ...

    @property
    def Evidence(self) -> type[BaseModel]:  # noqa: N802 (a class)
        """The member `EVIDENCE_NAME` of what `confirm` answers."""
        ...

    @property
    def CREATE(self) -> Mapping[str, Mapping[str, object]]:  # noqa: N802 (a constant)
        """Language → a body of `create` that the demo shop takes."""
        ...

    @property
    def CREATED(self) -> Mapping[str, object]:  # noqa: N802 (a constant)
        """What `Created` may look like."""
        ...

    @property
    def CONFIRM(self) -> Mapping[str, object]:  # noqa: N802 (a constant)
        """A body of `confirm`."""
        ...

    @property
    def EVIDENCE(self) -> Mapping[str, object]:  # noqa: N802 (a constant)
        """What `Evidence` may look like."""
        ...


def either(*ways: tuple[str, ...]) -> Callable[[dict[str, Any]], None]:
    """For `json_schema_extra`: the body has the members of exactly one way, and whichever are in none of them."""

    def rewrite(schema: dict[str, Any]) -> None:
        members = schema.pop("properties")
        everywhere = {name: value for name, value in members.items() if not any(name in way for way in ways)}
        schema.pop("required", None)
        schema.pop("additionalProperties", None)
        schema.pop("type", None)
        schema["oneOf"] = [
            {
                "type": "object",
                "properties": {**{name: members[name] for name in way}, **everywhere},
                "required": list(way),
                "additionalProperties": False,
            }
            for way in ways
        ]

    return rewrite


def read(shape: type[_Shape], body: dict[str, object]) -> _Shape:
    """The body in this shape.

    Raises:
        Invalid: naming each field that is wrong, and why; values are not repeated.
    """
    nothing = {name: "null is no value; leave it out" for name, value in body.items() if value is None}
    if nothing:
        raise Invalid("; ".join(sorted(f"{name}: {why}" for name, why in nothing.items())), nothing)
    try:
        return shape.model_validate(body)
    except ValidationError as error:
        fields = {".".join(str(part) for part in e["loc"][:1]) or "body": _reason(e["msg"]) for e in error.errors()}
        raise Invalid("; ".join(sorted(f"{name}: {why}" for name, why in fields.items())), fields) from error


def _reason(said: str) -> str:
    """Our own sentences as we wrote them."""
    return said.removeprefix("Value error, ")
