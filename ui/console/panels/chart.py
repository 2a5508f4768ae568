"""The chart: candles with the unfinished one, the desk's own entries, exits, stops, targets and levels, as data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from typing import Any

from desk.domain.errors import DeskError
from desk.domain.market import Bar
from desk.domain.moments import to_ms
from desk.indicators import classic
from desk.market.candles import Candles as Columns
from desk.market.chart import read_chart
from desk.venues.binance.bars import INTERVAL_MS
from ui.console.panels.wanted import Wanted
from ui.figures import sentence, told_trouble
from ui.server.house import House
from ui.window.market import Candles

AVERAGES = (21, 50)
_TRADES = 200
_LEVELS = 2


def chart(house: House, wanted: Wanted) -> str:
    """The chart of a symbol as JSON; without a market its trouble, and no old candle."""
    symbol = wanted.symbol(house.window.symbols)
    try:
        found = house.window.market.candles(symbol, wanted.interval)
        told = _told(house, found)
    except DeskError as error:
        told = {
            "symbol": symbol,
            "interval": wanted.interval,
            "trouble": sentence(f"{told_trouble(error.message)}. {error.hint}".strip()),
        }
    return json.dumps(told, separators=(",", ":"))


def _told(house: House, found: Candles) -> dict[str, Any]:
    bars = [*found.bars, *([found.forming] if found.forming else [])]
    columns = Columns.from_bars(found.symbol, found.interval, found.bars)
    averages = {
        str(period): [
            [bar.open_time // 1000, float(value)]
            for bar, value in zip(found.bars, classic.ema(columns.close, period), strict=True)
            if value == value
        ]
        for period in AVERAGES
    }
    return {
        "symbol": found.symbol,
        "interval": found.interval,
        "precision": _precision(found.mark.price),
        "bars": [_row(bar) for bar in bars],
        "averages": averages,
        "lines": [*_positions(house, found.symbol), *_levels(columns)],
        "markers": sorted(_trades(house, found), key=lambda mark: mark["time"]),
    }


def _row(bar: Bar) -> list[float]:
    return [bar.open_time // 1000, bar.open, bar.high, bar.low, bar.close, round(bar.volume, 3)]


def _precision(price: Decimal) -> int:
    """Digits after the point so that seven are significant, but two at least."""
    return max(2, min(8, 6 - price.adjusted() - 1))


def _positions(house: House, symbol: str) -> Iterator[dict[str, Any]]:
    """Entry, stop and target of an open position, as the guard tells them now."""
    seen = house.window.guard.look()
    if seen.blind or seen.status is None:
        return
    for held in seen.status.positions:
        if held.symbol == symbol:
            side = "long" if held.quantity > 0 else "short"
            yield {"kind": "entry", "price": float(held.entry), "title": side}
            if held.stop:
                yield {"kind": "stop", "price": float(held.stop), "title": "stop"}
            if held.target:
                yield {"kind": "target", "price": float(held.target), "title": "target"}


def _levels(columns: Columns) -> Iterator[dict[str, Any]]:
    """The nearest supports and resistances that the chart's reading names."""
    with suppress(DeskError):
        reading = read_chart(columns)
        for level in (*reading.supports[:_LEVELS], *reading.resistances[:_LEVELS]):
            yield {"kind": "level", "price": float(level.price), "title": ""}


def _trades(house: House, found: Candles) -> Iterator[dict[str, Any]]:
    """An arrow where a trade began, a dot where it ended, on the bar in which it did."""
    ledger = house.window.books.ledger()
    if ledger is None:
        return
    step, first = INTERVAL_MS[found.interval], found.bars[0].open_time
    for trade in ledger.trades(symbol=found.symbol, limit=_TRADES):
        long = trade.quantity > 0
        opened = to_ms(trade.opened_at) // step * step
        if opened >= first:
            shape = "arrowUp" if long else "arrowDown"
            kind = "target" if long else "stop"
            yield {
                "time": opened // 1000,
                "below": long,
                "shape": shape,
                "kind": kind,
                "text": "long" if long else "short",
            }
        if trade.closed_at is not None and (closed := to_ms(trade.closed_at) // step * step) >= first:
            won = trade.pnl is not None and trade.pnl > 0
            text = f"{trade.pnl:+.2f}" if trade.pnl is not None else "out"
            kind = "target" if won else "stop"
            yield {"time": closed // 1000, "below": not long, "shape": "circle", "kind": kind, "text": text}
