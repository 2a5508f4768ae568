"""One decision while it is being made: its names, its budget, its rows, and who has reported or abstained so far."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from agents.models import Stage
from agents.reports import Report
from crews.record.record import Abstention, AbstentionReason
from crews.record.recorder import Recorder
from crews.spending.budget import Purse
from crews.work.floor import Floor
from crews.work.progress import Announcer, ProgressKind
from crews.work.progress import Stage as Shown
from desk.domain.errors import DeskError
from memory.rows import Kind
from memory.standing import Weight


@dataclass(kw_only=True)
class Case:
    """One decision while it is being made."""

    decision_id: str
    run_id: str
    symbol: str
    began: float
    weights: Mapping[str, Weight]
    recorder: Recorder
    announcer: Announcer
    purse: Purse
    floor: Floor
    reports: dict[str, Report] = field(default_factory=dict)
    abstentions: list[Abstention] = field(default_factory=list)

    @contextlib.contextmanager
    def stage(self, stage: Shown) -> Iterator[None]:
        """Announce a stage, and make its rows durable when it ends, however it ends."""
        began = time.monotonic()
        self.announcer.tell(ProgressKind.STAGE_STARTED, stage)
        try:
            yield
        except DeskError as error:
            row = {"stage": stage.value, "error": type(error).__name__, "message": error.message}
            self.recorder.note(Kind.ERROR, row)
            raise
        finally:
            self.recorder.flush()
            self.announcer.tell(ProgressKind.STAGE_FINISHED, stage, seconds=time.monotonic() - began)


def abstain(
    case: Case, agent: str, reason: AbstentionReason, detail: str, *, stage: Stage, seconds: float = 0.0
) -> None:
    """Record that an agent gave nothing, and why."""
    abstention = Abstention(agent=str(agent), reason=reason, detail=detail[:300])
    case.abstentions.append(abstention)
    row = {"reason": reason.value, "detail": abstention.detail, "stage": stage.value}
    case.recorder.note(Kind.ABSTENTION, row, agent=abstention.agent)
    case.announcer.tell(
        ProgressKind.AGENT_ABSTAINED,
        Shown(stage.value),
        agent=abstention.agent,
        seconds=seconds,
        note=f"{reason.value}: {abstention.detail}",
    )
