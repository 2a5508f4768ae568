"""The market's streams, heard by the screen: each typed event to the one method it is for.

Minutes count when they are final; a liquidation that sells pushes down. What the screen has no use for says nothing.
"""

from __future__ import annotations

from desk.domain.orders import Side
from desk.screening.screen import Screen
from desk.spikes.live import Alarm
from desk.spikes.values import SpikeDirection
from desk.venues.binance.streams.market_events import (
    BarUpdate,
    ForcedOrder,
    MarketEvent,
    MarkUpdate,
    PublicTrade,
    ShownBook,
)


def hear(screen: Screen, event: MarketEvent) -> tuple[Alarm, ...]:
    """What an event makes the screen say at once. Raises DataError for a symbol that the screen was not told of."""
    match event:
        case PublicTrade():
            return screen.trade(event.symbol, event.at_ms, float(event.price), float(event.quantity))
        case MarkUpdate():
            return screen.mark(event.symbol, event.sent_ms, event.mark())
        case ForcedOrder():
            push = SpikeDirection.DOWN if event.side is Side.SELL else SpikeDirection.UP
            return screen.forced(event.symbol, event.at_ms, float(event.quantity), push)
        case BarUpdate(closed=True, interval="1m"):
            screen.bar(event.symbol, event.bar)
            return ()
        case ShownBook():
            return screen.book(event.symbol, event.sent_ms, event.book)
        case _:
            return ()
