"""What a backtest asks of a strategy: a plan from finished bars, and how many of them it needs to be believed."""

from __future__ import annotations

from typing import Protocol

from desk.backtest.plan import Plan
from desk.backtest.tape import Tape


class Strategy(Protocol):
    """Deterministic, and blind to what comes: row t of the plan depends on bars up to t alone.

    `check_hindsight` and `check_memory` of `desk.backtest.honesty` put both to the test.
    """

    @property
    def name(self) -> str:
        """What the strategy is called in reports and records."""
        ...

    @property
    def warm_up(self) -> int:
        """Bars before the first wish: with that much history its wishes no longer depend on how much there was."""
        ...

    def plan(self, tape: Tape) -> Plan:
        """What it wants at each bar of the tape."""
        ...
