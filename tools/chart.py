"""The chart, read in numbers; and through a vision model where one is configured, with the numbers as the floor.

A picture can mislead a model and a model can be down. The levels and patterns always come from the candles; a vision
model only adds its view of trend and score, and when it fails the answer says so and stays numeric.
"""

from __future__ import annotations

import logging
from enum import StrEnum

from desk.domain.errors import ModelError
from desk.market.candles import Candles
from desk.market.chart import ChartReading, Pattern, Recommendation, Trend, read_chart
from desk.market.chart_image import MOST_BARS, render_chart
from tools.rounding import compact
from tools.tool import (
    ChartReader,
    IntervalName,
    NoArgs,
    PictureReading,
    Result,
    SymbolName,
    Tool,
    ToolContext,
    ToolSettings,
    Trust,
)

_log = logging.getLogger(__name__)
_LEVELS = 3
_PATTERNS = 5


class ReadBy(StrEnum):
    """Who read the chart."""

    NUMBERS = "NUMBERS"
    VISION = "VISION"
    NUMBERS_AFTER_VISION_FAILED = "NUMBERS_AFTER_VISION_FAILED"


class LevelResult(Result):
    """A price where the market turned before; distance in per cent of the last close."""

    price: float
    touches: int
    score: float
    distance_pct: float


class PatternResult(Result):
    """A pattern, which way it leans, and how long ago it was completed."""

    pattern: Pattern
    lean: int
    bars_ago: int


class ChartResult(Result):
    """What the chart says; score in [-100, 100]. `picture_*` is the vision model's view, absent without one.

    Both readings stand side by side: `same_trend` says whether they name the same trend, `apart` is the picture's score
    less the numbers'.
    """

    symbol: SymbolName
    interval: IntervalName
    bars: int
    read_by: ReadBy
    last_close: float
    trend: Trend
    trend_strength: float
    supports: list[LevelResult]
    resistances: list[LevelResult]
    patterns: list[PatternResult]
    score: int
    recommendation: Recommendation
    confidence: float
    picture_trend: Trend | None = None
    picture_score: int | None = None
    picture_confidence: float | None = None
    same_trend: bool | None = None
    apart: int | None = None


def read_candles(candles: Candles, settings: ToolSettings, reader: ChartReader | None) -> ChartResult:
    """The newest of these bars, read in numbers, and by `reader` where there is one. Raises DataError for too few."""
    reading = read_chart(candles.tail(settings.chart_bars))
    if reader is None:
        return _result(reading, ReadBy.NUMBERS, None)
    try:
        picture = reader.read(candles.symbol, candles.interval, picture_of(candles, settings))
    except ModelError as error:
        _log.warning("vision model failed, chart read in numbers: %s", error)
        return _result(reading, ReadBy.NUMBERS_AFTER_VISION_FAILED, None)
    return _result(reading, ReadBy.VISION, picture)


def picture_of(candles: Candles, settings: ToolSettings) -> bytes:
    """The picture a model is shown, as PNG: the bars that are read, with averages warmed up on those before them."""
    bars = min(settings.chart_bars, MOST_BARS)
    return render_chart(candles, read_chart(candles.tail(settings.chart_bars)), bars=bars)


def _chart(context: ToolContext, args: NoArgs) -> ChartResult:
    settings = context.settings
    return read_candles(context.snapshot.candles(settings.chart_interval), settings, context.chart_reader)


def _result(reading: ChartReading, read_by: ReadBy, picture: PictureReading | None) -> ChartResult:
    values = compact(reading)
    values["supports"] = values["supports"][:_LEVELS]
    values["resistances"] = values["resistances"][:_LEVELS]
    values["patterns"] = values["patterns"][:_PATTERNS]
    if picture is not None:
        values |= {f"picture_{name}": value for name, value in picture.model_dump(mode="json").items()}
        values |= {"same_trend": picture.trend.value == reading.trend.value, "apart": picture.score - reading.score}
    return ChartResult.model_validate({"read_by": read_by, **values})


READ_CHART = Tool(
    name="read_chart",
    description="Trend, support and resistance, patterns, score and recommendation of the chart.",
    args=NoArgs,
    result=ChartResult,
    trust=Trust.UNTRUSTED,
    side_effect=False,
    compute=_chart,
)
