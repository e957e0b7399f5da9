"""Which sums can be charged: currencies, smallest and largest amounts."""

from webapp.providers.stripe.emulator.refusals import Refusal

# Smallest charge in the currency's smallest unit; what is not listed has no minimum of its own here.
_MINIMUM = {
    "usd": 50, "eur": 50, "gbp": 30, "aud": 50, "cad": 50, "chf": 50, "nzd": 50, "sgd": 50, "jpy": 50, "krw": 50,
    "hkd": 400, "inr": 50, "brl": 50, "aed": 200, "bgn": 100, "czk": 1500, "dkk": 250, "nok": 300, "sek": 300,
    "huf": 17500, "pln": 200, "ron": 200, "mxn": 1000, "myr": 200, "thb": 1000,
}  # fmt: skip

_ZERO_DECIMAL = frozenset(
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"]
)
_THREE_DECIMAL = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
_HUNDREDS = frozenset(("isk", "ugx"))
_TWO_DECIMAL = frozenset(
    ["ars", "cop", "egp", "gel", "idr", "ils", "kzt", "mad", "pen", "php", "qar", "rsd", "sar", "try", "twd", "zar"]
)
CURRENCIES = frozenset(_MINIMUM) | _ZERO_DECIMAL | _THREE_DECIMAL | _HUNDREDS | _TWO_DECIMAL

# guess: of the two documented limits the lower one, eight digits, except where more are named.
_MOST_DIGITS = {"idr": 12, "cop": 10, "inr": 9}


def check_currency(currency: str) -> str:
    """The currency in lower case. Raises `Refusal` when it can't be charged."""
    code = currency.lower()
    if code not in CURRENCIES:
        raise Refusal("", f"Invalid currency: {currency}.", param="currency")
    return code


def check_amount(amount: int, currency: str) -> int:
    """An amount in the currency's smallest unit that can be charged. Raises `Refusal`."""
    if amount < 1:
        raise Refusal("parameter_invalid_integer", "This value must be greater than or equal to 1.", param="amount")
    if len(str(amount)) > _MOST_DIGITS.get(currency, 8):
        raise Refusal("amount_too_large", param="amount")
    if amount < _MINIMUM.get(currency, 1):
        raise Refusal("amount_too_small", param="amount")
    # guess: a sum that the currency has no coins for is refused without a code.
    step = 10 if currency in _THREE_DECIMAL else 100 if currency in _HUNDREDS else 1
    if amount % step:
        raise Refusal("", f"Amounts in {currency} must be divisible by {step}.", param="amount")
    return amount


def decimals_of(currency: str) -> int:
    """How many digits of an amount stand behind the decimal point."""
    if currency in _ZERO_DECIMAL:
        return 0
    return 3 if currency in _THREE_DECIMAL else 2


def readable(amount: int, currency: str) -> str:
    """`12.50 USD`, for people."""
    places = decimals_of(currency)
    whole, rest = divmod(amount, 10**places)
    digits = f"{whole:,}.{rest:0{places}d}" if places else f"{whole:,}"
    return f"{digits} {currency.upper()}"
