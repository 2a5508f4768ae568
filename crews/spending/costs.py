"""What models cost: the book and the shelf of a profile, its way of paying, and what another would have cost.

Every figure comes from the price table of desk.yaml and from tokens that were counted at the wire.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from config.loader import DeskConfig
from config.models import ModelSettings
from crews.running.services import Folder, write_private
from desk.domain.errors import ConfigError
from desk.domain.money import ZERO
from desk.guard.process.clock import SystemClock
from memory.replies import ReplyShelf
from memory.spending import DayLimits, SpendingBook

if TYPE_CHECKING:
    from desk.ledger import CostRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Where a desk's spending is written down, and where answers are kept; None keeps none."""

    book: SpendingBook
    shelf: ReplyShelf | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What decisions would have cost in one way of paying. `usd` in US dollars, exact."""

    mode: str
    models: tuple[str, ...]
    usd: Decimal
    decisions: int

    @property
    def per_decision(self) -> Decimal:
        """US dollars for one decision; zero before the first."""
        return self.usd / self.decisions if self.decisions else ZERO


def open_costs(config: DeskConfig, folder: Folder, closing: ExitStack) -> Costs:
    """The book and the shelf of a profile, closed by `closing`. Raises PrerequisiteError when no book can be kept."""
    book = open_book(config, folder)
    closing.callback(book.close)
    entries = config.desk.budget.kept_answers
    return Costs(book=book, shelf=ReplyShelf(folder.replies, entries=entries) if entries else None)


def open_book(config: DeskConfig, folder: Folder) -> SpendingBook:
    """The profile's book of spending, by the days of this machine's clock: providers bill real time."""
    day, agent = config.desk.budget.day, config.desk.budget.agent_day
    limits = DayLimits(tokens=day.tokens, usd=day.usd, agent_tokens=agent.tokens, agent_usd=agent.usd)
    return SpendingBook(folder.spending, SystemClock(), limits)


def chosen_mode(folder: Folder) -> str:
    """The way of paying that was chosen for a profile; empty when none was."""
    try:
        return folder.mode.read_text().strip()
    except OSError:
        return ""


def mode_words(folder: Folder) -> dict[str, str]:
    """The chosen way of paying as a dotted key with YAML text, to load the configuration with."""
    mode = chosen_mode(folder)
    return {"desk.mode": json.dumps(mode)} if mode else {}


def choose_mode(config: DeskConfig, folder: Folder, mode: str) -> None:
    """Let a profile pay this way from its next kickoff on; empty goes back to what the files say.

    Raises:
        ConfigError: when no mode has this name.
    """
    if mode and mode not in config.desk.modes:
        place = config.place("desk.modes")
        known = ", ".join(sorted(config.desk.modes))
        raise ConfigError(f"no mode is called {mode[:40]}", file=place.file, key="modes", hint=f"known: {known}")
    write_private(folder.mode, mode + "\n")


def compare(config: DeskConfig, rows: Sequence[CostRow]) -> list[Price]:
    """What these decisions cost, and what their tokens would have cost in each mode, dearest first.

    Other models would have used other numbers of tokens; what is compared is prices, not their manners.
    """
    decisions = len({row.decision_id for row in rows})
    actual = Price(
        mode="as it was",
        models=tuple(sorted({row.model for row in rows})),
        usd=sum((row.usd for row in rows), ZERO),
        decisions=decisions,
    )
    return [actual, *sorted((_priced(config, name, rows, decisions) for name in config.desk.modes), key=_dearest)]


def _priced(config: DeskConfig, mode: str, rows: Sequence[CostRow], decisions: int) -> Price:
    models: Mapping[str, ModelSettings] = config.desk.models
    seats = {agent: config.desk.modes[mode].model_of(agent) for agent in config.agents}
    usd = sum(
        (models[seats[row.agent]].cost(row.prompt_tokens, row.completion_tokens) for row in rows if row.agent in seats),
        ZERO,
    )
    return Price(mode=mode, models=tuple(sorted(set(seats.values()))), usd=usd, decisions=decisions)


def _dearest(price: Price) -> tuple[Decimal, str]:
    return -price.usd, price.mode
