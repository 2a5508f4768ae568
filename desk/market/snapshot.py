"""One moment of the market and the account, as a frozen value that keeps its own bytes.

`from_json(to_json(snapshot))` is equal to `snapshot`, and equal snapshots have equal bytes: every tool is a pure
function of a snapshot, so a decision can be recomputed from the stored bytes alone, bit for bit.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from desk.domain.certificates import mark_of
from desk.domain.errors import DataError
from desk.domain.market import Bar, Crowd, FundingPoint, Headline, Mark, OrderBook, Outlook
from desk.domain.moments import to_ms
from desk.market import snapshot_json
from desk.market.candles import Candles
from desk.market.intervals import interval_ms
from desk.market.order_flow import Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class BarSeries:
    """Finished bars of one interval, oldest first."""

    interval: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A market leader (BTC, ETH) beside the symbol: what tells its own move from everyone's."""

    symbol: str
    mark: Mark
    bars: tuple[BarSeries, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionBrief:
    """An open position as the guard reports it. Quantity is signed; unknown leverage and liquidation are None."""

    symbol: str
    quantity: Decimal
    entry: Decimal
    mark: Decimal
    unrealized: Decimal
    stop: Decimal | None
    target: Decimal | None
    leverage: int | None = None
    liquidation: Decimal | None = None

    @property
    def notional(self) -> Decimal:
        """Size in USDT at the mark, never negative."""
        return abs(self.quantity) * self.mark


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBrief:
    """The guard's account truth at one moment, in USDT unless said otherwise.

    Losses and what is left of a limit are positive amounts. `drawdown` and `drawdown_limit` are fractions of the peak;
    `max_leverage` is the gross exposure the guard allows, in multiples of equity. `latch` names what tripped, if any.
    """

    at: datetime
    mode: str
    latch: str | None
    equity: Decimal
    peak: Decimal
    day_baseline: Decimal
    day_limit: Decimal
    day_loss: Decimal
    day_left: Decimal
    rolling_loss: Decimal
    rolling_left: Decimal
    drawdown: Decimal
    drawdown_limit: Decimal
    gap_used: Decimal
    gap_left: Decimal
    max_leverage: Decimal
    unexplained: int
    open_intents: int
    positions: tuple[PositionBrief, ...]

    def position(self, symbol: str) -> PositionBrief | None:
        """The open position in `symbol`, or None when flat."""
        return next((p for p in self.positions if p.symbol == symbol and p.quantity), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyBrief:
    """What the promoted policy says of this moment, under the strategy's name and the mark of its certificate, if any.

    `action` is BUY, SELL or HOLD, `lead` its learnt value over holding, `visits` how often this place was seen.
    """

    strategy_id: str
    action: str
    lead: float
    visits: int

    @property
    def certified(self) -> bool:
        """Whether a certificate speaks for it."""
        return bool(mark_of(self.strategy_id)[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmBrief:
    """An alarm of the streams and what stood behind it then, as the watch told it; see `desk.spikes.values`.

    `sigma` is its size in the symbol's own deviations, `percent` in per cent, `market` how far the others had moved.
    """

    at: datetime
    type: str
    direction: str
    severity: str
    sigma: float
    percent: float
    market: float | None
    score: float
    market_wide: bool | None
    volume_behind: bool | None
    book_agrees: bool | None
    headline: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything a decision on `symbol` may look at. `headlines` is None when no news source answered.

    `outlook` is None where a profile reads no public pages, `policy` where none is promoted. `licence` is the name with
    its certificate's mark that an opening may be made under, None where nothing is proven. `crowd` is None where nobody
    was asked for statistics of traders, `flow` where the market is not listened to, `alarms` unless they are what the
    decision is about.
    """

    symbol: str
    at: datetime
    source: str
    mark: Mark
    bars: tuple[BarSeries, ...]
    book: OrderBook
    funding: tuple[FundingPoint, ...]
    headlines: tuple[Headline, ...] | None
    references: tuple[Reference, ...]
    account: AccountBrief
    outlook: Outlook | None = field(default=None, metadata=snapshot_json.LATER)
    policy: PolicyBrief | None = field(default=None, metadata=snapshot_json.LATER)
    licence: str | None = field(default=None, metadata=snapshot_json.LATER)
    crowd: Crowd | None = field(default=None, metadata=snapshot_json.LATER)
    flow: Flow | None = field(default=None, metadata=snapshot_json.LATER)
    alarms: tuple[AlarmBrief, ...] | None = field(default=None, metadata=snapshot_json.LATER)

    @property
    def intervals(self) -> tuple[str, ...]:
        """The intervals at hand, in the order they were stored."""
        return tuple(series.interval for series in self.bars)

    def candles(self, interval: str, symbol: str | None = None) -> Candles:
        """The candles of one interval, of this symbol or of a reference. Raises DataError when there are none."""
        for series in self._series(symbol or self.symbol):
            if series.interval == interval:
                return Candles.from_bars(symbol or self.symbol, interval, series.bars)
        raise DataError(f"the snapshot holds no {interval} bars of {symbol or self.symbol}")

    def all_candles(self) -> dict[str, Candles]:
        """The candles of every interval of this symbol that has bars."""
        return {s.interval: Candles.from_bars(self.symbol, s.interval, s.bars) for s in self.bars if s.bars}

    def change_pct(self, since: datetime) -> float | None:
        """The mark's change in per cent since a moment, by the finest bars that reach back to it; None if none do."""
        begin = to_ms(since)
        for series in sorted(self.bars, key=lambda one: interval_ms(one.interval)):
            if series.bars and series.bars[0].open_time <= begin:
                step = interval_ms(series.interval)
                known = [bar for bar in series.bars if bar.open_time + step <= begin] or list(series.bars[:1])
                return (float(self.mark.price) / known[-1].close - 1) * 100
        return None

    def _series(self, symbol: str) -> tuple[BarSeries, ...]:
        if symbol == self.symbol:
            return self.bars
        return next((r.bars for r in self.references if r.symbol == symbol), ())

    def to_json(self) -> bytes:
        """Canonical bytes: sorted keys, shortest floats, decimals as strings. Raises DataError for NaN or infinity."""
        return snapshot_json.encode(self)

    @staticmethod
    def from_json(data: bytes) -> Snapshot:
        """The snapshot these bytes were made from. Raises DataError for anything `to_json` cannot have written."""
        return snapshot_json.decode(Snapshot, data)

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical bytes, in hex: the name under which the audit log keeps this snapshot."""
        return hashlib.sha256(self.to_json()).hexdigest()
