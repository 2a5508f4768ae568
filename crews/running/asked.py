"""A trade that a person or a program asks for: no model decides it, and it goes the way of every decision all the same.

It is looked at with a snapshot of its own, written down before it leaves, judged and sized by the guard's gate, and
replayed from the record to the byte. Whoever asks names no quantity, and no rule knows them.
"""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass

from config.loader import DeskConfig
from crews.judgement import decide
from crews.judgement.asked import Asked, judgement_of
from crews.judgement.proposal import GuardDoor, note_answer, note_intent, propose
from crews.record.recorder import Recorder
from crews.record.version import code_version
from crews.running import processes
from crews.running.clocks import VenueTime
from crews.running.services import Folder
from crews.running.turn import deciding
from crews.seating import setup_of
from crews.setup import DeskSetup
from crews.view.snapshot import SnapshotBuilder
from desk.domain.errors import GuardUnreachableError, PrerequisiteError, VenueUnavailableError
from desk.domain.intents import Intent
from desk.guard.door.client import GuardClient
from desk.guard.door.wire import GuardAnswer
from desk.market.snapshot import Snapshot
from desk.venues.binance.public import open_public
from memory.audit import AuditLog
from memory.rows import Kind
from tools.tool import ToolContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What became of an asked trade: the decision that holds it, and the guard's whole answer."""

    decision_id: str
    intent: Intent
    answer: GuardAnswer


def ask(config: DeskConfig, folder: Folder, asked: Asked) -> Answered:
    """Ask the guard for one trade now, while nobody else decides on this profile.

    Raises:
        PrerequisiteError: a kickoff is at work, or the symbol is not on the desk's list.
        GuardError, VenueError, DataError: the guard or the market does not tell what a decision needs.
    """
    if asked.symbol not in config.desk.symbols:
        known = ", ".join(config.desk.symbols)
        raise PrerequisiteError(f"{asked.symbol[:20]} is not on the desk's list", hint=f"it trades {known}")
    with ExitStack() as closes:
        closes.enter_context(deciding(folder.root))
        public = open_public(_venue(config, folder))
        closes.callback(public.close)
        guard = closes.enter_context(_guard(folder))
        clock = VenueTime(public.server_time, stands_still=config.profile.clock.mode == "stepped")
        audit = closes.enter_context(closing(AuditLog(folder.audit, clock)))
        setup = setup_of(config)
        looks = SnapshotBuilder(market=public, news=None, settings=setup.snapshot, source=setup.source)
        closes.callback(looks.close)
        snapshot = looks.build(asked.symbol, clock.now(), guard.sync())
        return _ask(setup, audit, guard, snapshot, asked)


def _ask(setup: DeskSetup, audit: AuditLog, guard: GuardClient, snapshot: Snapshot, asked: Asked) -> Answered:
    run_id = (
        f"{setup.profile}-asked-{snapshot.at:%Y%m%dT%H%M%S}.{snapshot.at.microsecond // 1000:03d}-{audit.head()[0]}"
    )
    recorder = Recorder(audit, decide.decision_id_of(run_id, asked.symbol))
    digest = recorder.keep_snapshot(snapshot.to_json())
    judgement = judgement_of(asked, setup)
    intent = decide.build_intent(judgement, snapshot, setup, run_id=run_id, snapshot_hash=digest)
    if intent is None:
        raise PrerequisiteError("to hold is nothing to ask for")
    run = {"run_id": run_id, "symbol": asked.symbol, "profile": setup.profile, "config": setup.config}
    run |= {"config_hash": setup.config_hash, "code": code_version(), "models": {}, "weights": {}}
    run["asked"] = asked.to_json()
    recorder.note(Kind.RUN, run)
    seen = {"digest": digest, "symbol": snapshot.symbol, "at": snapshot.at.isoformat(), "source": snapshot.source}
    recorder.note(Kind.SNAPSHOT, seen)
    decided = {"proposed": None, "decision": judgement.to_json(), "caps": list(judgement.caps), "source_call": ""}
    recorder.note(Kind.DECISION, decided)
    note_intent(recorder, intent)
    recorder.flush()
    door = ToolContext(snapshot=snapshot, settings=setup.tools_for(snapshot.symbol), intent_door=GuardDoor(guard))
    answer = propose(intent, door)
    note_answer(recorder, intent, answer)
    recorder.flush()
    return Answered(decision_id=decide.decision_id_of(run_id, asked.symbol), intent=intent, answer=answer)


def _venue(config: DeskConfig, folder: Folder) -> str:
    url = config.profile.venue.base_url
    running = None if url else processes.find(folder.program("venue"))
    if not url and running is None:
        raise VenueUnavailableError("the paper exchange does not run", hint="crew console, or crew kickoff, starts it")
    return url or (running.url if running else "")


def _guard(folder: Folder) -> GuardClient:
    running = processes.find(folder.program("guard"))
    if running is None:
        raise GuardUnreachableError(
            "no guard runs: nobody would decide", hint="crew console, or crew kickoff, starts it"
        )
    return GuardClient(running.url, folder.crew_token.read_text().strip())
