"""The day's book of spending: what each agent's models cost, written down before a request leaves.

One SQLite file for each profile, counted by UTC day and over restarts. It is written first and corrected afterwards, so
that a crash in between leaves the most the request could have cost. Money is kept as whole picodollars: exact for any
price of six decimals a million tokens.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from pathlib import Path

from desk.domain.errors import BudgetSpentError, PrerequisiteError
from desk.domain.money import ZERO
from desk.ports import Clock

_PICO = Decimal(10) ** 12
_BUSY_SECONDS = 10.0
_TABLE = (
    "CREATE TABLE IF NOT EXISTS spent (day TEXT NOT NULL, agent TEXT NOT NULL, requests INTEGER NOT NULL, "
    "recalled INTEGER NOT NULL, tokens INTEGER NOT NULL, pico_usd INTEGER NOT NULL, PRIMARY KEY (day, agent)) STRICT"
)
_ADD = (
    "INSERT INTO spent VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (day, agent) DO UPDATE SET "
    "requests = requests + excluded.requests, recalled = recalled + excluded.recalled, "
    "tokens = tokens + excluded.tokens, pico_usd = pico_usd + excluded.pico_usd"
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """Sums of a UTC day: requests that left, answers that were recalled instead, tokens, US dollars."""

    requests: int = 0
    recalled: int = 0
    tokens: int = 0
    usd: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLimits:
    """The most that may be spent on a UTC day: by all agents, and by any one of them. Tokens and US dollars."""

    tokens: int
    usd: Decimal
    agent_tokens: int
    agent_usd: Decimal


class SpendingBook:
    """One profile's book. Thread-safe, and safe beside other processes; close it after use."""

    def __init__(self, path: Path, clock: Clock, limits: DayLimits) -> None:
        """Open or make the book. Raises PrerequisiteError when it cannot be kept."""
        self._clock = clock
        self._limits = limits
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._rows = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=_BUSY_SECONDS)
            self._rows.execute("PRAGMA synchronous = FULL")
            self._rows.execute(_TABLE)
        except (sqlite3.Error, OSError) as error:
            raise PrerequisiteError(
                f"the book of spending {path} cannot be kept: {error}", hint="is the folder writable?"
            ) from None

    def close(self) -> None:
        """Give back the file."""
        self._rows.close()

    def pay(self, agent: str, tokens: int, usd: Decimal) -> str:
        """Write a request down at the most it can cost, and return its day.

        Raises:
            BudgetSpentError: when the day has no room for it, or the book cannot be written; nothing was written then.
        """
        day = self._today()
        try:
            with self._lock:
                self._rows.execute("BEGIN IMMEDIATE")
                try:
                    self._refuse(self.day(day), agent, tokens, usd)
                    self._rows.execute(_ADD, (day, agent, 1, 0, tokens, _pico(usd)))
                except BaseException:
                    self._rows.execute("ROLLBACK")
                    raise
                self._rows.execute("COMMIT")
        except sqlite3.Error as error:
            raise BudgetSpentError(f"the book of spending is not kept, so nothing may be spent: {error}") from None
        return day

    def settle(self, day: str, agent: str, tokens: int, usd: Decimal) -> None:
        """Add what a request cost beyond what was paid, below zero for less. What cannot be written stays paid."""
        self._add(day, agent, 0, 0, tokens, _pico(usd))

    def recalled(self, agent: str) -> None:
        """Count an answer that was given again for nothing."""
        self._add(self._today(), agent, 0, 1, 0, 0)

    def day(self, day: str = "") -> Mapping[str, Day]:
        """What each agent spent on a day, today by default. Raises sqlite3.Error."""
        query = "SELECT agent, requests, recalled, tokens, pico_usd FROM spent WHERE day = ? ORDER BY agent"
        return {
            agent: Day(requests=requests, recalled=recalled, tokens=tokens, usd=Decimal(pico) / _PICO)
            for agent, requests, recalled, tokens, pico in self._rows.execute(query, (day or self._today(),))
        }

    def _refuse(self, spent: Mapping[str, Day], agent: str, tokens: int, usd: Decimal) -> None:
        own, limits = spent.get(agent, Day()), self._limits
        everybody = sum(one.tokens for one in spent.values()), sum((one.usd for one in spent.values()), ZERO)
        for whose, (spent_tokens, spent_usd), (most_tokens, most_usd) in (
            ("the day's", everybody, (limits.tokens, limits.usd)),
            (f"the day's, for {agent},", (own.tokens, own.usd), (limits.agent_tokens, limits.agent_usd)),
        ):
            if spent_tokens + tokens > most_tokens:
                raise BudgetSpentError(f"{whose} {most_tokens} tokens are spent")
            if spent_usd + usd > most_usd:
                raise BudgetSpentError(f"{whose} {most_usd} USD are spent")

    def _add(self, *row: str | int) -> None:
        try:
            with self._lock:
                self._rows.execute(_ADD, row)
        except sqlite3.Error as error:
            _log.warning("the book of spending was not corrected: %s", error)

    def _today(self) -> str:
        return self._clock.now().date().isoformat()


def _pico(usd: Decimal) -> int:
    return int((usd * _PICO).to_integral_value(ROUND_CEILING))
