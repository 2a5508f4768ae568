"""Stream names: which market data a client means by `btcusdt@kline_1m`.

Source: Binance USD-M futures, "Websocket Market Streams". Symbols are lower-case in names; upper-case passes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
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
    FORCE_ORDER = "forceOrder"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamName:
    """A parsed name. `symbol` is upper-case, empty for streams of all symbols; `levels` is 0 unless partial depth."""

    kind: StreamKind
    symbol: str = ""
    interval: str = ""
    levels: int = 0


_SPEED = r"(?:@(?:0|100|250|500)ms)?"
_SYMBOL = r"(?P<symbol>[a-z0-9_]{1,40})"
_PATTERNS: Final = (
    (StreamKind.KLINE, re.compile(_SYMBOL + r"@kline_(?P<interval>[0-9]{1,2}[smhdwM])")),
    (
        StreamKind.CONTINUOUS_KLINE,
        re.compile(r"(?P<symbol>[a-z0-9]{1,40})_perpetual@continuouskline_(?P<interval>[0-9]{1,2}[smhdwM])"),
    ),
    (StreamKind.AGG_TRADE, re.compile(_SYMBOL + "@aggtrade")),
    (StreamKind.TRADE, re.compile(_SYMBOL + "@trade")),
    (StreamKind.MARK_PRICE, re.compile(_SYMBOL + r"@markprice(?:@1s)?")),
    (StreamKind.MARK_PRICE, re.compile(r"!markprice@arr(?:@1s)?")),
    (StreamKind.MINI_TICKER, re.compile(_SYMBOL + "@miniticker")),
    (StreamKind.MINI_TICKER, re.compile("!miniticker@arr")),
    (StreamKind.TICKER, re.compile(_SYMBOL + "@ticker")),
    (StreamKind.TICKER, re.compile("!ticker@arr")),
    (StreamKind.BOOK_TICKER, re.compile(_SYMBOL + "@bookticker")),
    (StreamKind.BOOK_TICKER, re.compile("!bookticker")),
    (StreamKind.PARTIAL_DEPTH, re.compile(_SYMBOL + "@depth(?P<levels>5|10|20)" + _SPEED)),
    (StreamKind.DIFF_DEPTH, re.compile(_SYMBOL + "@depth" + _SPEED)),
    (StreamKind.FORCE_ORDER, re.compile(_SYMBOL + "@forceorder")),
    (StreamKind.FORCE_ORDER, re.compile("!forceorder@arr")),
)


@lru_cache(maxsize=4_096)
def parse_stream(name: str) -> StreamName | None:
    """The stream that `name` means, or None when there is no such stream."""
    # The month is the one unit whose case matters: `1M` is a month, `1m` a minute.
    text = name[:-1].lower() + name[-1:] if name.endswith("M") else name.lower()
    for kind, pattern in _PATTERNS:
        found = pattern.fullmatch(text)
        if found:
            parts = found.groupdict()
            return StreamName(
                kind=kind,
                symbol=(parts.get("symbol") or "").upper(),
                interval=parts.get("interval") or "",
                levels=int(parts.get("levels") or 0),
            )
    return None
