"""An outbox, channels that only note what they are given, and a clock that a test moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from desk.alerts import Alert, Kind, Level, Outbox
from desk.alerts.courier import Courier
from desk.alerts.rules import Quiet, Rules
from desk.alerts.values import Posted

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NIGHT = Quiet(begins=time(22), ends=time(7))


@dataclass
class StepClock:
    """A clock that a test moves."""

    at: datetime = NOON

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - NOON).total_seconds()

    def step(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Noting:
    """A channel that notes, and fails while `trouble` says why."""

    name: str = "phone"
    least: Level = Level.INFO
    kinds: frozenset[Kind] = frozenset()
    trouble: str = ""
    sent: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    tried: int = 0
    for_people: bool = True
    heard: Callable[[], object] = lambda: None

    @property
    def carries(self) -> tuple[Level, frozenset[Kind]]:
        return self.least, self.kinds

    def send(self, title: str, text: str, level: Level, about: Posted | None = None) -> str:
        self.tried += 1
        if not self.trouble:
            self.sent.append((title, text))
        self.heard()
        return self.trouble


def rules(*quiet: Quiet, most: int = 30) -> Rules:
    return Rules(
        zone=ZoneInfo("UTC"),
        quiet=quiet,
        most_an_hour=most,
        digest_every=timedelta(minutes=15),
        give_up=timedelta(hours=24),
    )


def alert(key: str = "", level: Level = Level.WARNING, kind: Kind = Kind.MODEL) -> Alert:
    return Alert(kind=kind, level=level, title=f"about {key or 'something'}", text="what happened", key=key)


class Bench:
    """Everything of one desk's alerts; `restart` opens it anew, as after kill -9."""

    def __init__(self, folder: Path, *channels: Noting, by: Rules | None = None) -> None:
        self.path, self.rules = folder / "alerts.sqlite", by or rules()
        self.clock, self.channels = StepClock(), channels or (Noting(),)
        self.restart()

    def restart(self) -> None:
        self.outbox = Outbox(self.path, self.clock)
        self.courier = Courier(self.outbox, {one.name: one for one in self.channels}, self.rules, self.clock)

    def deliver(self) -> None:
        """All that is due now."""
        self.courier.spread()
        for one in self.channels:
            while self.courier.step(one.name):
                pass

    def deliver_for(self, seconds: float, *, every: float = 1.0) -> None:
        for _ in range(int(seconds / every)):
            self.clock.step(every)
            self.deliver()
