"""What is traded and where its price is: contract rules, margin brackets, one moment of the outside market, bars."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from desk.domain.account import SymbolRules
from desk.domain.money import ZERO

Ladder = tuple[tuple[Decimal, Decimal], ...]
"""Liquidity behind one touch, best first: (distance from the touch as a fraction of it, quantity in base asset)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bracket:
    """One notional bracket of a symbol. For a notional in (floor, cap]: maintenance margin = notional x ratio - cum."""

    number: int
    initial_leverage: int
    floor: Decimal
    cap: Decimal
    ratio: Decimal
    cum: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolSpec:
    """A contract: filters, margin brackets (ascending), fees and funding terms. Rates are fractions.

    `contract_type` is PERPETUAL, or the quarter a dated contract stands for; one with a `delivery_ms` is closed by
    the venue at that moment and pays no funding. `market_take_bound` is how far from the mark a market order may
    trade; `trigger_protect` is the widest gap between mark and last price at which a protected conditional order may
    trigger; funding cap and floor are per interval.
    """

    symbol: str
    pair: str
    base: str
    quote: str
    contract_type: str
    rules: SymbolRules
    brackets: tuple[Bracket, ...]
    maker_fee: Decimal
    taker_fee: Decimal
    liquidation_fee: Decimal
    market_take_bound: Decimal
    trigger_protect: Decimal
    funding_interval_hours: int
    funding_cap: Decimal
    funding_floor: Decimal
    price_precision: int
    quantity_precision: int
    onboard_ms: int
    status: str = "TRADING"
    delivery_ms: int | None = None

    @property
    def is_dated(self) -> bool:
        """Whether the contract ends in a delivery."""
        return self.delivery_ms is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The outside market of one symbol at one moment.

    `price` is the mid, `spread` the full spread as a fraction of it. `ladder` stands on both sides unless `ask_ladder`
    is given. `index` is None where the source has no index: the mid then serves. `funding_rate` is the rate of the
    running interval where the source knows it, None where the venue is to compute it. `volume` is what the outside
    market traded since the quote before, in base asset. `gap`: the price jumped here, nothing traded on the way.
    """

    symbol: str
    at_ms: int
    price: Decimal
    spread: Decimal
    ladder: Ladder
    index: Decimal | None = None
    ask_ladder: Ladder | None = None
    funding_rate: Decimal | None = None
    volume: Decimal = ZERO
    gap: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kline:
    """One bar as Binance's klines carry it; `volume` and `taker_base` in base asset, the quote fields in USDT."""

    open_ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    close_ms: int
    quote_volume: Decimal
    trades: int
    taker_base: Decimal
    taker_quote: Decimal
