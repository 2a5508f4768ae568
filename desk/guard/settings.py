"""What the operator allows: limits and addresses as frozen, bounded values. Nonsense does not load.

Every fraction is of 1 (0.05 is 5 %), every limit is bounded so that a slip of the decimal point is refused, and there
is no switch that turns a limit off.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from desk.domain.errors import ConfigError

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
    target_max: Fraction = Field(default=Decimal("0.5"), description="Farthest target allowed, of the entry price.")
    target_ratio: Decimal = Field(
        default=Decimal("1"), ge=0, le=10, description="A target must be at least this many stop distances away."
    )
    collar: Decimal = Field(
        default=Decimal("0.02"), gt=0, le=Decimal("0.1"), description="Mark the crew saw against the guard's, at most."
    )
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
        return self

    def stress(self, symbol: str) -> Decimal:
        """The price gap against us, as a fraction, that `symbol` is sized to survive."""
        return self.gap_stress.get(symbol, self.gap_stress_default)


class VenueSettings(BaseModel):
    """Which venue, and how its clock runs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["paper", "testnet", "live"]
    base_url: str = Field(pattern=r"^https?://[A-Za-z0-9.:\[\]-]+$", description="Scheme, host and port; no path.")
    virtual_clock: bool = Field(default=False, description="The venue's time is not wall time (stepped or faster).")
    speed: int = Field(default=1, ge=1, le=100_000, description="Venue seconds per real second; paper only.")

    @model_validator(mode="after")
    def _real_time(self) -> Self:
        if self.kind != "paper" and (self.virtual_clock or self.speed != 1):
            raise ValueError("only a paper venue may have a clock of its own")
        if self.kind == "live" and not self.base_url.startswith("https://"):
            raise ValueError("live needs https")
        return self


class KeySource(BaseModel):
    """Where the exchange key comes from: a 0600 JSON file, or two environment variables. Never this file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Path | None = Field(default=None, description='JSON {"api_key","secret"}, readable by its owner only.')
    key_variable: str = Field(default="CREWDESK_API_KEY", pattern=r"^[A-Z][A-Z0-9_]{2,60}$")
    secret_variable: str = Field(default="CREWDESK_API_SECRET", pattern=r"^[A-Z][A-Z0-9_]{2,60}$")


class GuardSettings(BaseModel):
    """Everything the guard process is told: `python -m desk.guard --settings FILE`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,30}$")
    venue: VenueSettings
    keys: KeySource = KeySource()
    symbols: tuple[Symbol, ...] = Field(min_length=1, max_length=50, description="The exact allow-list.")
    limits: Limits = Limits()
    journal: Path
    crew_token_file: Path = Field(description="Bearer token of the crew; 0600.")
    operator_token_file: Path = Field(description="Bearer token of the human; 0600; may reset.")
    run_file: Path = Field(description="Written once the guard listens: pid, url, started_at.")
    host: Literal["127.0.0.1", "::1", "localhost"] = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65535, description="0 takes a free port; the run file tells which.")
    poll_seconds: float = Field(default=2.0, ge=0.05, le=10, description="Marks and account; half as often while flat.")
    fast_poll_seconds: float = Field(default=0.2, ge=0.02, le=2, description="While an order or stop is unsettled.")
    orders_seconds: float = Field(default=20.0, ge=0.1, le=60, description="Both order lists, when all is calm.")
    allow_live: bool = Field(default=False, description="The first of three opt-ins to live trading.")

    @model_validator(mode="after")
    def _known(self) -> Self:
        if len(set(self.symbols)) != len(self.symbols):
            raise ValueError("symbols are listed twice")
        return self


def load_settings(path: Path) -> GuardSettings:
    """Read the settings file (JSON).

    Raises:
        ConfigError: naming the file, the key and the line, for anything missing, unknown or out of bounds.
    """
    try:
        text = path.read_text(encoding="utf-8")
        data = json.loads(text)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=str(path)) from error
    except ValueError as error:
        raise ConfigError(f"is not JSON: {error}", file=str(path), line=getattr(error, "lineno", None)) from error
    try:
        return GuardSettings.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        line = _line_of(text, [str(part) for part in first["loc"]])
        raise ConfigError(first["msg"], file=str(path), key=key, line=line) from error


def _line_of(text: str, keys: list[str]) -> int | None:
    names = [key for key in keys if not key.isdigit()]
    if not names:
        return None
    at = 0
    for name in names:
        found = text.find(f'"{name}"', at)
        at = found if found >= 0 else at
    return text.count("\n", 0, at) + 1
