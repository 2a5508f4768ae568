"""The market as the venue shows it to anybody: candles with the unfinished one, and marks. No key, no old answer."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Lock

from config.loader import DeskConfig
from crews.running import processes
from crews.running.services import Folder
from desk.domain.errors import DeskError, VenueUnavailableError
from desk.domain.market import Bar, Mark
from desk.domain.moments import to_ms
from desk.venues.binance.bars import INTERVAL_MS
from desk.venues.binance.public import BinancePublic, open_public

# A venue of our own may be asked each second; one that counts requests, a third as often.
_FRESH_SECONDS, _FRESH_ABROAD_SECONDS = 1.0, 3.0
SHOWN_BARS = 300
_MINUTE, _DAY = INTERVAL_MS["1m"], INTERVAL_MS["1d"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candles:
    """Finished bars, oldest first; `forming` is the bar at hand, folded from its minutes and the mark."""

    symbol: str
    interval: str
    bars: tuple[Bar, ...]
    forming: Bar | None
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    """Bars that have finished and do not change any more, and the finished minutes of the bar from `start` on."""

    bars: tuple[Bar, ...]
    start: int
    minutes: tuple[Bar, ...] = ()


class MarketPane:
    """Looks at one profile's venue. Thread-safe; each answer serves everybody for a moment."""

    def __init__(self, config: DeskConfig, folder: Folder) -> None:
        self._config, self._folder = config, folder
        self._lock = Lock()
        self._public: BinancePublic | None = None
        self._fresh = _FRESH_ABROAD_SECONDS if config.profile.venue.base_url else _FRESH_SECONDS
        self._kept: dict[tuple[str, str, int], tuple[float, Candles]] = {}
        self._seen: dict[tuple[str, str, int], _Series] = {}

    def close(self) -> None:
        """Give the connections back."""
        with self._lock:
            self._drop()

    def candles(self, symbol: str, interval: str, limit: int = SHOWN_BARS) -> Candles:
        """Candles of a symbol. Raises VenueError or DataError when the venue does not tell them now."""
        with self._lock:
            key = (symbol, interval, limit)
            kept = self._kept.get(key)
            if kept is not None and time.monotonic() - kept[0] <= self._fresh:
                return kept[1]
            try:
                found = self._read(symbol, interval, limit)
            except DeskError:
                self._drop()
                raise
            self._kept[key] = (time.monotonic(), found)
            return found

    def _read(self, symbol: str, interval: str, limit: int) -> Candles:
        """The mark each time; bars only when another has finished, for the venue counts what it is asked."""
        public, step = self._connected(), INTERVAL_MS[interval]
        mark = public.marks((symbol,))[symbol]
        now, key = to_ms(mark.at), (symbol, interval, limit)
        seen = self._seen.get(key)
        if seen is None or now >= seen.start + step:
            bars = public.bars(symbol, interval, limit)
            seen = _Series(bars=bars, start=bars[-1].open_time + step)
        if step > _MINUTE:
            seen = replace(seen, minutes=_minutes(public, symbol, seen, now))
        self._seen[key] = seen
        forming = _folded(seen.minutes, mark, seen.start)
        return Candles(symbol=symbol, interval=interval, bars=seen.bars, forming=forming, mark=mark)

    def _connected(self) -> BinancePublic:
        if self._public is None:
            url = self._config.profile.venue.base_url
            if not url:
                running = processes.find(self._folder.program("venue"))
                if running is None:
                    raise VenueUnavailableError("the paper exchange does not run", hint="crew kickoff starts it")
                url = running.url
            self._public = open_public(url, timeout=3.0)
        return self._public

    def _drop(self) -> None:
        self._kept.clear()
        self._seen.clear()
        with suppress(DeskError):
            if self._public is not None:
                self._public.close()
        self._public = None


def _minutes(public: BinancePublic, symbol: str, seen: _Series, now: int) -> tuple[Bar, ...]:
    """The finished minutes of the bar at hand, those that are new asked for alone."""
    known = seen.minutes
    begin = known[-1].open_time + _MINUTE if known else seen.start
    count = (now - begin) // _MINUTE
    if count < 1:
        return known
    new = public.bars(symbol, "1m", min(count, _DAY // _MINUTE))
    return (*known, *(bar for bar in new if bar.open_time >= begin))


def _folded(inside: tuple[Bar, ...], mark: Mark, start: int) -> Bar | None:
    """The bar at hand; None where the mark is of a time before it."""
    if to_ms(mark.at) < start:
        return None
    price = float(mark.price)
    first = inside[0].open if inside else price
    return Bar(
        open_time=start,
        open=first,
        high=max((first, price, *(bar.high for bar in inside))),
        low=min((first, price, *(bar.low for bar in inside))),
        close=price,
        volume=sum(bar.volume for bar in inside),
    )
