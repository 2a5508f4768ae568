"""Carries alerts from the outbox to people, each channel for itself: one that is dead holds up neither desk nor others.

A step does at most one thing and never raises for a channel's sake. What was sent is written down afterwards, what
failed is tried again ever more slowly and given up after a day; both survive a restart.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from desk.alerts.outbox import Outbox
from desk.alerts.rules import Rules, digest_of, text_of, title_of
from desk.alerts.values import Delivery, Kind, Level, Posted, Way
from desk.domain.errors import DeskError
from desk.ports import Clock

_LOG = logging.getLogger(__name__)
_HOUR = timedelta(hours=1)
_GLANCE_SECONDS = 0.25


class Channel(Protocol):
    """One way to a person, or to a program."""

    @property
    def name(self) -> str:
        """What the operator calls it."""
        ...

    @property
    def service(self) -> str:
        """What is spoken to, such as Telegram."""
        ...

    @property
    def carries(self) -> tuple[Level, frozenset[Kind]]:
        """The least level, and the kinds; none means all that people are told."""
        ...

    @property
    def for_people(self) -> bool:
        """Whether quiet hours and digests are kept: a program is told everything at once, each by itself."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...

    def send(self, title: str, text: str, level: Level, about: Posted | None = None) -> str:
        """Send one message; empty when the service took it, else why not. Never raises, and tells no secret.

        `about` is the alert it tells of; a digest and a test tell of none.
        """
        ...


class Courier:
    """Delivers for all channels of one outbox."""

    def __init__(self, outbox: Outbox, channels: Mapping[str, Channel], rules: Rules, clock: Clock) -> None:
        self._outbox, self._channels, self._rules, self._clock = outbox, dict(channels), rules, clock
        self._digest_after: dict[str, datetime] = {}
        self._woken = {name: threading.Event() for name in self._channels}

    @property
    def channels(self) -> tuple[str, ...]:
        """The names of all channels."""
        return tuple(self._channels)

    def spread(self) -> None:
        """Queue what is new on every channel that carries it, and wake them. Raises UnwritableError."""
        if self._outbox.spread({name: channel.carries for name, channel in self._channels.items()}):
            for woken in self._woken.values():
                woken.set()

    def step(self, name: str) -> bool:
        """Do the next thing on this channel; False when there is nothing to do now. Raises JournalError."""
        now = self._clock.now()
        found = self._outbox.next(name)
        if found is None:
            return self._digest(name, now)
        if self._channels[name].for_people and self._rules.holds(
            found.posted.alert.level, now, self._outbox.sent_since(name, now - _HOUR)
        ):
            self._outbox.settle(found, Way.HELD)
        else:
            self._send(found)
        return True

    def carry(self, name: str, stopped: threading.Event) -> None:
        """Step until stopped, on a thread of this channel's own. A fault is logged and waited out."""
        while not stopped.is_set():
            try:
                busy = self.step(name)
            except DeskError as error:
                _LOG.warning("alerts of channel %s wait: %s", name, error)
                busy = False
            except Exception:
                _LOG.exception("channel %s failed", name)
                busy = False
            if not busy:
                # What is new wakes it; what is due again, or was posted by nobody who could, it glances for.
                self._woken[name].wait(_GLANCE_SECONDS)
                self._woken[name].clear()

    def _send(self, found: Delivery) -> None:
        alert = found.posted.alert
        trouble = self._channels[found.channel].send(title_of(found), text_of(found), alert.level, found.posted)
        if not trouble:
            self._outbox.settle(found, Way.SENT)
            return
        again = self._rules.again(found, self._clock.now())
        self._outbox.settle(found, Way.DEAD if again is None else Way.QUEUED, due=again, trouble=trouble)
        _LOG.warning("channel %s did not take alert %d: %s", found.channel, found.posted.number, trouble)

    def _digest(self, name: str, now: datetime) -> bool:
        held = self._outbox.held(name)
        if not self._rules.digests(held, now, self._outbox.last_digest(name)):
            return False
        if now < self._digest_after.get(name, now):
            return False
        title, text = digest_of(held)
        trouble = self._channels[name].send(title, text, max((one.posted.alert.level for one in held), key=_rank))
        if trouble:
            self._digest_after[name] = self._rules.again(held[-1], now) or now + self._rules.digest_every
            _LOG.warning("channel %s did not take its digest: %s", name, trouble)
            return False
        for one in held:
            self._outbox.settle(one, Way.DIGESTED)
        return True


def _rank(level: Level) -> int:
    return level.rank
