"""How closed trades came out by what they were opened on: strategy and proof, regime, and what each agent had said.

The same doubt as everywhere: below twenty trades a rate or a ratio is None. An agent stands in a row only with trades
it reported on. Of many rows some look good by luck alone; nothing here corrects for that, and the page says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

import numpy as np

from agents.views import STRAYS
from desk.backtest.doubt import Interval, gains_over_losses
from desk.domain.money import ZERO
from desk.ledger import Ground, Ledger, Said
from ui.window.keeping import UntilAnotherCloses
from ui.window.performance import ENOUGH_TRADES, Share, share_of

Key = TypeVar("Key", bound=Hashable)


class Stance(StrEnum):
    """What an agent had said of a trade: of its direction, or, as risk does, of the danger."""

    FOR = "for it"
    AGAINST = "against it"
    NONE = "no side"
    CALM = "saw little danger"
    WARNED = "warned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What some trades came to. `pnl` in USDT, net; rate and ratio with their 95 % intervals, None of too few."""

    trades: int
    wins: int
    pnl: Decimal
    win_rate: Share | None
    profit_factor: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyCame:
    """Trades under one name and one proof: `certificate` is its mark or `uncertified`. None: not known."""

    strategy: str | None
    certificate: str | None
    came: Came


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeCame:
    """Trades opened in one regime, by the regime agent's report. None: not known."""

    regime: str | None
    came: Came


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentCame:
    """Trades of which an agent had said this."""

    agent: str
    stance: Stance
    came: Came


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """All closed trades, three times over, the most trades first and what is not known last.

    `reported` is how many of them have any report in the ledger; from `enough` trades on a row is judged.
    """

    trades: int
    reported: int
    enough: int
    by_strategy: tuple[StrategyCame, ...]
    by_regime: tuple[RegimeCame, ...]
    by_agent: tuple[AgentCame, ...]


class BreakdownKeeper:
    """Keeps the breakdown of one whole ledger until another trade is over. Thread-safe."""

    def __init__(self) -> None:
        self._kept = UntilAnotherCloses(breakdown_of(()))

    def whole(self, ledger: Ledger) -> Breakdown:
        """All closed trades. Raises JournalError."""
        return self._kept.of(ledger, lambda: breakdown_of(ledger.grounds()))


def breakdown_of(grounds: Sequence[Ground]) -> Breakdown:
    """The figures of closed trades by what they were opened on."""
    strategies = _came(((one.strategy, one.certificate), one.pnl) for one in grounds)
    regimes = _came((one.regime, one.pnl) for one in grounds)
    agents = _came(((said.agent, stance_of(said, long=one.long)), one.pnl) for one in grounds for said in one.said)
    order = list(Stance)
    return Breakdown(
        trades=len(grounds),
        reported=sum(bool(one.said) for one in grounds),
        enough=ENOUGH_TRADES,
        by_strategy=tuple(
            StrategyCame(strategy=name, certificate=certificate, came=came)
            for (name, certificate), came in sorted(
                strategies.items(), key=lambda row: (row[0][0] is None, -row[1].trades, *map(str, row[0]))
            )
        ),
        by_regime=tuple(
            RegimeCame(regime=regime, came=came)
            for regime, came in sorted(regimes.items(), key=lambda row: (row[0] is None, -row[1].trades, str(row[0])))
        ),
        by_agent=tuple(
            AgentCame(agent=agent, stance=stance, came=came)
            for (agent, stance), came in sorted(agents.items(), key=lambda row: (row[0][0], order.index(row[0][1])))
        ),
    )


def stance_of(said: Said, *, long: bool) -> Stance:
    """What a report had said of a trade in this direction."""
    if not said.called:
        return Stance.NONE
    if said.event == STRAYS:
        return Stance.WARNED if said.likely else Stance.CALM
    return Stance.FOR if said.likely == long else Stance.AGAINST


def _came(pairs: Iterable[tuple[Key, Decimal]]) -> Mapping[Key, Came]:
    """What the trades of each key came to."""
    groups: defaultdict[Key, list[Decimal]] = defaultdict(list)
    for key, pnl in pairs:
        groups[key].append(pnl)
    return {key: _judged(pnls) for key, pnls in groups.items()}


def _judged(pnls: Sequence[Decimal]) -> Came:
    count, wins = len(pnls), sum(pnl > ZERO for pnl in pnls)
    enough = count >= ENOUGH_TRADES
    return Came(
        trades=count,
        wins=wins,
        pnl=sum(pnls, ZERO),
        win_rate=share_of(wins, count) if enough else None,
        profit_factor=gains_over_losses(np.array(pnls, dtype=np.float64)) if enough else None,
    )
