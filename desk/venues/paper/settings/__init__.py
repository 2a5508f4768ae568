"""What one paper exchange is told before it starts: its market, its clock, where it listens, and where its files are.

Read from the JSON file that `--settings` names. Every key is known or refused; a path is used as written, relative to
the working directory of the process.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, field_validator

from desk.domain.errors import ConfigError
from desk.venues.paper.clock import ClockMode
from desk.venues.paper.engine.money.fees import HIGHEST_TIER
from desk.venues.paper.settings.accounts import Account, Accounts, read_accounts
from desk.venues.paper.settings.market import (
    ClockSettings,
    ListingSettings,
    LiveSettings,
    Part,
    ReplaySettings,
    ScenarioSettings,
)
from desk.venues.paper.settings.orders import ReadingSettings, RealismSettings


class LimitSettings(Part):
    """Rate limits, in Binance's published numbers by default."""

    weight_per_minute: int = Field(default=2_400, ge=1)
    orders_per_minute: int = Field(default=1_200, ge=1)
    orders_per_ten_seconds: int = Field(default=300, ge=1)


class WireSettings(Part):
    """Choices where the live venue's shape is disputed, and switches that tests use."""

    legacy_ack: bool = Field(
        default=False, description="Answer orders with avgPrice and cumQuote, as before July 2026."
    )
    strict_private_events: bool = Field(default=False, description="Send nothing on private streams without `events=`.")
    position_rows: Literal["open", "all"] = Field(
        default="open", description="Which symbols v3 positionRisk tells of: those held or ordered, or all."
    )
    accept_wall_timestamps: bool = Field(
        default=True, description="Let requests be stamped by wall clock on a virtual one."
    )
    position_rows: Literal["open", "all"] = Field(
        default="open", description="positionRisk v3 shows symbols in use, as documented, or every symbol."
    )
    withdrawals_enabled: bool = Field(default=False, description="What apiRestrictions says of withdrawals.")


class MoneySettings(Part):
    """What the account holds beside its deposit, what it pays, and what the venue does when its fund is empty."""

    assets: dict[str, Decimal] = Field(default_factory=dict, description="First balances in other margin assets.")
    fee_tier: int = Field(default=0, ge=0, le=HIGHEST_TIER, description="VIP tier, 0 to 9.")
    insurance: dict[str, Decimal] = Field(default_factory=dict, description="What the insurance fund starts with.")
    auto_deleverage: bool = Field(
        default=False, description="Close opposite positions when the insurance fund cannot pay for a liquidation."
    )


class FaultSettings(Part):
    """Bad luck on purpose; nothing fails by default. See docs/faults.md."""

    file: Path | None = Field(default=None, description="A fault script, or the log of an earlier run.")
    log: Path | None = Field(default=None, description="Where what struck is written, as JSON lines.")
    admin: bool = Field(default=False, description="Serve /paper/v1/faults to the holder of the admin token.")


class VenueSettings(Part):
    """Everything the venue process reads. `deposit` is the account's first balance in USDT."""

    source: Annotated[ScenarioSettings | ReplaySettings | LiveSettings, Field(discriminator="kind")]
    listing: ListingSettings = ListingSettings()
    clock: ClockSettings = ClockSettings()
    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=0, ge=0, le=65_535, description="0 takes any free port; the run file says which.")
    run_file: Path
    keys_file: Path
    admin_token_file: Path | None = Field(default=None, description="Beside the keys file, as admin.token, by default.")
    state_file: Path
    accounts: tuple[Account, ...] = Field(default=(), description="Accounts beside the paper account.")
    accounts_file: Path | None = Field(default=None, description="More of them, as YAML or JSON.")
    deposit: Decimal = Field(default=Decimal(10_000), gt=0, le=Decimal(10**9))
    money: MoneySettings = MoneySettings()
    profile: str = ""
    limits: LimitSettings = LimitSettings()
    wire: WireSettings = WireSettings()
    realism: RealismSettings = RealismSettings()
    readings: ReadingSettings = ReadingSettings()
    faults: FaultSettings = FaultSettings()
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("host")
    @classmethod
    def _only_loopback(cls, host: str) -> str:
        if host not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError("the paper exchange listens on loopback only")
        return host

    def all_accounts(self) -> tuple[Account, ...]:
        """Those named here and those of the file.

        Raises:
            ConfigError: naming the file and the key that is wrong, or a name or key that stands twice.
        """
        told = read_accounts(self.accounts_file).accounts if self.accounts_file else ()
        try:
            return Accounts(accounts=(*self.accounts, *told)).accounts
        except ValidationError as error:
            raise ConfigError(error.errors()[0]["msg"], file=str(self.accounts_file or ""), key="accounts") from None

    @property
    def grain_ms(self) -> int | None:
        """The finest quote: a second where time passes by itself, the source's own steps where somebody steps it."""
        told = None if isinstance(self.source, LiveSettings) else self.source.grain_ms
        return told or {ClockMode.REAL: 1_000, ClockMode.FASTER: 1_000 * min(self.clock.speed, 15)}.get(self.clock.mode)

    @property
    def admin_token_path(self) -> Path:
        """Where the token that moves a stepped clock is kept."""
        return self.admin_token_file or self.keys_file.with_name("admin.token")


def read_settings(path: Path) -> VenueSettings:
    """Read the settings file.

    Raises:
        ConfigError: naming the file and the first key that is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=str(path)) from error
    try:
        return VenueSettings.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ConfigError(first["msg"], file=str(path), key=key) from error
