"""A learnt policy as a value: its space, its table, how often each place was visited, and where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from desk.domain.errors import DataError
from desk.indicators.columns import Column
from desk.learning.method import ACTIONS, ALLOWED, FLAT, HOLD, Method, Table, Visits
from desk.learning.states import UNKNOWN, StateSpace

LEAST_VISITS = 50
"""Below so many visits of a place the table is a guess, and the policy holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One point of the learning curve.

    `net` adds up the net returns of its trades; `known` is the share of all states seen so far; `held_out` the total
    return on bars it never learnt from, where that was looked at.
    """

    number: int
    curiosity: float
    reward: float
    trades: int
    net: float
    known: float
    held_out: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a policy learnt from. `data` names the digest of each market; bars from `held_from` on were never learnt."""

    made_at: datetime
    seed: int
    symbols: tuple[str, ...]
    interval: str
    leader: str
    learnt_from: datetime
    held_from: datetime
    held_until: datetime
    data: Mapping[str, str]
    own_trades: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Policy:
    """`table` and `visits` have three rows a state, one a position, and a column an action."""

    space: StateSpace
    method: Method
    table: Table
    visits: Visits
    origin: Origin
    curve: tuple[Episode, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a table of another space. Raises DataError."""
        shape = (self.space.size * 3, 3)
        if self.table.shape != shape or self.visits.shape != shape:
            raise DataError(f"a policy over {self.space.size} states has tables of {shape}, not {self.table.shape}")

    @property
    def known(self) -> float:
        """The share of states that were ever visited."""
        return float((self.visits.reshape(self.space.size, -1).sum(axis=1) > 0).mean())


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What a policy says at one moment. `lead` is the value of its action over holding; `visits` of this place."""

    action: str
    lead: float
    visits: int
    state: Mapping[str, str]
    values: Mapping[str, float]


def advise(policy: Policy, figures: Mapping[str, Column], position: int = FLAT) -> Advice:
    """What the policy would do after the newest bar of these figures (see `sight.look`), holding `position`."""
    newest = {name: column[-1:] for name, column in figures.items()}
    state = int(policy.space.encode(newest)[0])
    if state == UNKNOWN:
        return Advice(action=ACTIONS[HOLD], lead=0.0, visits=0, state={}, values={})
    row = state * 3 + position
    values = {action: float(policy.table[row, action]) for action in ALLOWED[position]}
    visits = int(policy.visits[row].sum())
    best = max(values, key=lambda action: values[action]) if visits >= LEAST_VISITS else HOLD
    return Advice(
        action=ACTIONS[best],
        lead=values[best] - values[HOLD],
        visits=visits,
        state=policy.space.words(state),
        values={ACTIONS[action]: value for action, value in values.items()},
    )
