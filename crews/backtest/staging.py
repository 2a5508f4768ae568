"""Who plays, and how the crew comes to sit before a stage: the desk's own crew, told the stage's time and market.

Only time is not real, so nobody is late: deadlines are lifted. Models are the written rules, for a language model has
read of the past it would be tried on. Agents count as unproven throughout, and no learnt policy advises.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from agents.offline import LABEL, OfflineModel
from crews.backtest.market import RecordedMarket
from crews.desk import Desk, Guard
from crews.setup import DeskSetup
from crews.work.by_hand import run_by_hand
from crews.work.floor import Run
from desk.backtest.replay.stage import Stage
from desk.domain.errors import GuardUnreachableError
from desk.domain.intents import Intent
from desk.domain.market import Headline
from desk.guard.door.wire import GuardAnswer, intent_to_json
from desk.guard.vocabulary.status import GuardStatus
from memory.rows import Entry

_NEVER_LATE = 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Troupe:
    """Who plays: the crew as it is set up, the headlines it may read, and how its seats do their tasks."""

    setup: DeskSetup
    headlines: Sequence[Headline] = ()
    run: Run = run_by_hand

    @property
    def label(self) -> str:
        """What tells this crew from one that is set up otherwise."""
        return f"{LABEL}, configuration {self.setup.config_hash[:12]}"


def crew_before(stage: Stage, market: RecordedMarket, troupe: Troupe, guard: Guard) -> Desk:
    """The crew, ready to decide at whatever time the stage stands at. Close it after use."""
    setup = _unhurried(troupe.setup, stage.tape.symbols)
    return Desk(
        market=market,
        news=market if troupe.headlines else None,
        guard=guard,
        audit=_Forgets(),
        setup=setup,
        models=dict.fromkeys((*setup.specialists, *setup.leaders), OfflineModel()),
        clock=stage.clock,
        run=troupe.run,
    )


@dataclass(frozen=True)
class Door:
    """The guard as the crew reaches it: it may read, and ask once."""

    stage: Stage

    def state(self) -> GuardStatus:
        """See `crews.judgement.proposal.Guard`."""
        return self.stage.guard.status()

    def propose(self, intent: Intent) -> GuardAnswer:
        """See `crews.judgement.proposal.Guard`."""
        answer = self.stage.guard.propose(intent_to_json(intent))
        self.stage.settle()
        return answer


@dataclass(frozen=True)
class ShutDoor:
    """The same guard to whoever shall only say what they would ask."""

    stage: Stage

    def state(self) -> GuardStatus:
        """See `crews.judgement.proposal.Guard`."""
        return self.stage.guard.status()

    def propose(self, intent: Intent) -> GuardAnswer:
        """Refuses to hear it. Raises GuardUnreachableError."""
        raise GuardUnreachableError("this crew is only asked what it would do")


class _Forgets:
    """An audit log that keeps nothing: a play is played again rather than read."""

    def append_all(self, decision_id: str, entries: Iterable[Entry]) -> None:
        return

    def put_snapshot(self, data: bytes) -> str:
        return hashlib.sha256(data).hexdigest()


def _unhurried(setup: DeskSetup, symbols: Sequence[str]) -> DeskSetup:
    """The same crew without a clock in its neck, compared with those leaders alone that were recorded too."""
    late, references = _NEVER_LATE, tuple(name for name in setup.snapshot.references if name in symbols)
    return replace(
        setup,
        deadline=late,
        guard_deadline=late,
        plan=replace(setup.plan, deadline=late),
        decide=replace(setup.decide, deadline=late),
        specialists={name: replace(seat, deadline=late) for name, seat in setup.specialists.items()},
        snapshot=replace(setup.snapshot, references=references),
    )
