"""Money: an integer in the currency's smallest unit, together with its currency."""

from dataclasses import dataclass
from decimal import Decimal

#: Currency → decimal places of its smallest unit. Source: ISO 4217 list one, read 2026-11-23.
#: A provider's own exceptions (ISK, HUF, …) live in its adapter, not here.
EXPONENTS: dict[str, int] = {"KRW": 0, "JPY": 0, "USD": 2, "EUR": 2, "KWD": 3, "JOD": 3}

#: What a 64-bit column holds; anything above is a mistake or an attack.
MAX_MINOR = 2**63 - 1


class CurrencyMismatch(TypeError):
    """Two amounts in different currencies were compared or added: an error in code, never `False`."""


class TooManyDecimals(ValueError):
    """Finer than the currency allows; money is never rounded silently."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount: `minor` is won, cents, yen; `currency` is ISO 4217, upper case."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.minor, bool) or not isinstance(self.minor, int):
            raise TypeError("minor units are whole numbers")
        if abs(self.minor) > MAX_MINOR:
            raise OverflowError("beyond a 64-bit column")
        if self.currency not in EXPONENTS:
            raise ValueError(f"unknown currency {self.currency!r}")

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} against {other.currency}")

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor <= other.minor

    def equals(self, other: "Money") -> bool:
        """Whether both are the same sum.

        Raises:
            CurrencyMismatch: the currencies differ; ask about that first, on purpose.
        """
        self._same(other)
        return self.minor == other.minor

    def tax_included(self, percent: Decimal) -> "Money":
        """The part of this sum that is a tax of so many percent on the rest; half a unit is rounded up.

        Of 11,000 won, 10 % are 1,000.
        """
        rate = int(percent.scaleb(2))  # hundredths of a percent
        whole = 10_000 + rate
        return Money((2 * self.minor * rate + whole) // (2 * whole), self.currency)

    @property
    def decimal(self) -> Decimal:
        """The amount as people write it: 1000 US cents → 10.00."""
        return Decimal(self.minor).scaleb(-EXPONENTS[self.currency])


def minor_units(amount: Decimal, currency: str) -> int:
    """Return a written amount in the smallest unit: 13000 won → 13000, 10.00 dollars → 1000.

    Raises:
        TooManyDecimals: finer than the currency allows. ArithmeticError: no finite number.
    """
    scaled = amount.scaleb(EXPONENTS[currency])
    if scaled != scaled.to_integral_value():
        raise TooManyDecimals(f"{amount} {currency}")
    return int(scaled)
