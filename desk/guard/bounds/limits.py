"""The desk's limits as frozen, bounded values: every fraction is of 1 (0.05 is 5 %), every span in seconds.

A slip of the decimal point does not load, and there is no switch that turns a loss limit off. While the guard runs a
limit may only become stricter: `STRICTER` says which way that is, and what stands in neither column cannot be moved.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from desk.domain.errors import DataError
from desk.guard.bounds.calendar import Blackout, Hours

Symbol = Annotated[str, Field(pattern=r"^[A-Z0-9]{2,20}$")]
Fraction = Annotated[Decimal, Field(gt=0, le=1, decimal_places=6)]


class Limits(BaseModel):
    """The limits of the desk. The guard enforces them; every other part only reads them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    risk_per_trade: Decimal = Field(
        default=Decimal("0.01"), gt=0, le=Decimal("0.05"), description="Equity lost if a stop fills, conviction 1."
    )
    max_position: Decimal = Field(
        default=Decimal("0.5"), gt=0, le=5, description="Largest notional of one symbol, as a multiple of equity."
    )
    max_gross: Decimal = Field(
        default=Decimal("1"), gt=0, le=10, description="Largest sum of notionals, as a multiple of equity."
    )
    max_correlated: Decimal = Field(
        default=Decimal("0.75"), gt=0, le=10, description="Largest sum of one group's notionals on one side, of equity."
    )
    groups: dict[str, tuple[Symbol, ...]] = Field(
        default_factory=dict[str, tuple[Symbol, ...]],
        description="Symbols that fall together, by name; all that stand nowhere are one group.",
    )
    turnover: Decimal = Field(
        default=Decimal(20), gt=0, le=500, description="Notional opened in any 24 h, as a multiple of equity."
    )
    probation_days: int = Field(default=0, ge=0, le=30, description="First UTC days on which positions are smaller.")
    probation_share: Fraction = Field(default=Decimal("0.5"), description="Share of max_position on those days.")
    max_leverage: int = Field(
        default=3, ge=1, le=20, description="Gross notional over equity, and the leverage set at the venue."
    )
    margin_use: Fraction = Field(default=Decimal("0.9"), description="Share of available margin one entry may take.")
    daily_loss: Decimal = Field(
        default=Decimal("0.05"), gt=0, le=Decimal("0.20"), description="Loss of the UTC day, of the day's baseline."
    )
    rolling_loss: Decimal = Field(
        default=Decimal("0.08"), gt=0, le=Decimal("0.30"), description="Loss from the highest equity of 24 hours."
    )
    drawdown: Decimal = Field(
        default=Decimal("0.20"), gt=0, le=Decimal("0.50"), description="Loss from the highest equity ever."
    )
    gap_stress: dict[Symbol, Fraction] = Field(
        default_factory=lambda: {"BTCUSDT": Decimal("0.10"), "ETHUSDT": Decimal("0.10")},
        description="Price gap against us that the day's budget must survive, by symbol.",
    )
    gap_stress_default: Fraction = Field(default=Decimal("0.15"), description="The gap for every other symbol.")
    taker_fee: Decimal = Field(
        default=Decimal("0.0005"), ge=0, le=Decimal("0.01"), description="Fee reserved per side, of notional."
    )
    slippage_reserve: Decimal = Field(
        default=Decimal("0.002"), ge=0, le=Decimal("0.05"), description="Slippage reserved for entry and exit together."
    )
    stop_min: Decimal = Field(
        default=Decimal("0.002"), gt=0, le=Decimal("0.1"), description="Nearest stop allowed, of the entry price."
    )
    stop_max: Decimal = Field(
        default=Decimal("0.10"), gt=0, le=Decimal("0.3"), description="Farthest stop allowed, of the entry price."
    )
    liquidation_buffer: Decimal = Field(
        default=Decimal("0.25"), ge=0, lt=1, description="Share of 1/leverage that must lie between stop and ruin."
    )
    target_max: Fraction = Field(default=Decimal("0.5"), description="Farthest target allowed, of the entry price.")
    target_ratio: Decimal = Field(
        default=Decimal("1"), ge=0, le=10, description="A target must be at least this many stop distances away."
    )
    collar: Decimal = Field(
        default=Decimal("0.02"), gt=0, le=Decimal("0.1"), description="Mark the crew saw against the guard's, at most."
    )
    max_spread: Decimal = Field(
        default=Decimal("0.002"), gt=0, le=Decimal("0.05"), description="Ask above bid, of their middle, at most."
    )
    max_range: Decimal = Field(
        default=Decimal("0.05"), gt=0, le=Decimal("0.5"), description="Highest over lowest mark of 5 minutes, at most."
    )
    depth_window: Decimal = Field(
        default=Decimal("0.005"), gt=0, le=Decimal("0.05"), description="How far from the middle the book is counted."
    )
    depth_share: Fraction = Field(
        default=Decimal("0.25"), description="Share of the book's facing side that one entry may take."
    )
    closed_hours: tuple[Hours, ...] = Field(default=(), description="UTC hours of the week that open nothing.")
    blackouts: tuple[Blackout, ...] = Field(default=(), description="Named events around which nothing opens.")
    early_exit: Fraction = Field(
        default=Decimal("0.8"), description="Share of the stop distance at which the guard leaves by itself; 1 is off."
    )
    breakeven_at: Decimal = Field(
        default=Decimal(0), ge=0, le=20, description="Stop distances of profit that move the stop to entry; 0 is off."
    )
    trailing: Decimal = Field(
        default=Decimal(0), ge=0, le=Decimal("0.3"), description="Distance of a stop that follows the mark; 0 is off."
    )
    entries_per_minute: int = Field(default=6, ge=1, le=60, description="Entries sent in any 60 s of venue time.")
    entries_per_day: int = Field(default=100, ge=1, le=2000, description="Entries sent in any 24 h of venue time.")
    repeat_entries: int = Field(
        default=12, ge=1, le=2000, description="Entries of one strategy, symbol and side; one more locks the desk."
    )
    repeat_seconds: int = Field(default=3600, ge=60, le=86_400, description="Venue time in which those are counted.")
    reentry_seconds: int = Field(
        default=60, ge=0, le=86_400, description="Venue time between a symbol's close and its next entry; 0 is none."
    )
    streak_losses: int = Field(default=6, ge=2, le=50, description="Losing trades in a row that end the UTC day.")
    symbol_losses: int = Field(default=3, ge=2, le=50, description="Losing trades in a row that rest a symbol.")
    symbol_rest_seconds: int = Field(default=14_400, ge=60, le=86_400, description="How long such a symbol rests.")
    failed_orders: int = Field(default=5, ge=1, le=100, description="Failed orders in an hour that pause entries.")
    intents_per_minute: int = Field(default=60, ge=1, le=6000, description="Well-formed intents heard in any 60 s.")
    intent_seconds: int = Field(default=300, ge=1, le=3600, description="Longest life an intent may claim.")
    mark_age_seconds: int = Field(default=3, ge=1, le=30, description="Older marks open nothing.")
    account_age_seconds: int = Field(default=10, ge=1, le=60, description="An older account view opens nothing.")
    stale_exit_seconds: int = Field(default=60, ge=10, le=600, description="Marks this old close what is open.")
    clock_skew_ms: int = Field(default=1000, ge=100, le=5000, description="Venue clock against ours, at most.")
    equity_gap: Decimal = Field(
        default=Decimal("0.002"), gt=0, le=Decimal("0.05"), description="Venue equity against own ledger, at most."
    )
    naked_seconds: Decimal = Field(
        default=Decimal("2"), gt=0, le=10, description="From fill to a confirmed stop, else the position is closed."
    )
    grace_seconds: Decimal = Field(
        default=Decimal("3"), gt=0, le=30, description="Mark beyond the stop and still open: the guard exits itself."
    )
    denial_seconds: Decimal = Field(
        default=Decimal("10"), ge=1, le=600, description="Between the two denials that make an unknown order dead."
    )
    cooldown_seconds: int = Field(default=60, ge=1, le=86400, description="From reset request to its code working.")
    code_seconds: int = Field(default=600, ge=30, le=3600, description="How long a reset code works.")
    crash_hour: Decimal = Field(
        default=Decimal("0.15"), gt=0, le=Decimal("0.5"), description="Fall of BTC or ETH in one hour that halts."
    )
    crash_five_btc: Decimal = Field(
        default=Decimal("0.10"), gt=0, le=Decimal("0.5"), description="Fall of BTC in five minutes that halts."
    )
    crash_five_eth: Decimal = Field(
        default=Decimal("0.12"), gt=0, le=Decimal("0.5"), description="Fall of ETH in five minutes that halts."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.stop_min >= self.stop_max:
            raise ValueError("stop_min must be below stop_max")
        if self.rolling_loss < self.daily_loss:
            raise ValueError("rolling_loss must not be below daily_loss")
        if self.drawdown < self.rolling_loss:
            raise ValueError("drawdown must not be below rolling_loss")
        named = [symbol for group in self.groups.values() for symbol in group]
        if len(set(named)) != len(named):
            raise ValueError("groups must not share a symbol")
        return self

    def stress(self, symbol: str) -> Decimal:
        """The price gap against us, as a fraction, that `symbol` is sized to survive."""
        return self.gap_stress.get(symbol, self.gap_stress_default)

    def group(self, symbol: str) -> str:
        """The group that `symbol` falls with; an empty name is that of all symbols without one."""
        return next((name for name, symbols in self.groups.items() if symbol in symbols), "")


_LOWER = [
    "risk_per_trade",
    "max_position",
    "max_gross",
    "max_correlated",
    "turnover",
    "probation_share",
    "max_leverage",
    "margin_use",
    "daily_loss",
    "rolling_loss",
    "drawdown",
    "stop_max",
    "target_max",
    "collar",
    "max_spread",
    "max_range",
    "depth_window",
    "depth_share",
    "early_exit",
    "entries_per_minute",
    "entries_per_day",
    "repeat_entries",
    "streak_losses",
    "symbol_losses",
    "failed_orders",
    "intents_per_minute",
    "intent_seconds",
    "mark_age_seconds",
    "account_age_seconds",
    "stale_exit_seconds",
    "clock_skew_ms",
    "equity_gap",
    "naked_seconds",
    "grace_seconds",
    "crash_hour",
    "crash_five_btc",
    "crash_five_eth",
]
_HIGHER = [
    "probation_days",
    "gap_stress_default",
    "taker_fee",
    "slippage_reserve",
    "stop_min",
    "liquidation_buffer",
    "target_ratio",
    "repeat_seconds",
    "reentry_seconds",
    "symbol_rest_seconds",
    "denial_seconds",
    "cooldown_seconds",
]
STRICTER: Mapping[str, int] = MappingProxyType({**dict.fromkeys(_LOWER, -1), **dict.fromkeys(_HIGHER, 1)})
"""-1: a lower value is stricter, +1: a higher one. Other limits are set in the file alone."""

Changes = tuple[tuple[str, str], ...]


def stricter(limits: Limits, changes: Changes) -> Limits:
    """The limits with `changes`, name and text each, where they are stricter; what is no stricter changes nothing.

    Raises:
        DataError: a name that is no limit or cannot be moved, a value out of bounds, or limits that contradict.
    """
    unknown = [name for name, _ in changes if name not in STRICTER]
    if unknown:
        raise DataError(f"{unknown[0]:.40} is no limit that can be tightened while the guard runs")
    values = limits.model_dump()
    try:
        for name, text in changes:
            asked = type(values[name])(text)
            if (asked - values[name]) * STRICTER[name] > 0:
                values[name] = asked
        return Limits.model_validate(values)
    except (ValueError, ArithmeticError) as error:
        first = error.errors()[0]["msg"] if isinstance(error, ValidationError) else "not a number"
        raise DataError(f"not a limit: {first}") from error
