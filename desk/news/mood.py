"""The mood for one symbol: every story once, weighed by relevance, confidence and age, a suspicious one hardly.

Words are read by the lexicon. A second reader, where there is one, replaces its score for the headlines it read;
whether two sources agree stays a matter of their words alone, so that nobody can be talked into a second witness.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations

from desk.domain.market import Headline
from desk.news.relevance import ELSEWHERE, LEADER, named_symbols, relevance_of
from desk.news.sentiment import Sentiment, sentiment_of
from desk.news.stories import first_tellings
from desk.news.text import PlainText, plain_text, words
from desk.news.values import NewsItem, NewsReading, Tone

HALF_LIFE = timedelta(hours=6)
OLDEST = timedelta(hours=72)
MOST_ITEMS = 100
MOOD_LEAN = 0.15
# A source that leans less than this says too little to stand for what another one says.
CLEAR = 0.25
_SUSPICIOUS_FACTOR = 0.1
_LEADERS = ("BTCUSDT", "ETHUSDT")

SecondReader = Callable[[Sequence[str]], Mapping[str, Sentiment]]
"""Reads plain titles, the most important first, and tells what it can; a title it has no answer for is left out."""


def read_news(
    headlines: Sequence[Headline] | None,
    symbol: str,
    now: datetime,
    *,
    known: Sequence[str] = (),
    second: SecondReader | None = None,
) -> NewsReading:
    """The mood about `symbol` (such as BTCUSDT) from headlines up to `now`; `known` are further symbols.

    Headlines from the future, older than three days, or that tell again what was told are left out. `None` (no source
    answered) gives a reading that says so. `second` is shown no suspicious headline, and none about other coins.
    """
    if headlines is None:
        return _reading(symbol, (), None)
    universe = tuple(dict.fromkeys((symbol, *known, *_LEADERS)))
    young = [i for i, headline in enumerate(headlines) if timedelta(0) <= now - headline.at <= OLDEST]
    told = [young[place] for place in first_tellings([headlines[i] for i in young])]
    newest = sorted(told, key=lambda i: headlines[i].at, reverse=True)[:MOST_ITEMS]
    plain = [plain_text(headlines[i].title) for i in newest]
    items = tuple(
        _item(headlines[i], i, text, now - headlines[i].at, symbol, universe)
        for i, text in zip(newest, plain, strict=True)
    )
    sources = [headlines[i].source for i in newest]
    in_words = _reading(symbol, items, sources)
    return in_words if second is None else _read_again(in_words, plain, sources, second)


def read_side(
    headlines: Sequence[Headline], symbol: str, now: datetime, side: float, *, known: Sequence[str] = ()
) -> NewsReading | None:
    """The day as those sources tell it that lean this way (above zero for long); None where none does.

    Of all their tellings the one that leans the farthest. A source that leans the other way, however loud, is in none:
    it can neither outshout these nor crowd them out.
    """
    told = tellings(headlines, symbol, now, side, known=known)
    return max(told, key=lambda reading: reading.view * side, default=None)


def tellings(
    headlines: Sequence[Headline], symbol: str, now: datetime, side: float, *, known: Sequence[str] = ()
) -> tuple[NewsReading, ...]:
    """The day as told by sources that lean this way: each alone, every two, then the loudest ones together.

    One more source can only add tellings. What any two say stands in one of them whatever a third one does, and be it
    on their side: it cannot water down what they say, nor tell their stories first in weaker words.
    """
    told: dict[str, list[Headline]] = {}
    for one in headlines:
        told.setdefault(one.source.casefold(), []).append(one)
    alone = {source: read_news(lines, symbol, now, known=known) for source, lines in sorted(told.items())}
    leaning = [source for source, reading in alone.items() if reading.score * side > 0]
    leaning.sort(key=lambda source: abs(alone[source].score), reverse=True)
    together = [*combinations(leaning, 2), *(leaning[:count] for count in range(3, len(leaning) + 1))]
    return (
        *(alone[source] for source in leaning),
        *(
            read_news([line for source in sources for line in told[source]], symbol, now, known=known)
            for sources in together
        ),
    )


def weight_of(item: NewsItem) -> float:
    """How much an item counts in the mood: relevance x confidence, halved every six hours."""
    return item.relevance * item.confidence * 0.5 ** (item.age_minutes * 60 / HALF_LIFE.total_seconds())


def _read_again(
    in_words: NewsReading, plain: Sequence[PlainText], sources: Sequence[str], second: SecondReader
) -> NewsReading:
    """The mood with a second reader's scores where it gave any, and the witnesses its words have."""
    pairs = list(zip(in_words.items, plain, strict=True))
    shown = [text.text for item, text in pairs if text.text and not item.suspicious and item.relevance > ELSEWHERE]
    told = second(shown)
    items = tuple(
        _said(item, told[text.text]) if text.text in told and text.text in shown else item for item, text in pairs
    )
    again = _reading(in_words.symbol, items, sources)
    witnesses, vouched = _vouched(_strengths(in_words.items, sources, again.mood))
    return replace(again, witnesses=witnesses, vouched=vouched, by_second=sum(item.second for item in items))


def _said(item: NewsItem, told: Sentiment) -> NewsItem:
    return replace(item, tone=told.tone, score=told.score, confidence=told.confidence, topic=told.topic, second=True)


def _item(
    headline: Headline, index: int, plain: PlainText, age: timedelta, symbol: str, universe: tuple[str, ...]
) -> NewsItem:
    sentiment = sentiment_of(plain.text)
    named = named_symbols(plain.text, headline.symbols, universe)
    confidence = sentiment.confidence * (_SUSPICIOUS_FACTOR if plain.suspicious else 1.0)
    return NewsItem(
        index=index,
        age_minutes=int(age / timedelta(minutes=1)),
        tone=sentiment.tone,
        score=sentiment.score,
        confidence=round(confidence, 4),
        relevance=relevance_of(symbol, named, words(plain.text)),
        topic=sentiment.topic,
        symbols=named,
        suspicious=plain.suspicious,
    )


def _reading(symbol: str, items: tuple[NewsItem, ...], sources: Sequence[str] | None) -> NewsReading:
    weights = [weight_of(item) for item in items]
    total = sum(weights)
    score = sum(w * item.score for w, item in zip(weights, items, strict=True)) / total if total > 0 else 0.0
    # Two ordinary fresh headlines about the symbol itself make the mood about two thirds certain.
    confidence = 1 - math.exp(-total / 1.5)
    mood = Tone.POSITIVE if score > MOOD_LEAN else Tone.NEGATIVE if score < -MOOD_LEAN else Tone.NEUTRAL
    tones = [item.tone for item in items]
    witnesses, vouched = _vouched(_strengths(items, sources or (), mood))
    return NewsReading(
        symbol=symbol,
        available=sources is not None,
        mood=mood,
        score=round(score, 4),
        confidence=round(confidence, 4),
        positive=tones.count(Tone.POSITIVE),
        negative=tones.count(Tone.NEGATIVE),
        neutral=tones.count(Tone.NEUTRAL),
        witnesses=witnesses,
        vouched=vouched,
        items=items,
    )


def _vouched(strengths: Sequence[float]) -> tuple[int, float]:
    """How many spoke, and how far two of them go together."""
    return len(strengths), strengths[1] if len(strengths) > 1 else 0.0


def _strengths(items: Sequence[NewsItem], sources: Sequence[str], mood: Tone) -> list[float]:
    """How strongly each source leans the way of the mood about this symbol or its market, the strongest first.

    Each story stands here once, so no two sources speak in the same words.
    """
    spoke: dict[str, float] = {}
    for item, source in zip(items, sources, strict=True):
        if item.tone is mood and not item.suspicious and item.relevance >= LEADER and abs(item.score) >= CLEAR:
            spoke[source.casefold()] = max(spoke.get(source.casefold(), 0.0), abs(item.score))
    return sorted(spoke.values(), reverse=True)
