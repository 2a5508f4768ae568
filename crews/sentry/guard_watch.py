"""The guard as a person should hear of it: trips, a mode that tightens, silence, blindness, what it cannot explain."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from desk.alerts import Alert, Kind, Level
from desk.domain.moments import from_ms
from desk.guard.vocabulary.status import GuardStatus
from desk.ports import Clock

_NORMAL, _REDUCE_ONLY = "NORMAL", "REDUCE_ONLY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the guard answered just now; without `status` nobody told it, and `trouble` says why.

    One that is `busy` answers its door all the same: it waits for the venue, and is not silent. One that is `gone`
    has no process any more, though nobody ended it in order; and so it is with the exchange beside it.
    """

    status: GuardStatus | None
    trouble: str = ""
    busy: bool = False
    gone: bool = False
    exchange_gone: bool = False


class GuardWatch:
    """Looks at one guard. `expected` says whether one ought to run: one that was stopped in order is no silence."""

    def __init__(
        self, ask: Callable[[], Look], expected: Callable[[], bool], clock: Clock, *, silent_seconds: float
    ) -> None:
        self._ask, self._expected, self._clock, self._patience = ask, expected, clock, silent_seconds
        self._since: dict[str, float] = {}
        self._told: set[str] = set()
        self._exchange_gone = float("-inf")

    def look(self) -> Iterator[Alert]:
        """What is new since the last look."""
        began = self._clock.monotonic()
        seen = self._ask()
        if seen.exchange_gone and self._expected():
            # The guard would find out at its next look, and say so once it has waited for an answer.
            self._exchange_gone = self._clock.monotonic()
            yield from self._blind("the process of the exchange is gone", since=began, certain=True)
        if seen.status is None:
            wrong = self._expected() and not seen.busy
            if self._lasts("silent", wrong=wrong, since=began, certain=seen.gone):
                text = "its process is gone" if seen.gone else seen.trouble
                yield Alert(kind=Kind.GUARD, level=Level.CRITICAL, title="the guard is silent", text=text, key="silent")
            return
        if self._over("silent"):
            yield Alert(kind=Kind.GUARD, level=Level.INFO, title="the guard answers again", key="answers")
        yield from self._sight(seen.status)
        yield from _trip(seen.status)
        yield from _unexplained(seen.status)

    def _sight(self, told: GuardStatus) -> Iterator[Alert]:
        """Whether it sees the venue. Of an exchange that was gone a moment ago it may not have noticed yet."""
        now = self._clock.monotonic()
        if told.trouble:
            yield from self._blind(told.trouble, since=now)
        elif now - self._exchange_gone >= self._patience and self._over("blind"):
            yield Alert(kind=Kind.GUARD, level=Level.INFO, title="the guard sees the venue again", key="sees")

    def _blind(self, why: str, *, since: float, certain: bool = False) -> Iterator[Alert]:
        if self._lasts("blind", wrong=True, since=since, certain=certain):
            title = "the guard cannot see the venue: nothing new is opened"
            yield Alert(kind=Kind.GUARD, level=Level.WARNING, title=title, text=why, key="blind")

    def _lasts(self, what: str, *, wrong: bool, since: float, certain: bool = False) -> bool:
        """Whether this, if it is wrong, has been so for long enough, told once for each time; `since` if it is new.

        What is `certain` needs no patience: a process that is gone does not come back by itself.
        """
        if not wrong:
            self._since.pop(what, None)
            return False
        began = self._since.setdefault(what, since)
        waits = not certain and self._clock.monotonic() - began < self._patience
        if waits or what in self._told:
            return False
        self._told.add(what)
        return True

    def _over(self, what: str) -> bool:
        """Whether something that was told is over now."""
        self._since.pop(what, None)
        was = what in self._told
        self._told.discard(what)
        return was


def trip_alert(reason: str, at: int, numbers: Mapping[str, str]) -> Alert:
    """A trip, wherever it was seen: `at` in ms UTC of the venue's clock, which is what it is known by."""
    told = ", ".join(f"{name} {value}" for name, value in numbers.items())
    when = f"{from_ms(at):%Y-%m-%d %H:%M:%S} UTC of the venue"
    return Alert(
        kind=Kind.TRIP,
        level=Level.CRITICAL,
        title=f"the breaker tripped: {reason}",
        text=f"{told}\nat {when}; only crew reset lifts it".strip(),
        key=f"latch/{at}",
        once=True,
        data={"reason": reason, "at": from_ms(at).isoformat(), "numbers": dict(numbers)},
    )


def _trip(told: GuardStatus) -> Iterator[Alert]:
    if told.latch is not None:
        yield trip_alert(told.latch.reason, told.latch.at, told.latch.numbers)
    elif told.mode != _NORMAL:
        level = Level.WARNING if told.mode == _REDUCE_ONLY else Level.CRITICAL
        title = f"the guard is {told.mode.replace('_', ' ').lower()}"
        yield Alert(
            kind=Kind.TRIP,
            level=level,
            title=title,
            key=f"{told.mode}/{told.day.date}",
            once=True,
            data={"mode": told.mode},
        )


def _unexplained(told: GuardStatus) -> Iterator[Alert]:
    if told.unexplained:
        names = ", ".join(told.unexplained[:5])
        title = "the guard found what nobody here did"
        yield Alert(kind=Kind.GUARD, level=Level.CRITICAL, title=title, text=names, key=names[:200], once=True)
