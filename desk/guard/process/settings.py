"""What the guard process is told: venue, key, files and pace as frozen, bounded values. Nonsense does not load."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from desk.domain.errors import ConfigError
from desk.guard.bounds.limits import Limits, Symbol


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
    """Where the exchange key comes from: a 0600 file, the system's keyring, or two variables. Never this file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Path | None = Field(default=None, description='JSON {"api_key","secret"}, readable by its owner only.')
    keyring: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9._-]{0,60}$",
        description="A service in the keyring: users `api_key`, `secret`.",
    )
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
    certificates: tuple[Path, ...] = Field(
        default=(), description="Proofs of an edge, signed with the operator's token; testnet and live need one."
    )
    run_file: Path = Field(description="Written once the guard listens: pid, url, started_at.")
    dead_man: Literal["orders", "all", "unknown"] = Field(
        default="unknown", description="What the venue's countdownCancelAll was found to cancel; unknown means all."
    )
    halt_file: Path | None = Field(default=None, description="A file that halts the desk for as long as it is there.")
    watch: bool = Field(default=False, description="Whether a watcher replaces this guard when it falls silent.")
    silent_seconds: float = Field(default=10.0, ge=1, le=60, description="How long a watched guard may be silent.")
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
