"""The account's past, complete: trades and wallet changes paged until the venue has no more, each row once.

Binance serves at most 1000 rows a page and, for trades by time, at most seven days a request; it keeps trades for six
months and wallet changes for three, so nothing older is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from desk.domain.account import Income
from desk.domain.errors import DataError
from desk.domain.moments import to_ms
from desk.domain.orders import Fill
from desk.venues.binance import parse
from desk.venues.binance.connection import Connection

PAGE = 1000
_DAY_MS = 24 * 3600 * 1000
_WINDOW_MS = 7 * _DAY_MS - 1
_TRADES_KEPT_MS = 182 * _DAY_MS


def fills_since(venue: Connection, symbol: str, since: datetime) -> tuple[Fill, ...]:
    """Trades of `symbol` at or after `since`, oldest first, each `trade_id` once."""
    now = venue.clock.now_ms()
    start = max(to_ms(since), now - _TRADES_KEPT_MS)
    found: dict[int, Fill] = {}
    while True:
        window: dict[str, object] = {"symbol": symbol, "startTime": start, "endTime": start + _WINDOW_MS, "limit": PAGE}
        page = venue.read_signed("futures_account_trades", parse.fills, window)
        found.update((fill.trade_id, fill) for fill in page)
        if len(page) >= PAGE:
            _follow_ids(venue, symbol, found)
            break
        start += _WINDOW_MS + 1
        if start > now:
            break
    return _in_order(symbol, [fill for fill in found.values() if fill.at >= since])


def _follow_ids(venue: Connection, symbol: str, found: dict[int, Fill]) -> None:
    """From a full page onwards ids lead on without a gap, whatever the times."""
    while True:
        params: dict[str, object] = {"symbol": symbol, "fromId": max(found) + 1, "limit": PAGE}
        page = venue.read_signed("futures_account_trades", parse.fills, params)
        known = len(found)
        found.update((fill.trade_id, fill) for fill in page)
        if len(page) < PAGE:
            return
        if len(found) == known:
            raise DataError(f"{symbol}: the venue repeats the same page of trades")


def _in_order(symbol: str, fills: Sequence[Fill]) -> tuple[Fill, ...]:
    if any(fill.symbol != symbol for fill in fills):
        raise DataError(f"trades of another symbol among those of {symbol}")
    return tuple(sorted(fills, key=lambda fill: fill.trade_id))


def income_since(venue: Connection, since: datetime) -> tuple[Income, ...]:
    """Wallet changes at or after `since`, oldest first."""
    start = to_ms(since)
    found: dict[tuple[str, str, int], Income] = {}
    while True:
        params: dict[str, object] = {"startTime": start, "limit": PAGE}
        page = venue.read_signed("futures_income_history", parse.income, params)
        known = len(found)
        # A transaction id is unique within its kind; one page starts in the millisecond in which the last one ended.
        found.update(((row.kind, row.symbol, row.transaction_id), row) for row in page)
        if len(page) < PAGE:
            return tuple(sorted((row for row in found.values() if row.at >= since), key=lambda row: row.at))
        if len(found) == known:
            raise DataError("more wallet changes in one millisecond than one page of the venue holds")
        start = max(to_ms(row.at) for row in page)
