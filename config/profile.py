"""A profile: which venue the desk trades at, whose prices it sees, how time passes, and what it may reach.

Paper, testnet and live differ by what stands here, never by code. `live` alone is real money, and needs more than this
file: see `config.live`.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AwareDatetime, BeforeValidator, Field, model_validator

from config.models import LOOPBACK
from config.part import Name, Part, Text


def _moment(value: object) -> object:
    """A day alone means its first moment, UTC; any other time says its zone."""
    if not isinstance(value, str):
        return value
    text = f"{value}T00:00:00Z" if _DAY.fullmatch(value) else value
    return datetime.fromisoformat(text)


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class SourceSettings(Part):
    """Where the embedded paper exchange takes its prices from."""

    kind: Literal["scenario", "replay", "live"]
    seed: int = Field(0, ge=0, description="scenario: the same seed gives the same market")
    data: tuple[str, ...] = Field((), description="replay: Parquet or Binance Vision csv/zip files")
    start: Annotated[AwareDatetime, BeforeValidator(_moment)] | None = Field(
        None,
        description="replay: first venue time shown, such as 2024-08-01 or 2024-08-01T12:00:00Z; files' start if null",
    )
    base_url: str = Field("", description="live: whose public prices")


class VenueSettings(Part):
    """Where orders go. An empty `base_url` is the embedded paper exchange that a kickoff starts on loopback."""

    kind: Literal["paper", "testnet", "live"]
    base_url: str
    source: SourceSettings | None = None
    deposit: Decimal = Field(Decimal(0), ge=0, description="paper: opening balance in USDT")


class KeySettings(Part):
    """Where the guard finds the venue's key. Only the guard reads it; a key never stands in a file of this folder."""

    source: Literal["generated", "environment", "file", "keyring"]
    key_env: str = Field("", pattern=r"^([A-Z][A-Z0-9_]*)?$")
    secret_env: str = Field("", pattern=r"^([A-Z][A-Z0-9_]*)?$")
    file: str = ""
    service: str = Field("", pattern=r"^[A-Za-z0-9._-]{0,60}$", description="keyring: whose `api_key` and `secret`")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.source == "environment" and not (self.key_env and self.secret_env):
            raise ValueError("source `environment` needs `key_env` and `secret_env`")
        if self.source == "file" and not self.file:
            raise ValueError("source `file` needs `file`")
        if self.source == "keyring" and not self.service:
            raise ValueError("source `keyring` needs `service`")
        return self


class ClockSettings(Part):
    """How venue time passes. `stepped` moves only when a kickoff moves it, `substep_seconds` at a time."""

    mode: Literal["real", "faster", "stepped"]
    speed: int = Field(1, ge=1, le=10_000, description="faster: venue seconds per second")
    substep_seconds: int = Field(5, ge=1, le=3600, description="stepped: guard looks at the venue this often")


class Allowed(Part):
    """What this profile may do at all."""

    real_money: bool
    network: tuple[str, ...] = Field(description="the only hosts beyond loopback that venue and prices may come from")
    public_pages: bool = Field(False, description="whether news and context are read from the public internet")


class ProfileSettings(Part):
    """One file of profiles/."""

    name: Name
    label: Text
    venue: VenueSettings
    keys: KeySettings
    clock: ClockSettings
    allows: Allowed
    armed: bool = Field(description="first of the three opt-ins of real money")

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        live = self.venue.kind == "live"
        if live != self.allows.real_money:
            raise ValueError("`allows.real_money` must be true for venue kind live, and for no other")
        if self.armed and not live:
            raise ValueError("`armed` is only for venue kind live")
        if (self.venue.kind == "paper") != (self.venue.source is not None):
            raise ValueError("`venue.source` belongs to venue kind paper, and to no other")
        if self.allows.public_pages and self.clock.mode != "real":
            raise ValueError("`allows.public_pages` needs a real clock: today's news say nothing of another day")
        if self.venue.kind != "paper" and self.clock.mode != "real":
            raise ValueError("only a paper venue has a clock other than real")
        for address in (self.venue.base_url, self.venue.source.base_url if self.venue.source else ""):
            host = urlsplit(address).hostname or ""
            if address and host not in LOOPBACK and host not in self.allows.network:
                raise ValueError(f"host {host or address!r} is not among `allows.network`")
        return self
