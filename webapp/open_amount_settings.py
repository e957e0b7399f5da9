"""The setting that lets a caller name her own sum: how it is written, and how it is read."""

import re
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, field_validator

from webapp.domain.money import EXPONENTS

#: Currency, smallest and largest sum; as many digits as the JSON calls take.
_RANGE = re.compile(r"([A-Z]{3}):([1-9][0-9]{0,14})-([1-9][0-9]{0,14})\Z", re.ASCII)


class OpenAmountSettings(BaseModel):
    """Which sums a caller may name that stand in no catalogue: `KRW:1000-500000,USD:100-50000`, or `off`."""

    model_config = ConfigDict(defer_build=True)  # `Settings` is what gets read

    open_amounts: str = ""

    @field_validator("open_amounts")
    @classmethod
    def _are_ranges(cls, value: str) -> str:
        read_open_amounts(value)
        return value

    @property
    def open_ranges(self) -> Mapping[str, tuple[int, int]]:
        """Currency → (smallest, largest) sum in minor units; empty where the catalogue alone sets prices."""
        return read_open_amounts(self.open_amounts)


def read_open_amounts(text: str) -> dict[str, tuple[int, int]]:
    """Currency → (smallest, largest) sum in minor units.

    Raises:
        ValueError: not in the form above; an unknown currency, one that is there twice, or a range that is none.
    """
    found: dict[str, tuple[int, int]] = {}
    if text.strip().lower() in ("", "off"):
        return found
    for part in text.split(","):
        shape = _RANGE.match(part.strip())
        if shape is None or shape[1] not in EXPONENTS or shape[1] in found:
            raise ValueError("open amounts read: KRW:1000-500000,USD:100-50000")
        least, most = int(shape[2]), int(shape[3])
        if least > most:
            raise ValueError("the smaller sum stands first")
        found[shape[1]] = (least, most)
    return found
