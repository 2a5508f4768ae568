"""Which market a paper exchange plays, which contracts it lists there, and how its time passes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from desk.domain.moments import to_ms
from desk.venues.paper.clock import ClockMode


class Part(BaseModel):
    """A group of settings: every key is known or refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _Grained(Part):
    grain_ms: int | None = Field(
        default=None, ge=100, le=3_600_000, description="Finest quote of the market; the clock's choice by default."
    )


class ScenarioSettings(_Grained):
    """An invented market: the same seed always gives the same prices, books, funding and headlines."""

    kind: Literal["scenario"] = "scenario"
    seed: int = Field(default=7, ge=0, description="Seed of everything random in this market.")
    symbols: tuple[str, ...] | None = Field(
        default=None,
        description="Symbols listed; by default all of exchangeInfo's, or of this venue's own list.",
    )
    start: datetime | None = Field(
        default=None, description="First moment of the market, UTC; the source's own by default."
    )


class ReplayFile(Part):
    """Recorded candles of one symbol: Parquet, or Binance Vision's csv or zip."""

    symbol: str = Field(min_length=2, max_length=40)
    path: Path
    interval: str | None = Field(default=None, description="Length of a bar, such as 15m; told by the file by default.")
    funding: Path | None = Field(default=None, description="Recorded funding rates of the symbol.")


class ReplaySettings(_Grained):
    """A recorded market. `start` is the first moment its clock shows; earlier bars are history."""

    kind: Literal["replay"] = "replay"
    files: tuple[ReplayFile, ...] = Field(min_length=1)
    start: datetime | None = Field(default=None, description="Where the clock starts, UTC.")
    end: datetime | None = Field(
        default=None, description="Where the clock stops, UTC; the end of the data by default."
    )

    @model_validator(mode="after")
    def _one_file_a_symbol(self) -> ReplaySettings:
        symbols = [file.symbol for file in self.files]
        if len(set(symbols)) != len(symbols):
            raise ValueError("each symbol takes one file")
        return self


class LiveSettings(Part):
    """Binance's public feed as the price source; fills stay on paper."""

    kind: Literal["live"] = "live"
    symbols: tuple[str, ...] = Field(min_length=1)
    upstream: str | None = Field(default=None, description="REST root of the public feed; Binance's own by default.")
    upstream_stream: str | None = Field(default=None, description="WebSocket root of the public feed.")


class ListingSettings(Part):
    """Contracts as Binance publishes them, in place of this venue's own. Plain JSON or gzip."""

    exchange_info: Path | None = Field(default=None, description="An exchangeInfo answer: filters, precisions, status.")
    brackets: Path | None = Field(default=None, description="A leverageBracket answer.")


class ClockSettings(Part):
    """How virtual time passes. `speed` is venue seconds per wall second, and only `faster` reads it."""

    mode: ClockMode = ClockMode.REAL
    speed: int = Field(default=1, ge=1, le=100_000)
    wall: bool = Field(
        default=False, description="A real clock that shows this machine's time; what it missed is met at once."
    )

    @model_validator(mode="after")
    def _only_a_real_clock_shows_the_time(self) -> ClockSettings:
        if self.wall and self.mode is not ClockMode.REAL:
            raise ValueError(f"a clock that is {self.mode.value} cannot show this machine's time")
        return self


def start_ms(moment: datetime) -> int:
    """A configured moment in ms UTC; one without a zone is read as UTC."""
    return to_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
