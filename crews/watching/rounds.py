"""Whom a round is about: everyone where there are few symbols, the picked and the held where there are many.

Alerts call the spike crew, the weightiest first, within a rule of its own. Everything here is decided by numbers of the
configuration; no model has a say in whether it is asked. Pure but for what it remembers of the last hour.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from crews.setup import DESK, SPIKE
from crews.watching.lookout import Calls
from desk.screening.alert import Alert

_HOUR = timedelta(hours=1)


class CrewName(StrEnum):
    """Who decides in a turn."""

    DESK = DESK
    SPIKE = SPIKE


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One decision that is due: whose, on which symbol, and what called for it."""

    crew: CrewName
    symbol: str
    alerts: tuple[Alert, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """Which alerts are worth the spike crew: size over threshold, what stands behind them, how many an hour."""

    least_excess: float
    least_legitimacy: float
    most_an_hour: int
    rest_seconds: float


class Rounds:
    """The turns of each round. `screened` says that symbols wait to be picked."""

    def __init__(self, symbols: Sequence[str], *, crews: Collection[CrewName], screened: bool, rule: AlertRule) -> None:
        self._symbols, self._crews, self._screened, self._rule = tuple(symbols), frozenset(crews), screened, rule
        self._called: dict[str, datetime] = {}
        self._hour: deque[datetime] = deque()

    def calls(self, calls: Calls) -> bool:
        """Whether any of this is a reason to begin a round before its time."""
        spike = CrewName.SPIKE in self._crews and any(self._worth(alert) for alert in calls.alerts)
        return spike or (self._screened and CrewName.DESK in self._crews and bool(calls.picks))

    def turns(self, now: datetime, calls: Calls, held: Collection[str], *, early: bool) -> tuple[Turn, ...]:
        """Who decides on what now. An early round is about what called for it and nothing else."""
        spikes = self._spike_turns(now, calls.alerts) if CrewName.SPIKE in self._crews else ()
        due = self._due(calls, held, early=early) if CrewName.DESK in self._crews else ()
        return (*spikes, *(Turn(crew=CrewName.DESK, symbol=symbol) for symbol in due))

    def _due(self, calls: Calls, held: Collection[str], *, early: bool) -> tuple[str, ...]:
        if not self._screened:
            return () if early else self._symbols
        picked = [pick.symbol for pick in calls.picks]
        # A position is looked at every round, however quiet: nothing that is held waits to be picked.
        kept = [] if early else [symbol for symbol in self._symbols if symbol in held]
        return tuple(dict.fromkeys((*picked, *kept)))

    def _spike_turns(self, now: datetime, alerts: Sequence[Alert]) -> tuple[Turn, ...]:
        while self._hour and self._hour[0] <= now - _HOUR:
            self._hour.popleft()
        worth: dict[str, list[Alert]] = {}
        for alert in sorted(filter(self._worth, alerts), key=lambda one: -one.worth):
            worth.setdefault(alert.symbol, []).append(alert)
        turns: list[Turn] = []
        for symbol, mine in worth.items():
            if len(self._hour) < self._rule.most_an_hour and self._rested(symbol, now):
                self._hour.append(now)
                self._called[symbol] = now
                turns.append(Turn(crew=CrewName.SPIKE, symbol=symbol, alerts=tuple(mine)))
        return tuple(turns)

    def _worth(self, alert: Alert) -> bool:
        enough = alert.alarm.found.excess >= self._rule.least_excess
        return enough and alert.legitimacy.score >= self._rule.least_legitimacy and alert.symbol in self._symbols

    def _rested(self, symbol: str, now: datetime) -> bool:
        last = self._called.get(symbol)
        return last is None or now - last >= timedelta(seconds=self._rule.rest_seconds)
