"""Brings what is wanted from Binance Vision into the store, four files at a time, and says what became of each.

Months come as months; of one that has not been published yet come its days. What is here under the sum that is
published now costs one small request; what was issued anew takes the place of what was here, and the rows that differ
are counted. A file that fails fails alone: the others go on, and the next run needs only what this one lacks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import islice
from pathlib import Path
from threading import Event
from typing import Protocol, TypeVar

from desk.domain.errors import DataError, FetchError, VenueUnavailableError
from desk.domain.moments import to_ms
from desk.history.kinds import SHAPES, Kind, Market
from desk.history.parquet import Source
from desk.history.periods import months
from desk.history.rows import Rows, read_rows
from desk.history.series import Series
from desk.history.store import HistoryStore
from desk.history.vision import Library, Piece, bring

_AT_ONCE = 4
# A month is published on the first Monday after it; one that is older and absent was never recorded.
_PUBLISHED_WITHIN = timedelta(days=14)
_TRANSIENT = frozenset({"unreachable", "slow", "rate_limited"})
_WAITS = (1.0, 4.0)
# So many files in a row that nobody answered for: the rest would not be answered either.
_GIVEN_UP_AFTER = 8
_ONCE_MORE = "run it again when the network is back: what came is kept, and it goes on from there"
_Answer = TypeVar("_Answer")


class Fate(StrEnum):
    """What became of a file."""

    UNCHANGED = "unchanged"
    FETCHED = "fetched"
    REISSUED = "reissued"
    ABSENT = "absent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One file's fate: rows in it, rows that differ from what was here before it, and why it failed."""

    piece: Piece
    fate: Fate
    rows: int = 0
    changed: int = 0
    repeated: int = 0
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is wanted: every kind of every symbol, bars of these intervals, days from `first` to before `end`."""

    symbols: Sequence[str]
    kinds: Sequence[Kind] = (Kind.KLINES,)
    intervals: Sequence[str] = ("1m",)
    first: date
    end: date
    market: Market = Market.UM

    def series(self) -> tuple[Series, ...]:
        """Each of them once. Raises DataError for what cannot be recorded."""
        found = [
            Series(self.market, kind, symbol, interval)
            for symbol in self.symbols
            for kind in self.kinds
            for interval in (self.intervals if SHAPES[kind].barred else ("",))
        ]
        return tuple(dict.fromkeys(found))


class Listener(Protocol):
    """Hears how a download goes. Called from several threads."""

    def planned(self, count: int) -> None:
        """So many more files will be looked at."""
        ...

    def received(self, count: int) -> None:
        """So many more bytes came."""
        ...

    def done(self, told: Told) -> None:
        """One file is done with."""
        ...


@dataclass
class Download:
    """One run. `scratch` holds files on their way, and what was cut off for the next run."""

    library: Library
    store: HistoryStore
    listener: Listener
    now: datetime
    pause: Callable[[float], None] = time.sleep
    scratch: Path = field(init=False)
    _stopped: Event = field(default_factory=Event, init=False)

    def __post_init__(self) -> None:
        """Make room for files on their way."""
        self.scratch = self.store.root / ".coming"

    def run(self, wish: Wish) -> tuple[Told, ...]:
        """Bring it all.

        Raises:
            OSError: when the disk does not take it; DataError for what cannot be wanted.
            VenueUnavailableError: when nobody answers; what came before is kept.
        """
        with self.store.writing():
            self.scratch.mkdir(parents=True, exist_ok=True)
            told = self._all(self._planned(wish))
            late = [day for one in told if self._may_come_as_days(one) for day in _days(one.piece, wish)]
            return (*told, *self._all(late))

    def _planned(self, wish: Wish) -> list[Piece]:
        """Whole months where a month has ended and Vision has months of the kind, days otherwise."""
        pieces: list[Piece] = []
        end = min(wish.end, self.now.date())
        for series in wish.series():
            for month in months(wish.first, end):
                whole = Piece(series, month)
                ended = month.end <= self.now.date()
                if series.shape.monthly and (ended or not series.shape.daily):
                    pieces += [whole] if ended else []
                else:
                    pieces += _days(whole, wish, end)
        return pieces

    def _may_come_as_days(self, told: Told) -> bool:
        piece = told.piece
        recent = self.now.date() - piece.period.end <= _PUBLISHED_WITHIN
        return told.fate is Fate.ABSENT and not piece.period.is_day and piece.series.shape.daily and recent

    def _all(self, pieces: Sequence[Piece]) -> tuple[Told, ...]:
        self.listener.planned(len(pieces))
        told: list[Told] = []
        unanswered = 0
        with ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="history") as pool:
            try:
                for piece, brought in _as_they_come(pool, self._bring, pieces):
                    told.append(self._settled(piece, brought))
                    self.listener.done(told[-1])
                    unanswered = unanswered + 1 if brought.unanswered else 0
                    if unanswered >= _GIVEN_UP_AFTER:
                        raise VenueUnavailableError(
                            f"Binance Vision does not answer: {brought.trouble}", hint=_ONCE_MORE
                        )
            except BaseException:
                # Whoever is told to stop does not wait for gigabytes; what came so far is used by the next run.
                self._stopped.set()
                pool.shutdown(cancel_futures=True)
                raise
        return tuple(told)

    def _bring(self, piece: Piece) -> _Brought:
        """What is published of a piece, unless it is here already. Runs beside others and never writes to the store."""
        try:
            sha256 = self._patiently(lambda: self.library.sha256(piece))
            known = self.store.source(piece.series, piece.name, piece.period)
            if known is not None and known.sha256 == sha256:
                return _Brought(Fate.UNCHANGED, sha256, size=known.rows)
            path = self.scratch / piece.path.replace("/", "_")
            self._patiently(lambda: bring(self.library, piece, sha256, path, self._received))
            rows = read_rows(path, piece.series, piece.period)
            path.unlink()
            return _Brought(Fate.FETCHED if known is None else Fate.REISSUED, sha256, rows)
        except FetchError as error:
            fate = Fate.ABSENT if error.rule == "absent" else Fate.FAILED
            unanswered = error.rule in _TRANSIENT
            return _Brought(fate, trouble=f"{error.message} ({error.rule})", unanswered=unanswered)
        except DataError as error:
            return _Brought(Fate.FAILED, trouble=error.message)

    def _received(self, count: int) -> None:
        if self._stopped.is_set():
            raise FetchError("stopped", rule="stopped")
        self.listener.received(count)

    def _patiently(self, ask: Callable[[], _Answer]) -> _Answer:
        for wait_s in _WAITS:
            try:
                return ask()
            except FetchError as error:
                if error.rule not in _TRANSIENT:
                    raise
                self.pause(wait_s)
        return ask()

    def _settled(self, piece: Piece, brought: _Brought) -> Told:
        if brought.rows is None:
            return Told(piece=piece, fate=brought.fate, rows=brought.size, trouble=brought.trouble)
        table, period = brought.rows.table, piece.period
        count = len(table[piece.series.shape.time])
        source = Source(
            name=piece.name,
            sha256=brought.sha256,
            from_ms=period.from_ms,
            to_ms=period.to_ms,
            rows=count,
            at_ms=to_ms(self.now),
        )
        kept = self.store.replace(piece.series, table, source)
        return Told(piece=piece, fate=brought.fate, rows=count, changed=kept.changed, repeated=brought.rows.repeated)


@dataclass(frozen=True, slots=True)
class _Brought:
    fate: Fate
    sha256: str = ""
    rows: Rows | None = None
    size: int = 0
    trouble: str = ""
    unanswered: bool = False


def _days(piece: Piece, wish: Wish, end: date | None = None) -> list[Piece]:
    """The days of a month that are wanted and over."""
    last = min(wish.end, end or wish.end)
    return [Piece(piece.series, day) for day in piece.period.days if wish.first <= day.first and day.end <= last]


def _as_they_come(
    pool: ThreadPoolExecutor, work: Callable[[Piece], _Brought], pieces: Iterable[Piece]
) -> Iterator[tuple[Piece, _Brought]]:
    """Results in the order they are ready, never more than a few of them in memory."""
    coming = iter(pieces)
    running: dict[Future[_Brought], Piece] = {pool.submit(work, piece): piece for piece in islice(coming, 2 * _AT_ONCE)}
    while running:
        ready, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in ready:
            piece = running.pop(future)
            running.update({pool.submit(work, following): following for following in islice(coming, 1)})
            yield piece, future.result()
