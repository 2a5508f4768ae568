"""What leaves the news room: enums, bounded numbers, known symbols, ages. Never a word of a headline."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """Which way a headline, or all of them together, leans."""

    POSITIVE = "POSITIVE"
    NEGATIVE = "NEGATIVE"
    NEUTRAL = "NEUTRAL"


class Topic(StrEnum):
    """What a headline is about, from a closed list."""

    HACK = "HACK"
    REGULATION = "REGULATION"
    ADOPTION = "ADOPTION"
    LISTING = "LISTING"
    PRICE = "PRICE"
    MACRO = "MACRO"
    TECHNOLOGY = "TECHNOLOGY"
    INSOLVENCY = "INSOLVENCY"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsItem:
    """One headline as numbers. `index` is its place in the snapshot; score is in [-1, 1], the others in [0, 1].

    `symbols` holds known symbols only; `relevance` is 1 for the symbol asked about, less for the market at large.
    `second` says that a second reader scored it, and not the lexicon.
    """

    index: int
    age_minutes: int
    tone: Tone
    score: float
    confidence: float
    relevance: float
    topic: Topic
    symbols: tuple[str, ...]
    suspicious: bool
    second: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsReading:
    """The mood for one symbol: confidence-weighted, newer headlines weigh more.

    `available` is False when no source answered: no news and no answer are different things. `witnesses` are the
    sources that clearly lean the way of the mood, each in its own words; one alone is a rumour. `vouched`, from 0 to 1,
    is how strongly at least two of them lean: as strongly as the weaker one does. `by_second` counts the items that a
    second reader scored, None where there is no such reader.
    """

    symbol: str
    available: bool
    mood: Tone
    score: float
    confidence: float
    positive: int
    negative: int
    neutral: int
    witnesses: int
    vouched: float
    items: tuple[NewsItem, ...]
    by_second: int | None = None

    @property
    def view(self) -> float:
        """How far the day leans, from -1 to 1: the score by its confidence."""
        return self.score * self.confidence

    @property
    def corroborated(self) -> bool:
        """Whether two independent sources agree: what one alone says may cost a trade, never make one."""
        return self.witnesses >= 2
