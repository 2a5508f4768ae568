"""Fills the stream told, held against the trades the venue lists: heard is not booked.

The desk books only what `userTrades` says. This keeps count of the other side: fills that were heard and are not listed
yet, and, what must never happen, fills whose two tellings differ.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass

from desk.domain.orders import Fill
from desk.venues.binance.streams.account_events import HeardFill
from desk.venues.binance.streams.sequence import Recent

_LOG = logging.getLogger(__name__)
_MOST_WAITING = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FillCount:
    """Fills heard, of those confirmed by the venue's list, still unconfirmed, and contradicted by it."""

    heard: int
    confirmed: int
    unconfirmed: int
    contradicted: int


class HeardFills:
    """Told by the stream's thread, confirmed by whoever reads trades. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[tuple[str, int], HeardFill] = {}
        self._listed = Recent[tuple[str, int], Fill]()
        self._heard = self._confirmed = self._contradicted = 0

    def hear(self, fill: HeardFill) -> None:
        """A fill was told; a second telling of the same trade may add its fee, and counts once."""
        key = (fill.symbol, fill.trade_id)
        with self._lock:
            known = self._waiting.get(key)
            listed = self._listed.get(key)
            if known is None and listed is None:
                self._heard += 1
            if listed is not None:
                self._judge(fill, listed, first=False)
            elif known is None or known.fee is None:
                self._waiting[key] = fill
                while len(self._waiting) > _MOST_WAITING:
                    del self._waiting[next(iter(self._waiting))]

    def confirm(self, fills: Iterable[Fill]) -> None:
        """The venue lists these trades."""
        with self._lock:
            for fill in fills:
                key = (fill.symbol, fill.trade_id)
                self._listed.put(key, fill)
                heard = self._waiting.pop(key, None)
                if heard is not None:
                    self._judge(heard, fill, first=True)

    def count(self) -> FillCount:
        """The figures as of now."""
        with self._lock:
            return FillCount(
                heard=self._heard,
                confirmed=self._confirmed,
                unconfirmed=len(self._waiting),
                contradicted=self._contradicted,
            )

    def _judge(self, heard: HeardFill, listed: Fill, *, first: bool) -> None:
        if _agree(heard, listed):
            self._confirmed += first
            return
        self._contradicted += 1
        _LOG.critical(
            "trade %d of %s was told as %s %s at %s and is listed as %s %s at %s",
            *(listed.trade_id, listed.symbol, heard.side, heard.quantity, heard.price),
            *(listed.side, listed.quantity, listed.price),
        )


def _agree(heard: HeardFill, listed: Fill) -> bool:
    told = (heard.order_id, heard.side, heard.quantity, heard.price)
    fee_agrees = heard.fee is None or heard.fee_asset != "USDT" or heard.fee == listed.fee
    return fee_agrees and told == (listed.order_id, listed.side, listed.quantity, listed.price)
