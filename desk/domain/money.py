"""Exact numbers: one strict grammar in, exact `Decimal` arithmetic inside, Binance's plain notation out.

`Decimal("١٢")`, `"1_000"`, `" 5 "` and `"NaN"` are all valid to Python; none of them is an amount of money here.
"""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal

from desk.domain.errors import DataError

ZERO = Decimal(0)
ONE = Decimal(1)
BASIS_POINT = Decimal("0.0001")

# Binance publishes at most 8 decimals for USD-M quantities and prices; nine integer digits hold any of its amounts.
_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,8})(\.[0-9]{1,8})?", re.ASCII)
_SIGNED_AMOUNT = re.compile(r"-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,18})?", re.ASCII)

# Wide enough that no sum, product or quotient of the desk loses a digit that Binance could publish.
EXACT = Context(prec=40, rounding=ROUND_HALF_EVEN)
# A text this short holds no more digits than EXACT keeps.
_SHORT = 38


def amount(text: str) -> Decimal:
    """Parse a non-negative amount written in ASCII digits, as an intent must write it.

    Raises:
        DataError: for anything else, such as signs, exponents, spaces, underscores, NaN or non-ASCII digits.
    """
    if not isinstance(text, str) or not _AMOUNT.fullmatch(text):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise DataError(f"not an amount: {text!r:.40}")
    return Decimal(text)


def signed_amount(text: str) -> Decimal:
    """Parse an amount as a venue reports it: ASCII digits, an optional minus, no exponent.

    Raises:
        DataError: for anything else.
    """
    if not isinstance(text, str) or not _SIGNED_AMOUNT.fullmatch(text):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise DataError(f"not a number of the venue: {text!r:.40}")
    return Decimal(text)


def floor_to(value: Decimal, step: Decimal) -> Decimal:
    """The largest multiple of `step` that is not above `value`."""
    return EXACT.multiply(EXACT.divide(value, step).to_integral_value(ROUND_FLOOR), step)


def ceil_to(value: Decimal, step: Decimal) -> Decimal:
    """The smallest multiple of `step` that is not below `value`."""
    return EXACT.multiply(EXACT.divide(value, step).to_integral_value(ROUND_CEILING), step)


def round_to(value: Decimal, step: Decimal) -> Decimal:
    """The multiple of `step` nearest to `value`, ties to even."""
    return EXACT.multiply(EXACT.divide(value, step).to_integral_value(ROUND_HALF_EVEN), step)


def on_grid(value: Decimal, step: Decimal) -> bool:
    """Whether `value` is an exact multiple of `step`."""
    return EXACT.remainder(value, step) == ZERO


def plain(value: Decimal) -> str:
    """The number as Binance writes it: no exponent, no trailing zeros, zero as `0`."""
    text = str(value)
    if "E" in text or len(text) > _SHORT:
        text = format(value.normalize(EXACT), "f")
    elif "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
