"""The guard as a person should hear of it: trips, a mode that tightens, silence, blindness, what it cannot explain."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from desk.alerts import Alert, Kind, Level
from desk.domain.moments import from_ms
from desk.guard.vocabulary.status import GuardStatus
from desk.ports import Clock

_NORMAL, _REDUCE_ONLY = "NORMAL", "REDUCE_ONLY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the guard answered just now; without `status` nobody answered, and `trouble` says why."""

    status: GuardStatus | None
    trouble: str = ""


class GuardWatch:
    """Looks at one guard. `expected` says whether one ought to run: one that was stopped in order is no silence."""

    def __init__(
        self, ask: Callable[[], Look], expected: Callable[[], bool], clock: Clock, *, silent_seconds: float
    ) -> None:
        self._ask, self._expected, self._clock, self._patience = ask, expected, clock, silent_seconds
        self._since: dict[str, float] = {}
        self._told: set[str] = set()

    def look(self) -> Iterator[Alert]:
        """What is new since the last look."""
        seen = self._ask()
        if seen.status is None:
            if self._lasts("silent", wrong=self._expected()):
                yield Alert(
                    kind=Kind.GUARD, level=Level.CRITICAL, title="the guard is silent", text=seen.trouble, key="silent"
                )
            return
        if self._over("silent"):
            yield Alert(kind=Kind.GUARD, level=Level.INFO, title="the guard answers again", key="answers")
        yield from self._blind(seen.status)
        yield from _trip(seen.status)
        yield from _unexplained(seen.status)

    def _blind(self, told: GuardStatus) -> Iterator[Alert]:
        if self._lasts("blind", wrong=bool(told.trouble)):
            title = "the guard cannot see the venue: nothing new is opened"
            yield Alert(kind=Kind.GUARD, level=Level.WARNING, title=title, text=told.trouble, key="blind")
        elif not told.trouble and self._over("blind"):
            yield Alert(kind=Kind.GUARD, level=Level.INFO, title="the guard sees the venue again", key="sees")

    def _lasts(self, what: str, *, wrong: bool) -> bool:
        """Whether this has been wrong for long enough, told once for each time."""
        now = self._clock.monotonic()
        if not wrong:
            self._since.pop(what, None)
            return False
        if now - self._since.setdefault(what, now) < self._patience or what in self._told:
            return False
        self._told.add(what)
        return True

    def _over(self, what: str) -> bool:
        """Whether something that was told is over now."""
        self._since.pop(what, None)
        was = what in self._told
        self._told.discard(what)
        return was


def _trip(told: GuardStatus) -> Iterator[Alert]:
    if told.latch is not None:
        numbers = ", ".join(f"{name} {value}" for name, value in told.latch.numbers.items())
        when = f"{from_ms(told.latch.at):%Y-%m-%d %H:%M:%S} UTC of the venue"
        yield Alert(
            kind=Kind.TRIP,
            level=Level.CRITICAL,
            title=f"the breaker tripped: {told.latch.reason}",
            text=f"{numbers}\nat {when}; only crew reset lifts it".strip(),
            key=f"latch/{told.latch.at}",
            once=True,
            data={
                "reason": told.latch.reason,
                "at": from_ms(told.latch.at).isoformat(),
                "numbers": dict(told.latch.numbers),
            },
        )
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
