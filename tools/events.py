"""Tools over what strangers can cause: sudden moves and headlines. Only enums, numbers and known symbols come out."""

from __future__ import annotations

from desk.domain.errors import ToolRefusedError
from desk.market.candles import Candles
from desk.news.mood import SecondReader, read_news, tellings
from desk.news.values import NewsReading, Tone, Topic
from desk.spikes.scan import scan_spikes
from desk.spikes.values import Severity, SpikeDirection, SpikeType
from tools.rounding import compact
from tools.tool import IntervalName, NoArgs, Result, SymbolName, Tool, ToolContext, Trust

# One of each kind, and a catalyst each way.
MAX_SPIKES = 7
MAX_ITEMS = 8
_SCAN_INTERVALS = ("1m", "5m", "15m")


class LegitimacyResult(Result):
    """What stands behind a move; a check is absent when there was nothing to check it with."""

    score: float
    market_wide: bool | None
    volume_behind: bool | None
    book_agrees: bool | None
    headline: bool | None


class SpikeResult(Result):
    """One sudden event, sized in the symbol's own deviations and in per cent."""

    type: SpikeType
    direction: SpikeDirection
    severity: Severity
    sigma: float
    percent: float
    interval: IntervalName
    bars_ago: int
    legitimacy: LegitimacyResult


class ScanResult(Result):
    """Spikes, the largest first, and the noise per bar in per cent they were measured against."""

    symbol: SymbolName
    interval: IntervalName
    bar_sigma_pct: float
    spikes: list[SpikeResult]


def _scan(context: ToolContext, args: NoArgs) -> ScanResult:
    snapshot = context.snapshot
    interval = next((i for i in _SCAN_INTERVALS if i in snapshot.intervals), snapshot.intervals[0])
    scan = scan_spikes(
        snapshot.candles(interval),
        book=snapshot.book,
        mark=snapshot.mark,
        funding=snapshot.funding,
        references=_references(context, interval),
        news=_corroborated_news(context),
        parameters=context.settings.spikes,
    )
    result = compact(scan)
    result["spikes"] = result["spikes"][:MAX_SPIKES]
    return ScanResult.model_validate(result)


def _references(context: ToolContext, interval: str) -> tuple[Candles, ...]:
    return tuple(
        context.snapshot.candles(interval, reference.symbol)
        for reference in context.snapshot.references
        if any(series.interval == interval and series.bars for series in reference.bars)
    )


def _news(context: ToolContext, second: SecondReader | None = None) -> NewsReading:
    snapshot, known = context.snapshot, context.settings.known_symbols
    return read_news(snapshot.headlines, snapshot.symbol, snapshot.at, known=known, second=second)


def _corroborated_news(context: ToolContext) -> tuple[NewsReading, ...]:
    """The news as any two sources tell it who agree: a rumour is no catalyst, and makes no move look legitimate.

    Whoever says the opposite takes nothing from what two say, and where two stand on either side both are heard.
    """
    snapshot, known = context.snapshot, context.settings.known_symbols
    if not snapshot.headlines:
        return ()
    sides = (tellings(snapshot.headlines, snapshot.symbol, snapshot.at, side, known=known) for side in (1.0, -1.0))
    return tuple(reading for side in sides for reading in side if reading.corroborated)


SCAN_SPIKES = Tool(
    name="scan_spikes",
    description="Sudden moves of price, volume, book, index and liquidations, each with what stands behind it.",
    args=NoArgs,
    result=ScanResult,
    trust=Trust.UNTRUSTED,
    side_effect=False,
    compute=_scan,
)


class NewsItemResult(Result):
    """One headline as numbers."""

    age_minutes: int
    tone: Tone
    score: float
    confidence: float
    relevance: float
    topic: Topic
    symbols: list[SymbolName]
    suspicious: bool


class HeadlinesResult(Result):
    """The mood for the symbol, without a word of any headline.

    `by_model` counts the headlines that a language model scored, each shown to it alone; absent where none is asked.
    """

    symbol: SymbolName
    mood: Tone
    score: float
    confidence: float
    positive: int
    negative: int
    neutral: int
    witnesses: int
    vouched: float
    by_model: int | None = None
    items: list[NewsItemResult]


def _headlines(context: ToolContext, args: NoArgs) -> HeadlinesResult:
    if context.snapshot.headlines is None:
        raise ToolRefusedError("no_news_source", "no news source answered; there is nothing to report")
    result = compact(_news(context, context.headline_reader))
    del result["available"]
    result["by_model"] = result.pop("by_second")
    result["items"] = [
        {name: value for name, value in item.items() if name not in ("index", "second")}
        for item in result["items"][:MAX_ITEMS]
    ]
    return HeadlinesResult.model_validate(result)


READ_HEADLINES = Tool(
    name="read_headlines",
    description="The mood of recent headlines as tones, topics, scores and ages. Headline text is never shown.",
    args=NoArgs,
    result=HeadlinesResult,
    trust=Trust.UNTRUSTED,
    side_effect=False,
    compute=_headlines,
)
