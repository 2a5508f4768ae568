"""Changes of the book, stream by stream, each event joining the one before without a hole.

A stream's first event covers the update that the book stood at when somebody began to listen, so that a snapshot taken
then joins it: `U` is at most, and `u` at least, the snapshot's `lastUpdateId`.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field

from desk.domain.market import Level
from desk.venues.paper.engine.values import Depth, SymbolSpec
from desk.venues.paper.wire.figures import Json, figure
from desk.venues.paper.wire.streams import market_events


@dataclass(slots=True)
class _Sent:
    """The book as the reader has it, and the update that the next event names as the one before it."""

    previous_id: int
    update_id: int
    bids: dict[str, str]
    asks: dict[str, str]


@dataclass(slots=True)
class BookDiffs:
    """The books that the listeners of each diff stream have."""

    _sent: dict[str, _Sent] = field(default_factory=dict[str, _Sent])

    def begin(self, stream: str, depth: Depth) -> None:
        """Somebody listens to `stream` from now on; nothing changes for a stream that is listened to already."""
        if stream not in self._sent:
            self._sent[stream] = _Sent(depth.update_id - 1, depth.update_id, _side(depth.bids), _side(depth.asks))

    def event(self, stream: str, spec: SymbolSpec, depth: Depth, now_ms: int) -> Json | None:
        """What changed since the last event of `stream`; None when nothing did."""
        self.begin(stream, depth)
        sent = self._sent[stream]
        if depth.update_id == sent.update_id:
            return None
        bids, asks = _side(depth.bids), _side(depth.asks)
        changed = _changes(sent.bids, bids), _changes(sent.asks, asks)
        told = market_events.depth_update(spec, depth, *changed, sent.previous_id, now_ms)
        self._sent[stream] = _Sent(depth.update_id, depth.update_id, bids, asks)
        return told

    def keep_only(self, streams: Container[str]) -> None:
        """Forget the books of all other streams: nobody listens to them any more."""
        for stream in [name for name in self._sent if name not in streams]:
            del self._sent[stream]


def _side(levels: Sequence[Level]) -> dict[str, str]:
    return {figure(level.price): figure(level.quantity) for level in levels}


def _changes(before: dict[str, str], after: dict[str, str]) -> list[list[str]]:
    changed = [[price, quantity] for price, quantity in after.items() if before.get(price) != quantity]
    return changed + [[price, "0"] for price in before if price not in after]
