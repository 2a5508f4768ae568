"""What the market shows right now, read once for REST answers and streams alike, so that the two never disagree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeGuard

from desk.domain.errors import DataError
from desk.domain.money import ZERO
from desk.venues.paper.engine.values import AssetIndex, Depth, Kline, MarkView, PublicTrade, SymbolSpec
from desk.venues.paper.sources import CrowdedSource, FundingRow, MarketSource
from desk.venues.paper.sources.crowd import CrowdRow
from desk.venues.paper.venue import PaperVenue
from desk.venues.paper.wire import errors
from desk.venues.paper.wire.market.past import PastTrades
from desk.venues.paper.wire.market.rows import DayTicker

DAY_MS = 86_400_000
INTERVALS: dict[str, int] = {
    "1m": 60_000,
    "3m": 180_000,
    "5m": 300_000,
    "15m": 900_000,
    "30m": 1_800_000,
    "1h": 3_600_000,
    "2h": 7_200_000,
    "4h": 14_400_000,
    "6h": 21_600_000,
    "8h": 28_800_000,
    "12h": 43_200_000,
    "1d": DAY_MS,
    "3d": 3 * DAY_MS,
    "1w": 7 * DAY_MS,
    "1M": 31 * DAY_MS,
}
# A day of bars this long is few enough to add up on every ticker request.
_DAY_BAR_MS = INTERVALS["15m"]
_MAX_BARS = 1_500
# More funding charges of one symbol than a venue makes in nine years.
_EVERY_CHARGE = 10_000


BarRequest = tuple[str, str, int | None, int | None, int]
"""Symbol, interval, start, end and limit, as `MarketSource.klines` takes them."""


class Tape:
    """Market reads of one venue at its present moment."""

    def __init__(self, venue: PaperVenue) -> None:
        self._venue = venue
        self._exchange = venue.exchange
        self._source = venue.source
        self._past = PastTrades(venue.source)
        self._days: dict[str, tuple[int, DayTicker]] = {}

    @property
    def symbols(self) -> tuple[str, ...]:
        """Every symbol that trades; a contract that is suspended or delivered stays in exchangeInfo alone."""
        return tuple(symbol for symbol in self._exchange.specs if self._exchange.status(symbol) == "TRADING")

    @property
    def specs(self) -> Mapping[str, SymbolSpec]:
        """Every contract."""
        return self._exchange.specs

    def contracts(self) -> Iterator[SymbolSpec]:
        """Every contract with the status that it has now."""
        for symbol, spec in self._exchange.specs.items():
            status = self._exchange.status(symbol)
            yield spec if status == spec.status else replace(spec, status=status)

    def contract(self, pair: str, contract_type: str) -> str:
        """The symbol of a pair's contract of one kind; raises Refusal -1121 when there is none."""
        for spec in self._exchange.specs.values():
            if spec.pair == pair and spec.contract_type == contract_type:
                return spec.symbol
        raise errors.bad_symbol()

    def now_ms(self) -> int:
        """The venue's time."""
        return self._venue.now_ms()

    def spec(self, symbol: str) -> SymbolSpec:
        """The contract; raises Refusal -1121 for an unlisted one."""
        spec = self._exchange.specs.get(symbol)
        if spec is None:
            raise errors.bad_symbol()
        return spec

    def mark(self, symbol: str) -> MarkView:
        """Mark, index, last and touch."""
        return self._exchange.mark(symbol)

    def book(self, symbol: str, limit: int) -> Depth:
        """The book, `limit` levels a side."""
        return self._exchange.depth(symbol, limit)

    def trades(self, symbol: str, limit: int) -> Sequence[PublicTrade]:
        """The newest public trades, oldest first; those from before this venue began among them."""
        own = self._exchange.public_trades(symbol, limit)
        if len(own) == limit:
            return own
        first = own[0].trade_id if own else self._exchange.next_trade_id(symbol)
        at_ms = own[0].at_ms if own else self.now_ms() + 1
        return [*self._past.before(self.spec(symbol), first, at_ms, limit - len(own)), *own]

    def asset_indexes(self) -> Sequence[AssetIndex]:
        """What each margin asset that has a price is worth in dollars."""
        return self._exchange.asset_indexes()

    def crowd(self, symbol: str) -> Sequence[CrowdRow]:
        """What the market's crowd holds, hour by hour; empty where the market knows of none."""
        source = self._source
        return source.crowd(symbol, self.now_ms()) if _tells_crowd(source) else ()

    def open_interest(self, symbol: str) -> Decimal:
        """What is held long, in base asset: by the accounts of this venue, and by the crowd where it is known."""
        crowd = self.crowd(symbol)
        return self.held(symbol) + (crowd[-1].open_interest if crowd else ZERO)

    def held(self, symbol: str) -> Decimal:
        """What the accounts of this venue hold long, in base asset."""
        held = ZERO
        for account in self._exchange.accounts():
            rows = self._exchange.positions(account, symbol)
            held += sum((row.quantity for row in rows if row.quantity > ZERO), ZERO)
        return held

    def check_interval(self, interval: str) -> None:
        """Refuse an interval that does not exist (-1120)."""
        if interval not in INTERVALS:
            raise errors.bad_interval()

    def klines(
        self, symbol: str, interval: str, start_ms: int | None, end_ms: int | None, limit: int
    ) -> Sequence[Kline]:
        """Bars at the venue's time. An interval that Binance has and this market has not is refused with -1120."""
        self.check_interval(interval)
        if interval not in self._source.intervals:
            raise errors.bad_interval()
        return self._source.klines(symbol, interval, start_ms, end_ms, limit, self.now_ms())

    def funding(self, symbol: str, start_ms: int | None, end_ms: int | None, limit: int) -> list[FundingRow]:
        """Funding charges, ascending: the market's own record, and what this venue charged where it has none."""
        now = self.now_ms()
        rows = {row.at_ms: row for row in self._source.funding_rates(symbol, start_ms, end_ms, limit, now)}
        for made in self._exchange.funding_charges(symbol, _EVERY_CHARGE):
            if (start_ms or 0) <= made.at_ms <= (now if end_ms is None else end_ms):
                rows[made.at_ms] = FundingRow(symbol=symbol, at_ms=made.at_ms, rate=made.rate, mark_price=made.mark)
        ordered = [rows[at] for at in sorted(rows)]
        return ordered[:limit] if start_ms is not None else ordered[-limit:]

    def day(self, symbol: str) -> DayTicker:
        """The last 24 hours. Added up once for each moment of the venue."""
        now = self.now_ms()
        known = self._days.get(symbol)
        if known is not None and known[0] == now:
            return known[1]
        day = self._add_up(symbol, now)
        self._days[symbol] = (now, day)
        return day

    def day_interval(self) -> str:
        """The bars a day is added up from: the longest the source has that are no longer than a quarter of an hour."""
        fitting = [name for name in self._source.intervals if INTERVALS.get(name, DAY_MS) <= _DAY_BAR_MS]
        return fitting[-1] if fitting else self._source.intervals[0]

    def day_request(self, symbol: str) -> BarRequest:
        """The bars of the last 24 hours: from the bar that opened a day ago, so that a moment later asks the same."""
        interval = self.day_interval()
        length = INTERVALS.get(interval, _DAY_BAR_MS)
        return symbol, interval, (self.now_ms() - DAY_MS) // length * length + length, None, _MAX_BARS

    def _add_up(self, symbol: str, now: int) -> DayTicker:
        bars = self._source.klines(*self.day_request(symbol), now)
        mark = self._exchange.mark(symbol)
        trades = self._exchange.public_trades(symbol, 1)
        if not bars:
            raise DataError(f"{symbol}: no bars in the last 24 hours")
        count = sum(bar.trades for bar in bars)
        last_id = trades[-1].trade_id if trades else count
        return DayTicker(
            symbol=symbol,
            open=bars[0].open,
            high=max(bar.high for bar in bars),
            low=min(bar.low for bar in bars),
            last=mark.last,
            last_quantity=trades[-1].quantity if trades else Decimal(0),
            volume=sum((bar.volume for bar in bars), Decimal(0)),
            quote_volume=sum((bar.quote_volume for bar in bars), Decimal(0)),
            open_ms=bars[0].open_ms,
            close_ms=now,
            first_id=max(0, last_id - count + 1),
            last_id=last_id,
            count=count,
        )


def _tells_crowd(source: MarketSource) -> TypeGuard[CrowdedSource]:
    # Asks the class: a protocol check would read properties that a source has no answer for before it opens.
    return hasattr(type(source), "crowd")
