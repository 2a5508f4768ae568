"""A service without a process: it dies, falls silent and is replaced on the test's word."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from config.services import Restarts
from desk.domain.errors import PrerequisiteError
from ops.identity import Identity

RULE = Restarts(first_seconds=1, longest_seconds=60, most=3, window_seconds=900, mute_seconds=60)


@dataclass
class Actor:
    """A service of a play. What happened to it is written into the `book` that all of a play share."""

    name: str
    book: list[str]
    lent_seconds: float = 0.0
    broken: str = ""
    slow: bool = False
    url: str = ""
    log: Path = Path("play.log")
    pid: int = 0
    _born: int = field(default=0)

    @property
    def process(self) -> Identity | None:
        return Identity(pid=self.pid, born=self._born) if self.pid else None

    def start(self, *, by_hand: bool) -> None:
        self.book.append(f"{self.name} {'started' if by_hand else 'started again'}")
        if self.broken:
            raise PrerequisiteError(self.broken)
        self.lives()

    def answers(self) -> bool:
        return bool(self.pid) and not self.slow

    def stop(self) -> None:
        self.book.append(f"{self.name} stopped")
        self.pid = 0

    def last_words(self) -> tuple[str, str]:
        return "", ""

    def lives(self) -> None:
        """A process takes the place."""
        self._born += 1
        self.pid = 100 + self._born

    def dies(self) -> None:
        """The process is gone, and nobody was told."""
        self.pid = 0
