"""What the master is shown of those who read what strangers write or draw: it may speak against a trade, not for one.

An opening needs the weighted signal on its side, so which way it could go is known before anybody decides. A report of
news that leans that way on the word of a single source is shown as silence; one that leans against it is shown as it
is. Where two sources agree, a report may lean as far as the weaker of them does: who barely says so vouches for no
more. And bad news of one source, or of several that agree, is heard in full however loud the others are. A report of
the chart may lean the trade's way as far as the candles do in numbers: the picture, and whoever looked at it, are
one witness, the numbers the other. Whatever a stranger plants can therefore cost the desk a trade, and neither makes
one nor makes one larger. Pure.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from agents.chart import ChartReport, borne_out, score_in_numbers
from agents.news import NewsReport
from agents.opinion import OpinionReport
from agents.reports import Report
from crews.setup import DeskSetup
from desk.domain.errors import DataError
from desk.market.snapshot import Snapshot
from desk.news.mood import read_news, read_side
from desk.news.values import NewsReading, Tone
from tools.chart import READ_CHART
from tools.market import GET_ORDER_BOOK
from tools.tool import NoArgs, Tool, ToolContext

_TOOL = "read_headlines"
_NOTHING: Mapping[str, float] = MappingProxyType({"lean": 0.0, "confidence": 0.0})


def without_hearsay(
    reports: Mapping[str, Report], snapshot: Snapshot, setup: DeskSetup, signal: int
) -> Mapping[str, Report]:
    """The reports as the master may see them; `signal` is the weighted signal, above zero for long."""
    return _as_two_sources_say(_as_candles_say(reports, snapshot, setup, signal), snapshot, setup, signal)


def _as_candles_say(
    reports: Mapping[str, Report], snapshot: Snapshot, setup: DeskSetup, signal: int
) -> Mapping[str, Report]:
    """Reports of the chart that lean the trade's way held to what can be computed from the same candles."""
    leaning = {a: r for a, r in reports.items() if isinstance(r, ChartReport) and r.score * signal > 0}
    held = {agent: borne_out(r, _in_numbers(agent, snapshot, setup), signal) for agent, r in leaning.items()}
    return {**reports, **held}


def _in_numbers(agent: str, snapshot: Snapshot, setup: DeskSetup) -> float:
    """The chart's score by the written rules alone, from the tools this agent has, without a picture.

    Where there are no candles to read, nothing bears out what anybody says of them.
    """
    context = ToolContext(snapshot=snapshot, settings=setup.tools_for(snapshot.symbol))
    seat = setup.specialists.get(agent)
    has_book = seat is not None and GET_ORDER_BOOK.name in seat.tools
    try:
        return score_in_numbers(_told(READ_CHART, context), _told(GET_ORDER_BOOK, context) if has_book else None)
    except DataError:
        return 0.0


def _told(tool: Tool[Any], context: ToolContext) -> Mapping[str, Any]:
    return json.loads(tool.run(context, NoArgs()).model_dump_json())


def _as_two_sources_say(
    reports: Mapping[str, Report], snapshot: Snapshot, setup: DeskSetup, signal: int
) -> Mapping[str, Report]:
    if not any(isinstance(report, NewsReport | OpinionReport) for report in reports.values()):
        return reports
    known = setup.tools_for(snapshot.symbol).known_symbols
    reading = read_news(snapshot.headlines, snapshot.symbol, snapshot.at, known=known)
    heard = {agent: _shown(report, _reads_news(agent, setup), reading, signal) for agent, report in reports.items()}
    against = _loudest_against(snapshot, known, signal)
    return {agent: _not_drowned(report, against, signal) for agent, report in heard.items()}


def _loudest_against(snapshot: Snapshot, known: tuple[str, ...], signal: int) -> NewsReading | None:
    """What those sources that speak against the signal make of the day; None where none does."""
    return read_side(snapshot.headlines or (), snapshot.symbol, snapshot.at, -float(signal), known=known)


def _not_drowned(report: Report, against: NewsReading | None, signal: int) -> Report:
    """The report, at least as far against the signal as those sources are."""
    if not isinstance(report, NewsReport) or against is None:
        return report
    side = math.copysign(1.0, signal)
    if report.score * report.confidence * side <= against.view * side:
        return report
    return report.model_copy(update={"mood": against.mood, "score": against.score, "confidence": against.confidence})


def _reads_news(agent: str, setup: DeskSetup) -> bool:
    seat = setup.specialists.get(agent)
    return seat is not None and _TOOL in seat.tools


def _shown(report: Report, reads_news: bool, reading: NewsReading, signal: int) -> Report:
    if isinstance(report, NewsReport):
        heard = _heard(report.score, reading, signal)
        return report.model_copy(update={"score": heard}) if heard else _silent(report) if report.score else report
    if isinstance(report, OpinionReport) and reads_news:
        heard = _heard(report.lean, reading, signal)
        return report.model_copy(update={"lean": heard} if heard or not report.lean else _NOTHING)
    return report


def _heard(score: float, reading: NewsReading, signal: int) -> float:
    """How far a score may lean: as it does against a trade, as two sources do in favour of one."""
    if score * signal <= 0:
        return score
    side = Tone.POSITIVE if score > 0 else Tone.NEGATIVE
    vouched = reading.vouched if reading.corroborated and reading.mood is side else 0.0
    return math.copysign(min(abs(score), vouched), score)


def _silent(report: NewsReport) -> NewsReport:
    """The report of somebody who heard nothing: what is left of a rumour would be a hint of it."""
    return NewsReport(
        note=report.note,
        mood=Tone.NEUTRAL,
        score=0.0,
        confidence=0.0,
        items=0,
        suspicious=0,
        topics=(),
        freshest_minutes=None,
    )
