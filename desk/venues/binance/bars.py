"""The newest finished bars, however many: paged upwards by `startTime`, cut off by the venue's own clock."""

from __future__ import annotations

from desk.domain.errors import DataError, StaleDataError
from desk.domain.market import Bar
from desk.venues.binance import market
from desk.venues.binance.connection import Connection

PAGE = 1500
_MINUTE = 60_000
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
INTERVAL_MS = {
    "1m": _MINUTE,
    "3m": 3 * _MINUTE,
    "5m": 5 * _MINUTE,
    "15m": 15 * _MINUTE,
    "30m": 30 * _MINUTE,
    "1h": _HOUR,
    "2h": 2 * _HOUR,
    "4h": 4 * _HOUR,
    "6h": 6 * _HOUR,
    "8h": 8 * _HOUR,
    "12h": 12 * _HOUR,
    "1d": _DAY,
    "3d": 3 * _DAY,
    "1w": 7 * _DAY,
}


def newest_bars(venue: Connection, symbol: str, interval: str, limit: int) -> tuple[Bar, ...]:
    """Up to `limit` finished bars, oldest first; fewer only where the symbol's history is shorter.

    Raises:
        DataError: for an unknown interval, an empty or contradictory answer.
        StaleDataError: when the newest finished bar ended more than one bar ago.
        VenueError: see `desk.ports.MarketData`.
    """
    step = INTERVAL_MS.get(interval)
    if step is None or limit < 1:
        raise DataError(f"no such bars: {limit} of {interval}")
    now = venue.venue_ms()
    # One more than asked for, because the newest row is usually still growing.
    found = (
        _one_page(venue, symbol, interval, limit + 1, now)
        if limit < PAGE
        else _pages(venue, symbol, interval, now - (limit + 1) * step, now)
    )
    if not found:
        raise DataError(f"no bar of {symbol} {interval} is finished yet")
    if now - (found[-1].open_time + step) > step:
        raise StaleDataError(
            f"the newest finished bar of {symbol} {interval} ended {(now - found[-1].open_time - step) // 1000} s ago"
        )
    return found[-limit:]


def _one_page(venue: Connection, symbol: str, interval: str, limit: int, now: int) -> tuple[Bar, ...]:
    params: dict[str, object] = {"symbol": symbol, "interval": interval, "limit": limit}
    return venue.read("futures_klines", lambda body: market.finished_bars(body, symbol, now), params)


def _pages(venue: Connection, symbol: str, interval: str, start: int, now: int) -> tuple[Bar, ...]:
    found: list[Bar] = []
    while start < now:
        params: dict[str, object] = {"symbol": symbol, "interval": interval, "startTime": start, "limit": PAGE}
        page = venue.read("futures_klines", lambda body: market.finished_bars(body, symbol, now), params)
        if found and page and page[0].open_time <= found[-1].open_time:
            raise DataError(f"the venue ignores startTime on the bars of {symbol}")
        found.extend(page)
        if not page:
            break
        start = page[-1].open_time + 1
    return tuple(found)
