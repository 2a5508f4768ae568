"""The messages a venue would send of the stretches, second by second, as text, and the line that delivers them."""

from __future__ import annotations

import json
import queue
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

from benchmarks.screening.stretches import MINUTE_MS, START_MS, Stretch
from desk.venues.binance.streams.socket import Socket


def messages_of(stretches: Sequence[Stretch], second: int) -> list[str]:
    """A trade and a mark of every symbol, and with the last second of a minute that minute: all at one instant."""
    at = START_MS + second * 1000
    told: list[str] = []
    for one in stretches:
        price, minute = f"{one.price(second):.10g}", one.played[second // 60]
        told.append(_text(one.symbol, "aggTrade", _trade(one.symbol, at, price, f"{minute.volume / 60:.10g}", second)))
        told.append(_text(one.symbol, "markPrice@1s", _mark(one.symbol, at, price)))
        if second % 60 == 59:
            told.append(_text(one.symbol, "kline_1m", _minute(one, second // 60)))
    return told


def _text(symbol: str, kind: str, data: dict[str, Any]) -> str:
    return json.dumps({"stream": f"{symbol.lower()}@{kind}", "data": data})


def _trade(symbol: str, at: int, price: str, quantity: str, number: int) -> dict[str, Any]:
    shape = {"e": "aggTrade", "E": at, "a": number, "s": symbol, "p": price, "q": quantity}
    return {**shape, "f": number, "l": number, "T": at, "m": False}


def _mark(symbol: str, at: int, price: str) -> dict[str, Any]:
    shape = {"e": "markPriceUpdate", "E": at, "s": symbol, "p": price, "i": price, "P": price}
    return {**shape, "r": "0.0001", "T": at + 4 * 60 * MINUTE_MS}


def _minute(one: Stretch, number: int) -> dict[str, Any]:
    bar = one.played[number]
    figures = {name: f"{getattr(bar, long):.10g}" for name, long in zip("ohlcv", _LONG, strict=True)}
    body = {"t": bar.open_time, "T": bar.open_time + MINUTE_MS - 1, "s": one.symbol, "i": "1m", "x": True, **figures}
    return {"e": "kline", "E": bar.open_time + MINUTE_MS, "s": one.symbol, "k": body}


_LONG = ("open", "high", "low", "close", "volume")


class Wire:
    """A line that says what is put on it. `behind` tells how many messages wait to be heard."""

    def __init__(self) -> None:
        self._texts: queue.SimpleQueue[str] = queue.SimpleQueue()

    @contextmanager
    def dial(self, url: str) -> Generator[Socket]:
        """The line for market streams; the one for books stays silent."""
        yield _Silent() if "/public/" in url else self

    def receive(self, timeout: float) -> str | None:
        """The next message."""
        try:
            return self._texts.get(timeout=timeout)
        except queue.Empty:
            return None

    def say(self, texts: Sequence[str]) -> None:
        """Put messages on the line."""
        for text in texts:
            self._texts.put(text)

    @property
    def behind(self) -> int:
        """Messages that wait."""
        return self._texts.qsize()


class _Silent:
    def receive(self, timeout: float) -> str | None:
        time.sleep(timeout)
        return None
