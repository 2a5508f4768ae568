"""Which policy advises a desk now, and which did before: one small file of the profile, written by people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from desk.domain.errors import DataError, PrerequisiteError


class How(StrEnum):
    """What happened to a policy."""

    PROMOTED = "promoted"
    UNCERTIFIED = "promoted uncertified"
    ROLLED_BACK = "rolled back"


@checked(frozen=True, config={"extra": "forbid"})
class Turn:
    """One change: from `at` on this policy advises; an empty name is nobody."""

    policy: str
    at: datetime
    how: How


_TURNS = TypeAdapter(tuple[Turn, ...])


@dataclass(frozen=True)
class Promotions:
    """The turns of one profile, oldest first."""

    file: Path

    def turns(self) -> tuple[Turn, ...]:
        """Every change. Raises DataError when the file is not ours."""
        if not self.file.exists():
            return ()
        try:
            return _TURNS.validate_json(self.file.read_bytes())
        except (OSError, ValidationError) as error:
            raise DataError(f"{self.file.name} does not say which policy advises") from error

    @property
    def current(self) -> str:
        """The name of the policy that advises; empty where none does."""
        turns = self.turns()
        return turns[-1].policy if turns else ""

    def promote(self, policy: str, at: datetime, *, certified: bool) -> Turn:
        """From now on this policy advises."""
        return self._add(Turn(policy=policy, at=at, how=How.PROMOTED if certified else How.UNCERTIFIED))

    def roll_back(self, at: datetime) -> Turn:
        """Give the word back to who had it before the current policy, or to nobody.

        Raises:
            PrerequisiteError: no policy advises.
        """
        turns = self.turns()
        if not self.current:
            raise PrerequisiteError("no policy advises: there is nothing to roll back", hint="crew policy list")
        return self._add(Turn(policy=_before(turns), at=at, how=How.ROLLED_BACK))

    def _add(self, turn: Turn) -> Turn:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        draft = self.file.with_suffix(".draft")
        draft.write_bytes(_TURNS.dump_json((*self.turns(), turn), indent=2))
        draft.replace(self.file)
        return turn


def _before(turns: tuple[Turn, ...]) -> str:
    """Who advised when the current policy was promoted. What was rolled back from does not come back by itself."""
    line: list[str] = []
    for turn in turns:
        if turn.how is How.ROLLED_BACK:
            line.pop()
        else:
            line.append(turn.policy)
    return line[-2] if len(line) > 1 else ""
