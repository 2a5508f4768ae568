"""The keeper of one desk: starts its services in the order of need, starts again what ends, ends all in reverse.

Each service is a small state machine, moved by `tick` with the time handed in. What is needed by others must answer
before they start; a service that ends is started again after a growing pause, and given up after too many ends, while
the others go on. The keeper holds no key and decides nothing: were it killed, guard and exchange would go on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from config.services import Restarts
from desk.domain.errors import DeskError, PrerequisiteError
from ops.identity import Identity
from ops.patience import Patience
from ops.services import Service
from ops.standing import Standing, State

_LOG = logging.getLogger(__name__)
START_SECONDS = 120.0
_SETTLED = (State.UP, State.GIVEN_UP, State.STOPPED)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Kept:
    """One service and how it stands. Times are monotonic seconds."""

    service: Service
    rule: Restarts
    now: Callable[[], datetime] = _now
    state: State = State.DOWN
    since: str = ""
    entered: float = 0.0
    heard: float = 0.0
    due: float = 0.0
    restarts: int = 0
    reason: str = ""
    seen: Identity | None = None
    trouble: DeskError | None = None
    patience: Patience = field(init=False)

    def __post_init__(self) -> None:
        self.patience = Patience(self.rule)
        self.since = self.now().isoformat(timespec="seconds")

    def tick(self, now: float) -> None:
        """Look at the service, and do what its state asks for."""
        steps: dict[State, Callable[[float], None]] = {
            State.STARTING: self._starting,
            State.UP: self._up,
            State.MUTE: self._up,
            State.REPLACED: self._replaced,
            State.WAITING: self._waiting,
        }
        step = steps.get(self.state)
        if step is not None:
            step(now)

    def begin(self, now: float, *, by_hand: bool) -> None:
        """Start it now."""
        self._enter(State.STARTING, now)
        try:
            self.service.start(by_hand=by_hand)
        except DeskError as error:
            self._ended(now, error.message, error)

    def end(self, now: float) -> None:
        """Stop it in order."""
        self.service.stop()
        self._enter(State.DOWN, now)

    def rest(self, now: float) -> None:
        """A human asked: stop it, and leave it so until a human starts it."""
        self.service.stop()
        self.patience.forget()
        self.reason, self.seen = "", None
        self._enter(State.STOPPED, now)
        _LOG.info("%s is stopped, until somebody starts it", self.service.name)

    def again(self, now: float) -> None:
        """A human asked: stop it, forget how often it ended, start it."""
        self.service.stop()
        self.patience.forget()
        self.reason = ""
        self.restarts += 1
        self.begin(now, by_hand=True)

    def standing(self) -> Standing:
        """How it stands, for readers."""
        return Standing(
            name=self.service.name,
            state=self.state,
            since=self.since,
            process=self.seen if self.state in (State.UP, State.STARTING, State.MUTE) else None,
            url=self.service.url,
            restarts=self.restarts,
            reason=self.reason,
            log=str(self.service.log),
        )

    def _starting(self, now: float) -> None:
        self.seen = self.service.process
        if self.seen is None:
            said, hint = self.service.last_words()
            self._ended(now, f"it ended while starting{f': {said}' if said else ''}", hint=hint)
        elif self.service.answers():
            self._enter(State.UP, now)
        elif now - self.entered > START_SECONDS:
            self.service.stop()
            self._ended(now, f"no answer within {START_SECONDS:.0f} s")

    def _up(self, now: float) -> None:
        process = self.service.process
        if process is None and self.service.lent_seconds:
            self._enter(State.REPLACED, now)
        elif process is None:
            self._ended(now, "it ended by itself")
        elif self.service.answers():
            self._heard(process, now)
        elif now - self.heard > self.rule.mute_seconds and not self.service.lent_seconds:
            self.service.stop()
            self._ended(now, f"no answer for {self.rule.mute_seconds:.0f} s")
        elif self.state is State.UP:
            self._enter(State.MUTE, now, heard=False)

    def _heard(self, process: Identity, now: float) -> None:
        if process != self.seen:
            self.seen, self.reason = process, "another process took its place"
            self.restarts += 1
            _LOG.warning("%s: another process took its place", self.service.name)
        if self.state is State.MUTE:
            self._enter(State.UP, now)
        self.heard = now

    def _replaced(self, now: float) -> None:
        """Somebody else's turn: the guard's watcher."""
        process = self.service.process
        if process is not None and self.service.answers():
            self._enter(State.UP, now)
            self._heard(process, now)
        elif now - self.entered > self.service.lent_seconds:
            self._ended(now, "it ended, and nobody put another in its place")

    def _waiting(self, now: float) -> None:
        if now >= self.due:
            self.restarts += 1
            self.begin(now, by_hand=False)

    def _ended(self, now: float, reason: str, error: DeskError | None = None, hint: str = "") -> None:
        pause = self.patience.after_end(now)
        self.reason, self.seen = reason, None
        if self.trouble is None:
            words = f"the {self.service.name} does not run: {reason}"
            self.trouble = error or PrerequisiteError(words, hint=hint or f"its log is {self.service.log}")
        if pause is None:
            self._enter(State.GIVEN_UP, now)
            _LOG.critical("%s is given up: %s, %d times", self.service.name, reason, len(self.patience.ends))
        else:
            self.due = now + pause
            self._enter(State.WAITING, now)
            _LOG.error("%s: %s; again in %.0f s", self.service.name, reason, pause)

    def _enter(self, state: State, now: float, *, heard: bool = True) -> None:
        if state is not self.state:
            self.since = self.now().isoformat(timespec="seconds")
        before, name = self.state, self.service.name
        at = f" at {self.service.url}" if self.service.url else ""
        self.state, self.entered = state, now
        if heard:
            self.heard = now
        if state is State.UP:
            _LOG.info("%s %s%s", name, "answers again" if before is State.MUTE else "is up", at)
        elif state is State.MUTE:
            _LOG.warning("%s does not answer%s", name, at)


class Keeper:
    """All services of one desk, in the order of need."""

    def __init__(self, services: Sequence[Service], rule: Restarts) -> None:
        self._kept = [Kept(one, rule) for one in services]

    @property
    def standings(self) -> tuple[Standing, ...]:
        """How each stands."""
        return tuple(one.standing() for one in self._kept)

    @property
    def settled(self) -> bool:
        """Whether everything has been started, given up, or stopped by a human."""
        return all(one.state in _SETTLED for one in self._kept)

    def are_settled(self, names: Sequence[str]) -> bool:
        """Whether those of these names that are kept here have been started, or given up."""
        return all(one.state in _SETTLED for one in self._kept if one.service.name in names)

    @property
    def trouble(self) -> DeskError | None:
        """Why the first start of a service failed, if one did before everything was up."""
        return next((one.trouble for one in self._kept if one.trouble is not None), None)

    def tick(self, now: float) -> None:
        """Look at every service; the first that never started is begun once all before it answer or are given up."""
        for one in self._kept:
            one.tick(now)
        for place, one in enumerate(self._kept):
            if one.state is State.DOWN and all(k.state in _SETTLED for k in self._kept[:place]):
                one.begin(now, by_hand=True)
                break

    def again(self, name: str, now: float) -> None:
        """Start one service anew. Raises PrerequisiteError for a name that is none."""
        self._named(name).again(now)

    def rest(self, name: str, now: float) -> None:
        """Stop one service until a human starts it. Raises PrerequisiteError for a name that is none."""
        self._named(name).rest(now)

    def end(self, now: float) -> None:
        """End all, the last started first: who decides before who executes, the guard before its exchange."""
        for one in reversed(self._kept):
            one.end(now)

    def _named(self, name: str) -> Kept:
        found = next((one for one in self._kept if one.service.name == name), None)
        if found is None:
            raise PrerequisiteError(f"no service {name} is kept here")
        return found
