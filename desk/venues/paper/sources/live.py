"""The real market as the price source of a paper exchange: public data of Binance, fills on paper.

Touch, index and book are asked for every second or few; where a stream address is given, every change of the touch is
heard as well. Between two answers to the venue the highest, the lowest and the last middle are kept, so no stop that
the touch was heard to reach is missed. The price is only as good as its age: when nothing was heard for some seconds
the source says so, and the venue must not fill. The first price after such a silence is flagged `gap`. Outside volume
is not followed. Brackets and fees are this venue's own. There are no headlines.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TypeVar

import aiohttp
import orjson
import structlog

from desk.domain.errors import DataError, DeskError, StaleDataError, VenueUnavailableError
from desk.domain.market import Headline
from desk.venues.paper.engine.values import Bracket, Kline, Quote, SymbolSpec
from desk.venues.paper.listing.published import contract_of
from desk.venues.paper.sources import FundingRow
from desk.venues.paper.sources.bars import INTERVALS
from desk.venues.paper.sources.heard import HeardMarket
from desk.venues.paper.sources.upstream import (
    Touch,
    Upstream,
    book_of,
    event_of,
    funding_of,
    kline_of,
    listed,
    premium_of,
    rows_of,
    touch_of,
)

REST_URL = "https://fapi.binance.com"
STREAM_URL = "wss://fstream.binance.com"
# Weights of Binance: five symbols at these rhythms use 1500 of its 2400 a minute without a stream, 780 with one.
_TOUCH_SECONDS = 1.0
_TOUCH_SECONDS_BESIDE_STREAM = 5.0
_BOOK_SECONDS = 5.0
_BOOK_LEVELS = 500
_KEPT_ANSWERS = 256
_FIRST_WAIT = 1.0
_LONGEST_WAIT = 30.0

_log = structlog.get_logger(__name__)

Request = tuple[object, ...]
T = TypeVar("T")


class LiveSource:
    """The `UpstreamSource` of a real exchange. Without `stream_url` it only asks; with neither URL it is Binance's.

    `stale_ms` is the age at which a price counts as unknown. `wall_ms` is the machine's clock in ms UTC.
    """

    def __init__(
        self,
        symbols: Sequence[str],
        *,
        rest_url: str | None = None,
        stream_url: str | None = None,
        brackets: Mapping[str, tuple[Bracket, ...]] | None = None,
        stale_ms: int = 10_000,
        poll_seconds: float | None = None,
        wall_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        if not symbols:
            raise DataError("a live market needs at least one symbol")
        self._upstream = Upstream(rest_url or REST_URL)
        self._stream_url = stream_url or (None if rest_url else STREAM_URL)
        self._heard = HeardMarket(symbols, stale_ms, wall_ms)
        usual = _TOUCH_SECONDS if self._stream_url is None else _TOUCH_SECONDS_BESIDE_STREAM
        self._touch_seconds = poll_seconds or usual
        self._book_seconds = poll_seconds or _BOOK_SECONDS
        self._wall_ms = wall_ms
        self._brackets = brackets or {}
        self._specs: dict[str, SymbolSpec] = {}
        self._start_ms: int | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._klines: OrderedDict[Request, tuple[Kline, ...]] = OrderedDict()
        self._rates: OrderedDict[Request, tuple[FundingRow, ...]] = OrderedDict()

    # ---- connecting ----

    async def open(self) -> None:
        """Learn the contracts and a first price of each, then keep following."""
        try:
            rows = listed(await self._upstream.get("/fapi/v1/exchangeInfo"), list(self._heard.symbols))
            await self._ask_touch()
            await self._ask_book()
            if unpriced := self._heard.unpriced():
                raise DataError(f"the upstream exchange told no price of {', '.join(unpriced)}")
            self._specs = {name: contract_of(row, self._brackets.get(name)) for name, row in rows.items()}
        except DeskError:
            await self._upstream.close()
            raise
        self._start_ms = self._wall_ms()
        self._heard.begin(self._start_ms)
        self._tasks = [
            asyncio.create_task(self._repeat(self._ask_touch, self._touch_seconds)),
            asyncio.create_task(self._repeat(self._ask_book, self._book_seconds)),
        ]
        if self._stream_url is not None:
            self._tasks += [asyncio.create_task(self._listen(url)) for url in self._streams(self._stream_url)]

    async def close(self) -> None:
        """Stop following."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
        await self._upstream.close()

    async def fetch_klines(
        self, symbol: str, interval: str, start_ms: int | None, end_ms: int | None, limit: int
    ) -> None:
        """Ask for bars and keep the answer for `klines`."""
        self._heard.of(symbol)
        answer = await self._upstream.get(
            "/fapi/v1/klines", symbol=symbol, interval=interval, startTime=start_ms, endTime=end_ms, limit=limit
        )
        bars = tuple(kline_of(row) for row in rows_of(answer))
        _keep(self._klines, (symbol, interval, start_ms, end_ms, limit), bars)

    async def fetch_funding(self, symbol: str, start_ms: int | None, end_ms: int | None, limit: int) -> None:
        """Ask for charges and keep the answer for `funding_rates`."""
        self._heard.of(symbol)
        answer = await self._upstream.get(
            "/fapi/v1/fundingRate", symbol=symbol, startTime=start_ms, endTime=end_ms, limit=limit
        )
        _keep(self._rates, (symbol, start_ms, end_ms, limit), tuple(funding_of(row) for row in rows_of(answer)))

    # ---- the source ----

    @property
    def start_ms(self) -> int:
        """When the connection was opened."""
        if self._start_ms is None:
            raise DataError("a live market has to be opened first")
        return self._start_ms

    @property
    def end_ms(self) -> int | None:
        """A live market has no end."""
        return None

    @property
    def intervals(self) -> tuple[str, ...]:
        """Every interval of Binance."""
        return INTERVALS

    def about(self) -> Mapping[str, str]:
        """Where prices come from, and what is the paper exchange's own."""
        return {
            "kind": "live",
            "upstream": self._upstream.url,
            "stream": self._stream_url or "none: the touch is asked for",
            "symbols": ", ".join(self._heard.symbols),
            "note": "real prices, paper fills; brackets and fees are this exchange's own",
            "headlines": "none: the public feed has none",
        }

    def specs(self) -> Mapping[str, SymbolSpec]:
        """Rules as the upstream lists them."""
        return dict(self._specs)

    def trouble(self, now_ms: int) -> str | None:
        """The symbols of which nothing was heard for too long."""
        if self._start_ms is None:
            return "the live market is not open"
        silent = self._heard.silent(now_ms)
        return f"nothing heard from {self._upstream.url} of {', '.join(silent)}" if silent else None

    def quotes(self, after_ms: int, until_ms: int) -> Iterator[Quote]:
        """What was heard since, as `MarketSource.quotes` promises it. Silence gives no quotes."""
        return iter(self._heard.take(after_ms, until_ms) if self._start_ms is not None else ())

    def klines(
        self, symbol: str, interval: str, start_ms: int | None, end_ms: int | None, limit: int, now_ms: int
    ) -> Sequence[Kline]:
        """The bars fetched with the same arguments."""
        bars = self._klines.get((symbol, interval, start_ms, end_ms, limit))
        if bars is None:
            raise StaleDataError(f"bars of {symbol} {interval} were not fetched")
        return tuple(bar for bar in bars if bar.open_ms <= now_ms)

    def funding_rates(
        self, symbol: str, start_ms: int | None, end_ms: int | None, limit: int, now_ms: int
    ) -> Sequence[FundingRow]:
        """The charges fetched with the same arguments."""
        rows = self._rates.get((symbol, start_ms, end_ms, limit))
        if rows is None:
            raise StaleDataError(f"funding rates of {symbol} were not fetched")
        return tuple(row for row in rows if row.at_ms <= now_ms)

    def headlines(self, since_ms: int, now_ms: int) -> Sequence[Headline]:
        """None: see `about`."""
        return ()

    # ---- following ----

    async def _ask_touch(self) -> None:
        await asyncio.gather(*(self._ask_touch_of(symbol) for symbol in self._heard.symbols))

    async def _ask_touch_of(self, symbol: str) -> None:
        touch, premium = await asyncio.gather(
            self._upstream.get("/fapi/v1/ticker/bookTicker", symbol=symbol),
            self._upstream.get("/fapi/v1/premiumIndex", symbol=symbol),
        )
        self._heard.touch(touch_of(touch))
        self._heard.premium(premium_of(premium))

    async def _ask_book(self) -> None:
        for symbol, heard in self._heard.symbols.items():
            bids, asks = book_of(await self._upstream.get("/fapi/v1/depth", symbol=symbol, limit=_BOOK_LEVELS))
            heard.bids, heard.asks = bids, asks

    async def _repeat(self, ask: Callable[[], Awaitable[None]], seconds: float) -> None:
        wait = seconds
        while True:
            await asyncio.sleep(wait)
            try:
                await ask()
                wait = seconds
            except DeskError as error:
                # An exchange that is down or says "too many" is left alone longer; one that errs is asked again.
                wait = min(_LONGEST_WAIT, wait * 2) if isinstance(error, VenueUnavailableError) else seconds
                _log.warning("upstream failed", reason=str(error), next_try_seconds=wait)

    def _streams(self, root: str) -> tuple[str, str]:
        names = [symbol.lower() for symbol in self._heard.symbols]
        return (
            f"{root}/public/stream?streams=" + "/".join(f"{name}@bookTicker" for name in names),
            f"{root}/market/stream?streams=" + "/".join(f"{name}@markPrice@1s" for name in names),
        )

    async def _listen(self, url: str) -> None:
        wait = _FIRST_WAIT
        while True:
            try:
                async with aiohttp.ClientSession() as session, session.ws_connect(url, heartbeat=20) as socket:
                    async for message in socket:
                        self._hear(orjson.loads(message.data))
                        wait = _FIRST_WAIT
                reason = "closed by the upstream exchange"
            except (aiohttp.ClientError, OSError, DeskError, ValueError) as error:
                reason = str(error)
            _log.warning("upstream stream broke", reason=reason, next_try_seconds=wait)
            await asyncio.sleep(wait)
            wait = min(_LONGEST_WAIT, wait * 2)

    def _hear(self, message: object) -> None:
        event = event_of(message)
        if isinstance(event, Touch):
            self._heard.touch(event)
        elif event is not None:
            self._heard.premium(event)


def _keep(answers: OrderedDict[Request, T], key: Request, value: T) -> None:
    answers[key] = value
    answers.move_to_end(key)
    while len(answers) > _KEPT_ANSWERS:
        answers.popitem(last=False)
