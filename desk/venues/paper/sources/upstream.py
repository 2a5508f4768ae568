"""Binance's public REST answers as the values of this venue. Asks, checks and parses; decides nothing.

Every number is read by the strict grammar of `desk.domain.money`: an answer that is not what Binance documents raises
DataError and moves no price.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any, cast

import aiohttp
import orjson

from desk.domain.errors import DataError, VenueUnavailableError
from desk.domain.money import ZERO, signed_amount
from desk.venues.paper.engine.values import Kline, Ladder
from desk.venues.paper.sources import FundingRow

_TIMEOUT = aiohttp.ClientTimeout(total=5)
_RUNGS = 24
_FIRST_RUNG = Decimal("0.00001")
_RUNG_GROWTH = Decimal("1.45")

Json = Any
"""What a JSON text holds; each parser below checks what it takes from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """Best bid and ask of one symbol."""

    symbol: str
    bid: Decimal
    ask: Decimal

    @property
    def mid(self) -> Decimal:
        """The middle of the touch."""
        return (self.bid + self.ask) / 2

    @property
    def spread(self) -> Decimal:
        """The touch's width as a fraction of its middle."""
        return (self.ask - self.bid) / self.mid


@dataclass(frozen=True, slots=True, kw_only=True)
class Premium:
    """Index price and the running interval's funding rate of one symbol."""

    symbol: str
    index: Decimal
    funding_rate: Decimal


class Upstream:
    """One REST root. Raises VenueUnavailableError when it does not answer, DataError when it answers nonsense."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def get(self, path: str, **params: str | int | None) -> Json:
        """The JSON answer to a public GET."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        told = {name: str(value) for name, value in params.items() if value is not None}
        try:
            async with self._session.get(self.url + path, params=told) as response:
                body = await response.read()
                if response.status != 200:
                    raise _refused(path, response.status, body)
                return orjson.loads(body)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise VenueUnavailableError(f"{self.url}{path} does not answer: {error or type(error).__name__}") from error
        except orjson.JSONDecodeError as error:
            raise DataError(f"{self.url}{path} answered what is no JSON") from error

    async def close(self) -> None:
        """Free the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def _refused(path: str, status: int, body: bytes) -> Exception:
    text = body[:200].decode(errors="replace")
    if 400 <= status < 500 and status not in (418, 429):
        return DataError(f"{path} was refused by the upstream exchange: HTTP {status} {text}")
    hint = "too many requests: the upstream exchange asks to wait" if status in (418, 429) else ""
    return VenueUnavailableError(f"{path} failed upstream: HTTP {status} {text}", hint=hint)


def touch_of(row: Json) -> Touch:
    """A touch from a REST row or a stream message."""
    symbol = _text(row, "symbol", "s")
    touch = Touch(symbol=symbol, bid=_number(row, "bidPrice", "b"), ask=_number(row, "askPrice", "a"))
    if not ZERO < touch.bid <= touch.ask:
        raise DataError(f"{symbol}: the touch is crossed or empty: {touch.bid} / {touch.ask}")
    return touch


def premium_of(row: Json) -> Premium:
    """Index and funding rate from a REST row or a stream message."""
    symbol = _text(row, "symbol", "s")
    premium = Premium(
        symbol=symbol, index=_number(row, "indexPrice", "i"), funding_rate=_number(row, "lastFundingRate", "r")
    )
    if premium.index <= ZERO:
        raise DataError(f"{symbol}: an index that is not above zero: {premium.index}")
    return premium


def event_of(message: Json) -> Touch | Premium | None:
    """What a stream message tells, wrapped or not; None for what is not followed."""
    if not isinstance(message, dict):
        raise DataError("a stream message that is no object")
    row: dict[str, Json] = cast("dict[str, Json]", message)
    data = cast("dict[str, Json]", row.get("data", row))
    kind = data.get("e")
    return touch_of(data) if kind == "bookTicker" else premium_of(data) if kind == "markPriceUpdate" else None


def book_of(answer: Json) -> tuple[Ladder, Ladder]:
    """Bid and ask ladder of a depth answer."""
    return ladder_of(_part(answer, "bids"), bids=True), ladder_of(_part(answer, "asks"), bids=False)


def ladder_of(levels: Json, *, bids: bool) -> Ladder:
    """Levels of one side, gathered into at most 24 rungs that lie further apart the deeper they are."""
    rows = [_level(level) for level in _rows(levels)]
    if not rows or any((a <= b) if bids else (a >= b) for (a, _), (b, _) in pairwise(rows)):
        raise DataError("a side of the book is empty or not in order")
    best = rows[0][0]
    rungs: dict[int, tuple[Decimal, Decimal]] = {}
    edges = _edges()
    for price, quantity in rows:
        offset = abs(price - best) / best
        place = next((i for i, edge in enumerate(edges) if offset <= edge), len(edges))
        # A rung stands where its deepest level is: liquidity is never told nearer than it was.
        rungs[place] = (offset, rungs.get(place, (ZERO, ZERO))[1] + quantity)
    return tuple(rungs[place] for place in sorted(rungs))


def _level(level: Json) -> tuple[Decimal, Decimal]:
    cells = _rows(level)
    if len(cells) < 2:
        raise DataError("a level of the book without price and quantity")
    return signed_amount(cells[0]), signed_amount(cells[1])


def _edges() -> list[Decimal]:
    edges = [ZERO, _FIRST_RUNG]
    while len(edges) < _RUNGS - 1:
        edges.append(edges[-1] * _RUNG_GROWTH)
    return edges


def kline_of(row: Json) -> Kline:
    """One row of the klines answer."""
    cells = _rows(row)
    if len(cells) < 11:
        raise DataError(f"a kline of {len(cells)} cells")
    if not all(isinstance(cells[i], int) for i in (0, 6, 8)):
        raise DataError("a kline whose times are no whole numbers")
    o, h, lo, c, volume, quote, base_taken, quote_taken = (signed_amount(cells[i]) for i in (1, 2, 3, 4, 5, 7, 9, 10))
    return Kline(
        open_ms=cells[0],
        open=o,
        high=h,
        low=lo,
        close=c,
        volume=volume,
        close_ms=cells[6],
        quote_volume=quote,
        trades=cells[8],
        taker_base=base_taken,
        taker_quote=quote_taken,
    )


def funding_of(row: Json) -> FundingRow:
    """One row of the funding rate history; old rows carry no mark price."""
    symbol, rate, at_ms = _text(row, "symbol"), _number(row, "fundingRate"), _whole(row, "fundingTime")
    return FundingRow(symbol=symbol, at_ms=at_ms, rate=rate, mark_price=signed_amount(row.get("markPrice") or "0"))


def listed(answer: Json, symbols: Sequence[str]) -> Mapping[str, Json]:
    """The rows of `exchangeInfo` for the symbols asked for.

    Raises:
        DataError: naming every symbol that is not listed.
    """
    rows = {_text(row, "symbol"): row for row in _rows(_part(answer, "symbols"))}
    missing = [symbol for symbol in symbols if symbol not in rows]
    if missing:
        raise DataError(f"the upstream exchange does not list {', '.join(missing)}")
    return {symbol: rows[symbol] for symbol in symbols}


def rows_of(answer: Json) -> list[Json]:
    """The answer as a list; one row alone counts as one.

    Raises:
        DataError: for anything else.
    """
    return [answer] if isinstance(answer, dict) else _rows(answer)


def _rows(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise DataError(f"expected a list, the upstream exchange told {type(value).__name__}")
    return cast("list[Json]", value)


def _part(row: Json, name: str) -> Json:
    if not isinstance(row, dict) or name not in row:
        raise DataError(f"the upstream exchange told no {name}")
    return cast("dict[str, Json]", row)[name]


def _whole(row: Json, name: str) -> int:
    value = _part(row, name)
    if not isinstance(value, int):
        raise DataError(f"the upstream exchange told {name} as {type(value).__name__}")
    return value


def _text(row: Json, *names: str) -> str:
    told = cast("dict[str, Json]", row) if isinstance(row, dict) else {}
    value = next((told[name] for name in names if name in told), None)
    if not isinstance(value, str):
        raise DataError(f"the upstream exchange told no {names[0]}")
    return value


def _number(row: Json, *names: str) -> Decimal:
    return signed_amount(_text(row, *names))
