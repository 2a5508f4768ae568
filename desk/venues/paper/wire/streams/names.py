"""Stream names: which market data a client means by `btcusdt@kline_1m`, and how often it is sent.

Source: Binance USD-M futures, "Websocket Market Streams", with its update speeds. Symbols are lower-case in names;
upper-case passes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Final


class StreamKind(StrEnum):
    """What a stream carries."""

    KLINE = "kline"
    CONTINUOUS_KLINE = "continuousKline"
    AGG_TRADE = "aggTrade"
    TRADE = "trade"
    MARK_PRICE = "markPrice"
    TICKER = "ticker"
    MINI_TICKER = "miniTicker"
    BOOK_TICKER = "bookTicker"
    PARTIAL_DEPTH = "partialDepth"
    DIFF_DEPTH = "diffDepth"
    RPI_DEPTH = "rpiDepth"
    FORCE_ORDER = "forceOrder"
    CONTRACT_INFO = "contractInfo"
    COMPOSITE_INDEX = "compositeIndex"
    ASSET_INDEX = "assetIndex"
    TRADING_SESSION = "tradingSession"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamName:
    """A parsed name. `symbol` is upper-case, empty for streams of all symbols; `levels` is 0 unless partial depth.

    `contract` is the kind of contract of a continuous kline; `pace` the least time between two messages in seconds.
    """

    kind: StreamKind
    symbol: str = ""
    contract: str = ""
    interval: str = ""
    levels: int = 0
    pace: float = 0.0


_SPEED: Final = r"(?:@(?P<speed>0|100|250|500)ms)?"
_SYMBOL: Final = r"(?P<symbol>[a-z0-9_]{1,40})"
_INTERVAL: Final = r"(?P<interval>[0-9]{1,2}[smhdwM])"
_CONTRACT: Final = r"(?P<contract>perpetual|current_quarter|next_quarter|tradifi_perpetual)"
_PATTERNS: Final = (
    (StreamKind.KLINE, re.compile(_SYMBOL + "@kline_" + _INTERVAL)),
    (
        StreamKind.CONTINUOUS_KLINE,
        re.compile(r"(?P<symbol>[a-z0-9]{1,40})_" + _CONTRACT + "@continuouskline_" + _INTERVAL),
    ),
    (StreamKind.AGG_TRADE, re.compile(_SYMBOL + "@aggtrade")),
    (StreamKind.TRADE, re.compile(_SYMBOL + "@trade")),
    (StreamKind.MARK_PRICE, re.compile(_SYMBOL + r"@markprice(?P<fast>@1s)?")),
    (StreamKind.MARK_PRICE, re.compile(r"!markprice@arr(?P<fast>@1s)?")),
    (StreamKind.MINI_TICKER, re.compile(_SYMBOL + "@miniticker")),
    (StreamKind.MINI_TICKER, re.compile("!miniticker@arr")),
    (StreamKind.TICKER, re.compile(_SYMBOL + "@ticker")),
    (StreamKind.TICKER, re.compile("!ticker@arr")),
    (StreamKind.BOOK_TICKER, re.compile(_SYMBOL + "@bookticker")),
    (StreamKind.BOOK_TICKER, re.compile("!bookticker")),
    (StreamKind.PARTIAL_DEPTH, re.compile(_SYMBOL + "@depth(?P<levels>5|10|20)" + _SPEED)),
    (StreamKind.DIFF_DEPTH, re.compile(_SYMBOL + "@depth" + _SPEED)),
    (StreamKind.RPI_DEPTH, re.compile(_SYMBOL + "@rpidepth@500ms")),
    (StreamKind.FORCE_ORDER, re.compile(_SYMBOL + "@forceorder")),
    (StreamKind.FORCE_ORDER, re.compile("!forceorder@arr")),
    (StreamKind.CONTRACT_INFO, re.compile("!contractinfo")),
    (StreamKind.COMPOSITE_INDEX, re.compile(_SYMBOL + "@compositeindex")),
    (StreamKind.ASSET_INDEX, re.compile(_SYMBOL + "@assetindex")),
    (StreamKind.ASSET_INDEX, re.compile("!assetindex@arr")),
    (StreamKind.TRADING_SESSION, re.compile("tradingsession")),
)
# Seconds between two messages: of one symbol, and of all of them.
_PACES: Final = MappingProxyType(
    {
        StreamKind.KLINE: (0.25, 0.25),
        StreamKind.CONTINUOUS_KLINE: (0.25, 0.25),
        StreamKind.MARK_PRICE: (3.0, 3.0),
        StreamKind.TICKER: (2.0, 1.0),
        StreamKind.MINI_TICKER: (2.0, 1.0),
        StreamKind.BOOK_TICKER: (0.0, 5.0),
        StreamKind.PARTIAL_DEPTH: (0.25, 0.25),
        StreamKind.DIFF_DEPTH: (0.25, 0.25),
        StreamKind.RPI_DEPTH: (0.5, 0.5),
        StreamKind.FORCE_ORDER: (1.0, 1.0),
        StreamKind.COMPOSITE_INDEX: (1.0, 1.0),
        StreamKind.ASSET_INDEX: (1.0, 1.0),
    }
)


@lru_cache(maxsize=8_192)
def parse_stream(name: str) -> StreamName | None:
    """The stream that `name` means, or None when there is no such stream."""
    # The month is the one unit whose case matters: `1M` is a month, `1m` a minute.
    text = name[:-1].lower() + name[-1:] if name.endswith("M") else name.lower()
    for kind, pattern in _PATTERNS:
        found = pattern.fullmatch(text)
        if found:
            parts = found.groupdict()
            symbol = (parts.get("symbol") or "").upper()
            return StreamName(
                kind=kind,
                symbol=symbol,
                contract=(parts.get("contract") or "").upper(),
                interval=parts.get("interval") or "",
                levels=int(parts.get("levels") or 0),
                pace=_pace(kind, parts, one=bool(symbol)),
            )
    return None


def _pace(kind: StreamKind, parts: dict[str, str | None], *, one: bool) -> float:
    if parts.get("fast"):
        return 1.0
    speed = parts.get("speed")
    if speed is not None:
        return int(speed) / 1_000
    of_one, of_all = _PACES.get(kind, (0.0, 0.0))
    return of_one if one else of_all
