"""The words of alerts: how loud, about what, and how far each has come on its way to a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Level(StrEnum):
    """How loud. CRITICAL passes quiet hours and every limit, and waits for somebody to acknowledge it."""

    INFO = "INFO"
    WARNING = "WARNING"
    CRITICAL = "CRITICAL"

    @property
    def rank(self) -> int:
        """0 to 2, the loudest last."""
        return list(Level).index(self)


class Kind(StrEnum):
    """About what."""

    TRIP = "trip"
    REFUSED = "refused"
    GUARD = "guard"
    MODEL = "model"
    SPIKE = "spike"
    REPORT = "report"
    SCHEDULE = "schedule"
    DISK = "disk"
    DATABASE = "database"
    SERVICE = "service"
    MESSENGER = "messenger"
    TEST = "test"
    SIGNAL = "signal"
    ORDER = "order"
    TRADE = "trade"


# Every decision, order and fill: no news to people, who are told them only where a channel names them.
TRAFFIC = frozenset({Kind.SIGNAL, Kind.ORDER, Kind.TRADE})


class Way(StrEnum):
    """How far an alert has come on one channel. `held` waits for a digest; `dead` was given up."""

    QUEUED = "queued"
    HELD = "held"
    SENT = "sent"
    DIGESTED = "digested"
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something to tell. `key` names what it is about: the same kind and key again, soon after, is a repetition.

    What is told `once` is an event with a key of its own, never told again however often it is seen. `data` is the same
    for programs: JSON values, no floats where money is meant.
    """

    kind: Kind
    level: Level
    title: str
    text: str = ""
    key: str = ""
    once: bool = False
    data: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """An alert that is kept. Times aware UTC; `count` is how often it happened, the first time included."""

    number: int
    at: datetime
    alert: Alert
    count: int
    last: datetime
    acknowledged: datetime | None
    by: str
    acted: str

    @property
    def waits(self) -> bool:
        """Whether it is critical and nobody has acknowledged it."""
        return self.alert.level is Level.CRITICAL and self.acknowledged is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One alert on its way along one channel. `due` is when it is tried next."""

    posted: Posted
    channel: str
    way: Way
    tries: int
    due: datetime
    sent: datetime | None
    trouble: str
