"""When an alert may be sent: not in quiet hours, only so many an hour, ever more slowly after failures. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from desk.alerts.values import Delivery, Level

_FIRST_TRY, _SLOWEST = timedelta(seconds=2), timedelta(minutes=5)
_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """A span of the day, over midnight where it ends before it begins. `days` (0 is Monday) are those it begins on."""

    begins: time
    ends: time
    days: frozenset[int] = frozenset()

    def covers(self, local: datetime) -> bool:
        """Whether this local moment lies in it."""
        at = local.time().replace(tzinfo=None)
        if self.begins < self.ends:
            return self.begins <= at < self.ends and self._on(local)
        return (at >= self.begins and self._on(local)) or (at < self.ends and self._on(local - timedelta(days=1)))

    def _on(self, local: datetime) -> bool:
        return not self.days or local.weekday() in self.days


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The operator's rules for every channel."""

    zone: ZoneInfo
    quiet: tuple[Quiet, ...]
    most_an_hour: int
    digest_every: timedelta
    give_up: timedelta

    def holds(self, level: Level, now: datetime, sent_in_hour: int) -> bool:
        """Whether an alert waits for the digest. What is critical never does."""
        return level is not Level.CRITICAL and (self.is_quiet(now) or sent_in_hour >= self.most_an_hour)

    def is_quiet(self, now: datetime) -> bool:
        """Whether people are to be left alone now."""
        local = now.astimezone(self.zone)
        return any(span.covers(local) for span in self.quiet)

    def digests(self, held: Sequence[Delivery], now: datetime, last: datetime | None) -> bool:
        """Whether what was held back is sent now, as one message."""
        if not held or self.is_quiet(now):
            return False
        rested = last is None or now - last >= self.digest_every
        return rested and now - held[0].posted.at >= self.digest_every

    def again(self, delivery: Delivery, now: datetime) -> datetime | None:
        """When a delivery that failed is tried next; None once it is given up."""
        if now - delivery.posted.at >= self.give_up:
            return None
        return now + min(_FIRST_TRY * 2 ** min(delivery.tries, 10), _SLOWEST)


def title_of(delivery: Delivery) -> str:
    """The message's first line."""
    posted = delivery.posted
    return f"{posted.alert.level.value} #{posted.number} {posted.alert.title}"


def text_of(delivery: Delivery) -> str:
    """The message: what happened, when, how often, and what acknowledges it."""
    posted = delivery.posted
    often = f", {posted.count} times" if posted.count > 1 else ""
    lines = [posted.alert.text, f"{posted.at:%Y-%m-%d %H:%M:%S} UTC{often}"]
    if posted.waits:
        lines.append(f"Acknowledge: /ack {posted.number}, or crew alerts ack {posted.number}")
    return "\n".join(line for line in lines if line)


def digest_of(held: Sequence[Delivery]) -> tuple[str, str]:
    """One message for all that was held back: title and text."""
    lines = [f"{one.posted.at:%H:%M} {title_of(one)}{_often(one.posted.count)}" for one in held[-_SHOWN:]]
    more = len(held) - len(lines)
    if more:
        lines.insert(0, f"and {more} before these; crew alerts list shows all")
    return f"{len(held)} alerts held back", "\n".join(lines)


def _often(count: int) -> str:
    return f" ({count} times)" if count > 1 else ""
