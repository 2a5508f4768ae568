"""What the name of a contract tells: `BTCUSDT` is traded in BTC and paid in USDT, `BTCUSDT_260327` ends that day.

Quarterly contracts are delivered at 08:00 UTC on the last Friday of March, June, September and December.
Source: Binance, "Delivery of USD-M quarterly futures".
"""

from __future__ import annotations

import re
from calendar import FRIDAY, monthrange
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from desk.domain.errors import DataError
from desk.domain.moments import from_ms, to_ms

QUOTES = ("USDT", "USDC", "BUSD", "FDUSD")
_DATED = re.compile(r"([A-Z0-9]+)_(\d{6})", re.ASCII)
_QUARTER_MONTHS = (3, 6, 9, 12)
_DELIVERY_HOUR = 8


def split_symbol(symbol: str) -> tuple[str, str]:
    """Base and quote asset of a USD-M pair: `BTCUSDT` is `("BTC", "USDT")`.

    Raises:
        DataError: when the name is not upper-case letters and digits ending in a USD quote asset.
    """
    quote = next((q for q in QUOTES if symbol.endswith(q) and len(symbol) > len(q)), None)
    if quote is None or not (symbol.isascii() and symbol.isalnum() and symbol == symbol.upper()):
        raise DataError(f"not a USD-M symbol: {symbol!r:.40}", hint=f"symbols end in {', '.join(QUOTES)}")
    return symbol[: -len(quote)], quote


def split_dated(symbol: str) -> tuple[str, int] | None:
    """Pair and delivery in ms UTC of a dated contract's name; None for any other name.

    Raises:
        DataError: when the six digits are no day, or not the last Friday of a quarter.
    """
    found = _DATED.fullmatch(symbol)
    if found is None:
        return None
    pair, digits = found.groups()
    try:
        day = datetime.strptime(f"20{digits}", "%Y%m%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise DataError(f"{symbol} names no day: {digits}", hint="as in BTCUSDT_260327") from error
    delivery = to_ms(day + timedelta(hours=_DELIVERY_HOUR))
    due = quarter_end(delivery - 1)
    if due != delivery:
        raise DataError(f"no contract is delivered on {digits}", hint=f"the next one is {dated_name(pair, due)}")
    return pair, delivery


def quarter_end(after_ms: int) -> int:
    """The first quarterly delivery later than `after_ms`, both in ms UTC."""
    month = from_ms(after_ms).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while True:
        if month.month in _QUARTER_MONTHS:
            due = to_ms(_last_friday(month))
            if due > after_ms:
                return due
        month = (month + timedelta(days=31)).replace(day=1)


def dated_name(pair: str, delivery_ms: int) -> str:
    """How the contract of a pair that is delivered at that moment is called."""
    return f"{pair}_{from_ms(delivery_ms):%y%m%d}"


def decimals(step: Decimal) -> int:
    """How many digits stand behind the point of a multiple of `step`."""
    exponent = step.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _last_friday(month: datetime) -> datetime:
    last = month.replace(day=monthrange(month.year, month.month)[1], hour=_DELIVERY_HOUR)
    return last - timedelta(days=(last.weekday() - FRIDAY) % 7)
