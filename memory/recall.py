"""What the desk remembers: decisions with what came of them, found again in markets like the one they were made in.

Kept in Chroma and made from the audit log alone, so it can be thrown away and made anew. Two shelves that never mix:
cases, by market state, and reflections, by their words. Each record has a source class and an expiry. A decision is
told numbers of cases of the desk's own class only; text is for people, whatever class it has.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from desk.domain.errors import ModelError, PrerequisiteError
from desk.domain.moments import from_ms, to_ms
from memory.embedding import Embedding

_MOST = 100
_LONGEST_TEXT = 1_000
_log = logging.getLogger(__name__)


class Source(StrEnum):
    """Who wrote a record: the desk's own code from its own outcomes, or anybody else."""

    DESK = "desk"
    STRANGERS = "strangers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A decision whose trade ended at `at`.

    `state` is the market it was made in, `side` 1 for long and -1 for short, `gain` the profit after costs as a share
    of the equity it was made on.
    """

    decision_id: str
    symbol: str
    at: datetime
    state: tuple[float, ...]
    side: int
    gain: float
    reflection: str
    source: Source = Source.DESK


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """What similar markets came to, in numbers.

    Cases found and those that won, mean gains as shares of equity, longs and shorts apart, and how alike the markets
    were, in [0, 1].
    """

    cases: int = 0
    won: int = 0
    long_gain: float = 0.0
    short_gain: float = 0.0
    likeness: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """The numbers as JSON, to six places."""
        return {name: round(value, 6) for name, value in asdict(self).items()}

    @staticmethod
    def from_json(told: Mapping[str, Any]) -> Recalled:
        """The numbers this was made from."""
        return Recalled(**told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """One reflection as a person reads it."""

    decision_id: str
    symbol: str
    at: datetime
    gain: float
    source: Source
    text: str


class DecisionMemory:
    """One profile's memory. Thread-safe as Chroma is. Records older than `days` are not recalled any more."""

    def __init__(self, folder: Path, embedding: Embedding, *, days: float) -> None:
        """Open or make it. Raises PrerequisiteError when the folder holds no memory that reads."""
        import chromadb
        from chromadb.config import Settings

        self._embedding, self._days = embedding, days
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._client = chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))
            self._cases = self._shelf("cases")
            self._words = self._shelf(f"reflections-{embedding.label}"[:60])
        except Exception as error:
            raise PrerequisiteError(
                f"the memory in {folder} does not open: {type(error).__name__}", hint="crew memory rebuild"
            ) from error

    def keep(self, case: Case) -> None:
        """Remember a case; again under the same decision replaces it.

        Raises ModelError when its words cannot be embedded; it is then remembered without them.
        """
        until = to_ms(case.at + timedelta(days=self._days))
        told = {
            "symbol": case.symbol,
            "at": to_ms(case.at),
            "until": until,
            "side": case.side,
            "gain": case.gain,
            "source": case.source.value,
        }
        if not all(map(math.isfinite, (*case.state, case.gain))):
            raise ModelError("a case with numbers that are none is not remembered")
        self._cases.upsert(ids=[case.decision_id], embeddings=[list(case.state)], metadatas=[told])
        text = case.reflection[:_LONGEST_TEXT]
        [vector] = self._embedding([text])
        self._words.upsert(ids=[case.decision_id], embeddings=[list(vector)], documents=[text], metadatas=[told])

    def like(self, state: Sequence[float], symbol: str, now: datetime, *, most: int, likeness: float) -> Recalled:
        """What the markets most like this one came to.

        Only cases of the desk's own class count: of this symbol, ended before `now`, not expired, so alike at least.
        """
        count = self._cases.count()
        if not count:
            return Recalled()
        found = self._cases.query(
            query_embeddings=[list(state)],
            n_results=min(most, count, _MOST),
            where={
                "$and": [
                    {"symbol": symbol},
                    {"source": Source.DESK.value},
                    {"until": {"$gt": to_ms(now)}},
                    {"at": {"$lt": to_ms(now)}},
                ]
            },
            include=["metadatas", "distances"],
        )
        pairs = zip((found["metadatas"] or [[]])[0], (found["distances"] or [[]])[0], strict=True)
        near = [(told, 1.0 - distance) for told, distance in pairs if 1.0 - distance >= likeness]
        return _numbers([(int(told["side"]), float(told["gain"]), alike) for told, alike in near])

    def search(self, words: str, now: datetime, *, most: int = 10) -> list[Remembered]:
        """Reflections most like these words, for a person. Raises ModelError when the words cannot be embedded."""
        count = self._words.count()
        if not count:
            return []
        [vector] = self._embedding([words[:_LONGEST_TEXT]])
        found = self._words.query(
            query_embeddings=[list(vector)],
            n_results=min(most, count, _MOST),
            where={"until": {"$gt": to_ms(now)}},
            include=["metadatas", "documents"],
        )
        rows = zip(found["ids"][0], (found["metadatas"] or [[]])[0], (found["documents"] or [[]])[0], strict=True)
        return [_remembered(name, told, text) for name, told, text in rows]

    def known(self) -> set[str]:
        """The decisions that are remembered."""
        return set(self._cases.get(include=[])["ids"])

    def clear(self) -> None:
        """Forget everything: it can be made anew from the audit log."""
        for shelf in (self._cases, self._words):
            names = shelf.get(include=[])["ids"]
            if names:
                shelf.delete(ids=names)

    def _shelf(self, name: str) -> Any:  # noqa: ANN401  Chroma's collection, which is generic in what we never use
        # Without a function of ours Chroma would download a model.
        return self._client.get_or_create_collection(name, embedding_function=None, metadata={"hnsw:space": "cosine"})


def _numbers(near: Sequence[tuple[int, float, float]]) -> Recalled:
    longs, shorts = ([gain for side, gain, _ in near if side == wanted] for wanted in (1, -1))
    return Recalled(
        cases=len(near),
        won=sum(gain > 0.0 for _, gain, _ in near),
        long_gain=sum(longs) / len(longs) if longs else 0.0,
        short_gain=sum(shorts) / len(shorts) if shorts else 0.0,
        likeness=sum(alike for _, _, alike in near) / len(near) if near else 0.0,
    )


def _remembered(name: str, told: Mapping[str, Any], text: str) -> Remembered:
    return Remembered(
        decision_id=name,
        symbol=str(told["symbol"]),
        at=from_ms(int(told["at"])),
        gain=float(told["gain"]),
        source=Source(told["source"]),
        text=text,
    )
