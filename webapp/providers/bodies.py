"""What all shapes of JSON bodies share: unknown fields are refused, a whole number is a whole number."""

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from webapp.domain.failures import Invalid

_Shape = TypeVar("_Shape", bound=BaseModel)

#: 15 digits: the most that the guide's own page may send, far below what a column holds.
_MAX_AMOUNT = 10**15 - 1

Amount = Annotated[int, Field(strict=True, ge=1, le=_MAX_AMOUNT)]
DigitText = Annotated[str, Field(strict=True, pattern=r"\A[0-9]{1,15}\z")]


class Body(BaseModel):
    """Root of all shapes."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def read(shape: type[_Shape], body: dict[str, object]) -> _Shape:
    """The body in this shape.

    Raises:
        Invalid: naming each field that is wrong, and why; values are not repeated.
    """
    try:
        return shape.model_validate(body)
    except ValidationError as error:
        fields = {".".join(str(part) for part in e["loc"][:1]) or "body": e["msg"] for e in error.errors()}
        raise Invalid("; ".join(sorted(f"{name}: {why}" for name, why in fields.items())), fields) from error
