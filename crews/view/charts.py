"""A chart by itself: read in numbers, shown to the chart agent's model where that has eyes, both kept side by side.

Nothing is decided here. A picture is paid for from the day's budget and recorded like any other; a model that fails
costs the picture, and a symbol whose bars cannot be read costs its own chart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from agents.reports import AgentName
from crews.record.recorder import Recorder
from crews.setup import DeskSetup
from crews.spending.budget import Purse
from crews.view.picture import Picture
from desk.domain.errors import DataError, VenueError
from desk.domain.money import ZERO, plain
from desk.ledger import ChartRow, CostRow, Ledger
from desk.market.candles import Candles
from desk.ports import MarketData
from memory.audit import AuditLog
from tools.chart import ChartResult, ReadBy, picture_of, read_candles
from tools.rounding import short
from tools.tool import Eyes

_CHART = AgentName.CHART.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Charted:
    """One chart at one moment: both readings, its picture as PNG, who was shown it, and what that cost.

    `trouble` says why there is no reading; `result` is then None and `png` empty.
    """

    symbol: str
    at: datetime
    result: ChartResult | None
    png: bytes
    model: str
    requests: int
    prompt_tokens: int
    completion_tokens: int
    usd: Decimal
    trouble: str = ""

    @property
    def name(self) -> str:
        """What the record calls it."""
        return name_of(self.symbol, self.at)

    def to_json(self) -> dict[str, Any]:
        """The chart without its picture, as plain JSON values."""
        read = None if self.result is None else self.result.model_dump(mode="json", exclude_none=True)
        told = {"chart": self.name, "symbol": self.symbol, "at": self.at.isoformat(), "model": self.model}
        return {**told, "requests": self.requests, "usd": plain(self.usd), "reading": read, "trouble": self.trouble}


class Charts:
    """Reads charts of one market. `purse` gives each the budget of a decision that asks for nothing else."""

    def __init__(
        self,
        setup: DeskSetup,
        market: MarketData,
        audit: AuditLog,
        *,
        eyes: Eyes | None,
        purse: Callable[[], Purse],
    ) -> None:
        self._setup = setup
        self._market = market
        self._audit = audit
        self._eyes = eyes
        self._purse = purse

    def read(self, symbol: str, at: datetime) -> Charted:
        """One chart as of `at`. Raises JournalError when the record cannot be written."""
        settings, purse = self._setup.tools_for(symbol), self._purse()
        recorder = Recorder(self._audit, name_of(symbol, at))
        reader = None if self._eyes is None else Picture(self._eyes, purse=purse, recorder=recorder)
        result, png, trouble = None, b"", ""
        try:
            # As many as a decision gathers: the same bars make the same picture, which is looked at once.
            bars = self._market.bars(symbol, settings.chart_interval, self._setup.snapshot.bars)
            candles = Candles.from_bars(symbol, settings.chart_interval, bars)
            result, png = read_candles(candles, settings, reader), picture_of(candles, settings)
        except (DataError, VenueError) as error:
            trouble = error.message
        recorder.flush()
        return Charted(
            symbol=symbol,
            at=at,
            result=result,
            png=png,
            model=self._eyes.label if self._eyes is not None and purse.requests else "",
            requests=purse.requests,
            prompt_tokens=purse.prompt_tokens,
            completion_tokens=purse.completion_tokens,
            usd=purse.usd,
            trouble=trouble,
        )


def name_of(symbol: str, at: datetime) -> str:
    """The name a chart has in the audit log and in the ledger of costs."""
    return f"chart-{symbol}-{at:%Y%m%dT%H%M%S}"


def keep(ledger: Ledger, one: Charted) -> None:
    """Write a chart, and what it cost, into the ledger. Raises JournalError.

    Where time stands still, the first reading of a moment stands.
    """
    known = ledger.charts(symbol=one.symbol, since=one.at)
    if one.result is not None and one.at not in {row.at for row in known}:
        ledger.record(chart_row(one.result.model_dump(mode="json"), one.at, one.model))
    if one.requests and not any(row.decision_id == one.name for row in ledger.costs(since=one.at)):
        ledger.record(
            CostRow(
                decision_id=one.name,
                agent=_CHART,
                at=one.at,
                model=one.model,
                requests=one.requests,
                prompt_tokens=one.prompt_tokens,
                completion_tokens=one.completion_tokens,
                usd=one.usd,
            )
        )


def chart_row(told: Mapping[str, Any], at: datetime, model: str) -> ChartRow:
    """A row of the ledger from the chart tool's result as JSON; `model` is who was shown the picture."""
    sure = told.get("picture_confidence")
    return ChartRow(
        symbol=told["symbol"],
        interval=told["interval"],
        at=at,
        last_close=_exact(told["last_close"]),
        read_by=told["read_by"],
        trend=told["trend"],
        score=told["score"],
        confidence=_exact(told["confidence"]),
        picture_trend=told.get("picture_trend"),
        picture_score=told.get("picture_score"),
        picture_confidence=None if sure is None else _exact(sure),
        model=model if told["read_by"] == ReadBy.VISION.value else "",
    )


def _exact(value: float) -> Decimal:
    return Decimal(repr(short(value))) if value else ZERO
