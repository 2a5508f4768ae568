"""How numbers travel: always as strings, never with an exponent, never with more digits than Binance sends."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from desk.domain.money import EXACT

Json = dict[str, object]
"""A JSON object about to be sent."""

_MOST_DECIMALS = 8
_SATOSHI = Decimal("0.00000001")


def figure(value: Decimal) -> str:
    """A price, a quantity or a rate: at most eight decimals, no trailing zeros, zero as `0`."""
    # Candles are thousands of these: text is cut as text, which costs a third of asking the Decimal for its digits.
    text = format(value, "f")
    point = text.find(".")
    if point >= 0:
        if len(text) - point - 1 > _MOST_DECIMALS:
            text = format(value.quantize(_SATOSHI, rounding=ROUND_HALF_EVEN, context=EXACT), "f")
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def money(value: Decimal) -> str:
    """An amount of USDT: exactly eight decimals, as balances and margins are written."""
    text = format(value.quantize(_SATOSHI, rounding=ROUND_HALF_EVEN, context=EXACT), "f")
    return text[1:] if text == "-0.00000000" else text


def fixed(value: Decimal, decimals: int) -> str:
    """A number with exactly `decimals` digits behind the point."""
    text = f"{value:.{decimals}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text
