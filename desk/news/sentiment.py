"""What a headline says, in one number: lexicon weights with negation, intensity and the longest phrase first."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from desk.news.lexicon import NEGATIONS, REVERSALS, STRONGER, WEAKER, Meaning, lexicon, meaning_of
from desk.news.text import words
from desk.news.values import Tone, Topic

# The bound that reads the earlier half of the labelled headlines best (`python -m benchmarks.skill.news --fit`).
LEAN = 0.1
_SCALE = 4.0
# A question, a list of tips or a guide says less than a statement: nothing has happened.
_ADVICE = 0.2
_ASKS_OR_ADVISES = re.compile(
    r"\?$|^(?:how|why|what|when|where|which|should|can|could|will|do|does|is|are) |^(?:the )?(?:top )?\d{1,2} [a-z]+"
    r"|^(?:top|best|guide|explainer|podcast|explained|opinion|learn|discover|your) |\bhow to\b|\byour?\b",
    re.IGNORECASE,
)
_NEGATION_REACH = 3
_PHRASE_WORDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentiment:
    """A headline's score in [-1, 1], how sure its reader is in [0, 1], and what it is about."""

    score: float
    confidence: float
    tone: Tone
    topic: Topic


@lru_cache(maxsize=1_024)
def sentiment_of(text: str) -> Sentiment:
    """Read one plain text. A text without a word of the lexicon is neutral with no confidence."""
    hits = _hits(words(text))
    total = sum(weight for weight, _ in hits)
    if _ASKS_OR_ADVISES.search(text):
        total *= _ADVICE
    score = math.tanh(total / _SCALE)
    size = sum(abs(weight) for weight, _ in hits)
    agreement = abs(sum(weight for weight, _ in hits)) / size if size else 0.0
    confidence = (1 - math.exp(-size / 3)) * (0.25 + 0.75 * agreement)
    return Sentiment(score=round(score, 4), confidence=round(confidence, 4), tone=tone_of(score), topic=_topic(hits))


def tone_of(score: float) -> Tone:
    """Which way a score leans, whoever gave it."""
    return Tone.POSITIVE if score > LEAN else Tone.NEGATIVE if score < -LEAN else Tone.NEUTRAL


def _hits(tokens: tuple[str, ...]) -> list[tuple[float, Topic]]:
    """The weight, as changed by the words before it, and the topic of every word or phrase that means something."""
    hits: list[tuple[float, Topic]] = []
    place = 0
    while place < len(tokens):
        meaning, length = _longest(tokens, place)
        if meaning is not None:
            hits.append((meaning.weight * _mood_of_words_before(tokens, place), meaning.topic))
        place += length
    return hits


def _longest(tokens: tuple[str, ...], place: int) -> tuple[Meaning | None, int]:
    for length in range(min(_PHRASE_WORDS, len(tokens) - place), 1, -1):
        phrase = lexicon().get("_".join(tokens[place : place + length]))
        if phrase is not None:
            return phrase, length
    return meaning_of(tokens[place]), 1


def _mood_of_words_before(tokens: tuple[str, ...], place: int) -> float:
    factor = 1.0
    for word in tokens[max(0, place - _NEGATION_REACH) : place]:
        if word in NEGATIONS or word in REVERSALS:
            factor *= -0.7
        factor *= STRONGER.get(word, 1.0) * WEAKER.get(word, 1.0)
    return factor


def _topic(hits: list[tuple[float, Topic]]) -> Topic:
    """The topic that carries the most weight; on a tie the one named first in `Topic`."""
    if not any(weight for weight, _ in hits):
        return Topic.OTHER
    return max(Topic, key=lambda topic: sum(abs(weight) for weight, named in hits if named is topic))
