"""An alert: an alarm of the streams, and what stood behind it at that very moment, as far as the streams can tell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from desk.domain.market import OrderBook
from desk.market.book import imbalance
from desk.news.values import NewsReading, Tone
from desk.spikes import legitimacy
from desk.spikes.live import Alarm, SpikeStream
from desk.spikes.values import Legitimacy, Severity, SpikeDirection, SpikeType

_SIGN = {SpikeDirection.UP: 1, SpikeDirection.DOWN: -1, SpikeDirection.NONE: 0}
# Fewer others than this are no market.
_FEWEST_OTHERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alarm with its severity, and what stood behind it. `market` is how far the others had moved, in deviations."""

    alarm: Alarm
    severity: Severity
    legitimacy: Legitimacy
    market: float | None

    @property
    def symbol(self) -> str:
        """Whose alarm."""
        return self.alarm.symbol

    @property
    def worth(self) -> float:
        """What makes one alert matter more than another: its size over threshold, as far as something stands behind."""
        return self.alarm.found.excess * self.legitimacy.score


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnesses:
    """What is known of a symbol's market when it alarms: its own stream, its book, the others' moves, the news."""

    own: SpikeStream
    book: OrderBook | None
    others: Iterable[float]
    news: NewsReading | None


def alert_of(alarm: Alarm, witnesses: Witnesses) -> Alert:
    """Ask what stands behind an alarm. The others' middle move answers for the market; a few are none."""
    found, sign = alarm.found, _SIGN[alarm.found.direction]
    moves = list(witnesses.others)
    market = median(moves) if len(moves) >= _FEWEST_OTHERS else None
    return Alert(
        alarm=alarm,
        severity=legitimacy.severity_of(found.excess),
        legitimacy=legitimacy.weigh(
            market_wide=None if market is None or not sign else sign * market >= legitimacy.MARKET_SIGMA,
            volume_behind=_loud(found.type, witnesses.own),
            book_agrees=_leans(found.type, witnesses.book, sign),
            headline=_headline(found.type, witnesses.news, sign),
        ),
        market=None if market is None else round(market, 3),
    )


def _loud(kind: SpikeType, own: SpikeStream) -> bool | None:
    """Whether volume stands behind it. A volume spike cannot vouch for itself."""
    if kind is SpikeType.VOLUME or own.loud is None:
        return None
    return own.loud >= legitimacy.VOLUME_SIGMA


def _leans(kind: SpikeType, book: OrderBook | None, sign: int) -> bool | None:
    if kind is SpikeType.BOOK_IMBALANCE or book is None or not sign:
        return None
    return sign * imbalance(book, legitimacy.BOOK_LEVELS) >= legitimacy.BOOK_LEAN


def _headline(kind: SpikeType, news: NewsReading | None, sign: int) -> bool | None:
    """Whether two sources say so: one alone is a rumour, which makes no move look genuine."""
    if kind is SpikeType.NEWS_CATALYST or news is None or not news.available or not sign:
        return None
    return news.corroborated and news.mood is (Tone.POSITIVE if sign > 0 else Tone.NEGATIVE)
