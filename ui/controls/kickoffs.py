"""One kickoff at a time from this server, on a thread of its own, its steps told to whoever listens.

The server holds the venue and the guard open, so that a kickoff finds them running and leaves them running. CrewAI's
import costs seconds: it is begun when the server has nothing better to do.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from config.leaks import cover_of
from config.loader import DeskConfig
from crews.running.services import Folder
from crews.work.progress import Progress
from desk.domain.errors import DeskError, PrerequisiteError

if TYPE_CHECKING:
    from crews.record.record import DecisionRecord
    from crews.running.kickoff import Kickoff

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One kickoff as it stands. `decisions` are its decisions' ids; `error` and `hint` say why it ended early."""

    number: int
    asked_by: str
    symbols: tuple[str, ...]
    cycles: int
    over: bool = False
    decisions: tuple[str, ...] = ()
    error: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a listener hears of a run: a step of it, a decision, or (neither) that it is over."""

    run: Run
    step: Progress | None = None
    decision: DecisionRecord | None = None


Listener = Callable[[Heard], None]


class Kickoffs:
    """Starts kickoffs of one profile. `config` is read anew for each, so that what was applied is in force."""

    def __init__(self, config: Callable[[], DeskConfig], folder: Folder, *, phrase: str = "") -> None:
        self._config, self._folder, self._phrase = config, folder, phrase
        self._lock = threading.Lock()
        self._run: Run | None = None
        self._kickoff: Kickoff | None = None
        self._thread: threading.Thread | None = None
        self._listeners: dict[int, Listener] = {}
        self._number = 0

    @property
    def run(self) -> Run | None:
        """The newest run, at work or over."""
        return self._run

    @property
    def at_work(self) -> bool:
        """Whether one is at work."""
        return self._run is not None and not self._run.over

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Hear every run from now on; returns what ends that. A listener is called on other threads."""
        with self._lock:
            self._number += 1
            key = self._number
            self._listeners[key] = listener
        return lambda: self._listeners.pop(key, None) and None

    def start(self, symbols: tuple[str, ...], *, cycles: int, asked_by: str) -> Run:
        """Begin one and return at once.

        Raises:
            PrerequisiteError: one is at work already, or a symbol is not on the desk's list.
            ConfigError: the operator's files do not hold together.
        """
        config = self._config()
        strangers = [symbol for symbol in symbols if symbol not in config.desk.symbols]
        if strangers:
            known = ", ".join(config.desk.symbols)
            raise PrerequisiteError(f"{strangers[0][:20]} is not on the desk's list", hint=f"it trades {known}")
        with self._lock:
            if self.at_work:
                raise PrerequisiteError("a kickoff is at work already", hint="/stop ends it after its decision")
            self._number += 1
            self._run = Run(number=self._number, asked_by=asked_by, symbols=symbols, cycles=cycles)
            run = self._run
        self._thread = threading.Thread(target=self._work, args=(run, config), name="kickoff", daemon=True)
        self._thread.start()
        return run

    def stop(self) -> bool:
        """Let the run at work end after its decision; False when none is."""
        kickoff = self._kickoff
        if not self.at_work:
            return False
        if kickoff is not None:
            kickoff.stop()
        return True

    def close(self, timeout: float = 20.0) -> None:
        """Stop and wait until the decision at hand is over, but not for longer than `timeout` seconds."""
        self.stop()
        if self._thread is not None:
            self._thread.join(timeout)

    def _work(self, run: Run, config: DeskConfig) -> None:
        cover = cover_of(os.environ)
        try:
            asyncio.run(self._decide(run, config))
        except DeskError as error:
            self._change(error=cover(error.message), hint=cover(error.hint))
        except Exception as fault:
            _LOG.exception("the kickoff ended by a fault of the desk's own")
            words = cover(f"{type(fault).__name__}: {fault}")
            self._change(error=words, hint="a fault of the desk's own; the log says where")
        finally:
            self._kickoff = None
            self._tell(Heard(run=self._change(over=True)))

    async def _decide(self, run: Run, config: DeskConfig) -> None:
        # Here and not above: the agents and their indicators take half a second to load.
        from crews.running.kickoff import Kickoff, Wish

        wish = Wish(symbols=run.symbols, cycles=run.cycles, progress=self._step, phrase=self._phrase)
        with Kickoff(config, self._folder, wish) as kickoff:
            self._kickoff = kickoff
            async for record in kickoff.decisions():
                self._change(decisions=(*(self._run.decisions if self._run else ()), record.decision_id))
                self._tell(Heard(run=self._current(run), decision=record))

    def _step(self, step: Progress) -> None:
        if self._run is not None:
            self._tell(Heard(run=self._run, step=step))

    def _change(self, **changes: object) -> Run:
        with self._lock:
            if self._run is None:
                raise PrerequisiteError("no kickoff has been started")
            self._run = replace(self._run, **changes)  # type: ignore[arg-type]  # names and types are the caller's own
            return self._run

    def _current(self, run: Run) -> Run:
        return self._run or run

    def _tell(self, heard: Heard) -> None:
        for listener in list(self._listeners.values()):
            try:
                listener(heard)
            except Exception:
                _LOG.exception("a listener of kickoffs failed")
