"""What the market shows at one moment: marks, book levels, funding, bars, headlines, and what others say of it all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A symbol's mark and index price at `at`, with the funding rate that will be charged at `next_funding`."""

    symbol: str
    price: Decimal
    index: Decimal
    at: datetime
    funding_rate: Decimal
    next_funding: datetime


@dataclass(frozen=True, slots=True)
class Level:
    """One price level of an order book."""

    price: Decimal
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderBook:
    """Bids from the best downwards, asks from the best upwards."""

    symbol: str
    at: datetime
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A finished bar: `open_time` is its start in ms UTC, volume in base asset. Floats: for analysis, never money."""

    open_time: int
    open: float
    high: float
    low: float
    close: float
    volume: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingPoint:
    """A funding rate that was charged."""

    at: datetime
    rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """A news title as its source wrote it: hostile text until proven otherwise, never shown to an agent that trades."""

    at: datetime
    source: str
    title: str
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """A number that a public source told: its unit is its name's, `at` is the source's own time for it."""

    value: float
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What public sources say of the market at large. A part nobody told is None, and `silent` names who did not.

    Dominance, changes and Fear & Greed are in per cent, the cap and the prices in USD.
    """

    fear_greed: Gauge | None
    btc_dominance: Gauge | None
    eth_dominance: Gauge | None
    total_cap: Gauge | None
    cap_change_24h: Gauge | None
    btc_price: Gauge | None
    eth_price: Gauge | None
    silent: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """What the traders of a symbol hold and do, by the venue's own statistics: a value each `period`, oldest first.

    `open_interest` is in base asset. `accounts_long` is the share of all accounts that are long, `top_long` the long
    share of what the largest accounts hold, `taker_buys` the share of the takers' volume that bought; all in [0, 1].
    A series that nobody told is empty, and `silent` names it.
    """

    period: str
    open_interest: tuple[Gauge, ...]
    accounts_long: tuple[Gauge, ...]
    top_long: tuple[Gauge, ...]
    taker_buys: tuple[Gauge, ...]
    silent: tuple[str, ...]
