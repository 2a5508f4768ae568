"""How closed trades came out by their symbol and by how they ended: all of them, however many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from desk.domain.money import ZERO
from desk.ledger import TradeRow
from desk.ledger.pages import LONGEST, Asked, Pages


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Trades of one name. `pnl` in USDT, net."""

    name: str
    trades: int
    wins: int
    pnl: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Endings:
    """All closed trades twice over, the most trades first."""

    by_symbol: tuple[Ending, ...] = ()
    by_reason: tuple[Ending, ...] = ()


def endings_of(pages: Pages) -> Endings:
    """All closed trades. Raises JournalError."""
    trades = list(_closed(pages))
    return Endings(
        by_symbol=_grouped((trade.symbol, trade) for trade in trades),
        by_reason=_grouped((trade.exit_reason or "not told", trade) for trade in trades),
    )


def _closed(pages: Pages) -> Iterator[TradeRow]:
    asked = Asked(limit=LONGEST)
    while True:
        some = pages.trades(asked, state="closed")
        yield from some
        if len(some) < LONGEST:
            return
        asked = replace(asked, offset=asked.offset + LONGEST)


def _grouped(pairs: Iterable[tuple[str, TradeRow]]) -> tuple[Ending, ...]:
    found: dict[str, Ending] = {}
    for name, trade in pairs:
        if trade.pnl is not None:
            was = found.get(name, Ending(name=name, trades=0, wins=0, pnl=ZERO))
            found[name] = replace(
                was, trades=was.trades + 1, wins=was.wins + (trade.pnl > ZERO), pnl=was.pnl + trade.pnl
            )
    return tuple(sorted(found.values(), key=lambda one: (-one.trades, one.name)))
