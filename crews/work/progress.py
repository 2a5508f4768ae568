"""Live progress of a decision, as typed events: who is working, with which tool, and for how long.

Progress is for eyes only. Nothing is decided from it, a listener that raises is dropped with a log line, and events may
arrive from several threads at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

_log = logging.getLogger(__name__)


class Stage(StrEnum):
    """The stages of one decision, in order; before the first a kickoff opens, and between two of them time passes."""

    OPEN = "open"
    PACE = "pace"
    SNAPSHOT = "snapshot"
    PLAN = "plan"
    WORK = "work"
    DECIDE = "decide"
    PROPOSE = "propose"
    RECORD = "record"


class ProgressKind(StrEnum):
    """What happened. Every `*_STARTED` is followed by its `*_FINISHED`, or by `AGENT_ABSTAINED` for an agent."""

    STAGE_STARTED = "stage_started"
    STAGE_FINISHED = "stage_finished"
    AGENT_STARTED = "agent_started"
    AGENT_FINISHED = "agent_finished"
    AGENT_ABSTAINED = "agent_abstained"
    TOOL_STARTED = "tool_started"
    TOOL_FINISHED = "tool_finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One event. `seconds` is the time spent, set on events that end something; `note` is short text for a person."""

    kind: ProgressKind
    decision_id: str
    symbol: str
    stage: Stage
    agent: str = ""
    tool: str = ""
    seconds: float = 0.0
    note: str = ""


ProgressListener = Callable[[Progress], None]


def silent(event: Progress) -> None:
    """The listener of a caller that wants no progress."""


class Announcer:
    """Sends the progress of one decision to a listener, and keeps a broken listener from harming the decision."""

    def __init__(self, listener: ProgressListener, *, decision_id: str, symbol: str) -> None:
        self._listener = listener
        self._decision_id = decision_id
        self._symbol = symbol
        self._broken = False

    def tell(
        self,
        kind: ProgressKind,
        stage: Stage,
        *,
        agent: str = "",
        tool: str = "",
        seconds: float = 0.0,
        note: str = "",
    ) -> None:
        """Send one event. After a listener's first exception it hears no more of this decision."""
        if self._broken:
            return
        event = Progress(
            kind=kind,
            decision_id=self._decision_id,
            symbol=self._symbol,
            stage=stage,
            agent=agent,
            tool=tool,
            seconds=seconds,
            note=note,
        )
        try:
            self._listener(event)
        except Exception:
            self._broken = True
            _log.exception("progress listener failed; it hears no more of decision %s", self._decision_id)
