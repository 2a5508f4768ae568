"""The controls of one profile, as one thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing

from config.loader import DeskConfig
from crews.judgement.asked import Asked
from crews.record.acts import note_act
from crews.running import pause
from crews.running.asked import Answered, ask
from crews.running.services import Folder
from crews.spending.costs import choose_mode
from desk.alerts import Outbox
from desk.domain.errors import PrerequisiteError
from desk.guard.process.clock import SystemClock
from desk.guard.vocabulary.status import GuardStatus
from ui.controls.kickoffs import Kickoffs
from ui.window import Window


class Controls:
    """What an operator can do here. Every method raises DeskError when it could not be done."""

    def __init__(self, window: Window, config: Callable[[], DeskConfig], *, phrase: str = "") -> None:
        self._window, self._config = window, config
        self._folder: Folder = window.folder
        self.kickoffs = Kickoffs(config, window.folder, phrase=phrase)

    def close(self) -> None:
        """End the kickoff at work, after its decision."""
        self.kickoffs.close()

    def halt(self, reason: str, *, asked_by: str) -> GuardStatus:
        """Cancel entries, close positions, lock. Only `crew reset` at a terminal lifts it."""
        return self._asked(lambda guard: guard.halt(_signed(reason, asked_by)))

    def flatten(self, reason: str, *, asked_by: str) -> GuardStatus:
        """Close every position and cancel every entry, without locking."""
        return self._asked(lambda guard: guard.flatten(_signed(reason, asked_by)))

    def tighten(self, changes: Mapping[str, str]) -> GuardStatus:
        """Make limits stricter; the guard refuses whatever would loosen one."""
        return self._asked(lambda guard: guard.tighten(changes))

    def pause(self, reason: str, *, asked_by: str) -> pause.Paused:
        """Let the crew decide nothing more."""
        return pause.pause(self._folder, _signed(reason, asked_by))

    def resume(self) -> bool:
        """Let the crew decide again; False when it was not paused."""
        return pause.resume(self._folder)

    def trade(self, asked: Asked) -> Answered:
        """Ask the guard for one trade; it is recorded, judged and sized like every other. Not for real money."""
        if self._window.config.profile.allows.real_money:
            raise PrerequisiteError("real money is traded by certified strategies alone, started at the machine")
        try:
            return ask(self._config(), self._folder, asked)
        finally:
            self._window.guard.forget()

    def acknowledge(self, number: int | None, *, asked_by: str) -> int:
        """Say that somebody has seen an alert, or all that wait; how many were not yet acknowledged."""
        if not self._folder.alerts.exists():
            return 0
        with closing(Outbox(self._folder.alerts, SystemClock())) as outbox:
            count = outbox.acknowledge(number, asked_by)
        note_act(self._folder, f"ack {number or 'all'}", by=asked_by, outcome=f"{count} acknowledged")
        return count

    def pay(self, mode: str) -> None:
        """Choose how models are paid from the next kickoff on."""
        choose_mode(self._config(), self._folder, mode)

    def _asked(self, act: Callable[..., GuardStatus]) -> GuardStatus:
        with self._window.guard.client() as guard:
            try:
                return act(guard)
            finally:
                self._window.guard.forget()


def _signed(reason: str, asked_by: str) -> str:
    """The reason as the guard's journal keeps it: on one line, bounded, and with who asked."""
    words = " ".join(reason.split())[:300] or "no reason given"
    return f"{words} (asked by {asked_by})"
