"""What the closed trades came to, in one quiet line that never claims more than their number allows."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rich.text import Text

from desk.domain.money import ZERO
from desk.guard.vocabulary.status import ClosedTrade
from ui.figures import signed
from ui.proof import certified

ENOUGH = 20
# The guard tells no more than its newest; then they are not all there were.
TOLD_AT_MOST = 64
_FOREIGN = "foreign"


def track_record(closed: Sequence[ClosedTrade]) -> Text | None:
    """Trades, wins, profit factor and net profit after fees and funding; None when nothing of the desk's has closed.

    Below `ENOUGH` trades it tells counts and money alone: a rate or a factor of so few would be chance.
    """
    results = [trade.pnl for trade in closed if trade.strategy_id != _FOREIGN]
    if not results:
        return None
    wins = sum(pnl > ZERO for pnl in results)
    noun = "trade" if len(results) == 1 else "trades"
    newest = "newest " if len(closed) >= TOLD_AT_MOST else ""
    line = Text(f"{newest}{len(results)} {noun} closed, {wins} won".capitalize(), style="quiet")
    if len(results) >= ENOUGH:
        line.append(f" ({wins / len(results):.0%} of {len(results)}), profit factor {_factor(results)}")
    line.append(", net ").append_text(signed(sum(results, ZERO))).append(" USDT after fees and funding")
    if len(results) < ENOUGH:
        line.append("; too few to judge")
    bare = sum(not certified(trade.strategy_id) for trade in closed if trade.strategy_id != _FOREIGN)
    if bare:
        line.append("; ").append(f"{'all' if bare == len(results) else f'{bare} of them'} uncertified", style="warn")
    return line


def _factor(results: Sequence[Decimal]) -> str:
    """Gains over losses; without a loss there is none."""
    lost = -sum((pnl for pnl in results if pnl < ZERO), ZERO)
    gained = sum((pnl for pnl in results if pnl > ZERO), ZERO)
    return f"{gained / lost:.2f}" if lost else "none, no loss yet"
