"""One decision, in nine steps: snapshot, plan, work, decide, propose, gate, execute, record, learn.

Models are asked in steps two to four only. Whatever they do — fail, stall, lie — the desk ends with a record; and it
opens exposure only when a risk report and a decision were given in time, code's rules agree, and the guard does too.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping

from structlog.contextvars import bind_contextvars, bound_contextvars, unbind_contextvars

from agents.master import DeskDecision
from agents.models import ChatModel, Stage
from agents.reports import AgentName
from agents.roster import specialist_of
from crews.case import Case, abstain
from crews.judgement import decide
from crews.judgement.decide import Judgement
from crews.judgement.plan import Plan, Proposed, complete_plan, plan_kind, read_plan
from crews.judgement.proposal import Guard, GuardDoor, note_answer, note_intent, propose
from crews.learning.remembering import Memory, recall
from crews.record.conclude import Conclusion, conclude
from crews.record.record import AbstentionReason, DecisionRecord
from crews.record.recorder import Audit, Recorder
from crews.record.version import code_version
from crews.setup import DeskSetup
from crews.spending.budget import DayBook, Purse
from crews.view.headlines import Headlines
from crews.view.picture import Picture
from crews.view.snapshot import Flows, SnapshotBuilder
from crews.work import prompts, runner
from crews.work.floor import Floor, Run, Said, reason_of
from crews.work.progress import Announcer, ProgressKind, ProgressListener, silent
from crews.work.progress import Stage as Shown
from crews.work.threads import beside
from desk.domain.errors import GuardError, GuardUnreachableError, ModelError
from desk.domain.intents import Intent
from desk.guard.door.wire import GuardAnswer
from desk.market.snapshot import AlarmBrief, Snapshot
from desk.ports import Clock, CrowdFeed, MarketData, NewsFeed, OutlookFeed
from memory.rows import Kind
from memory.standing import Weight
from tools.tool import Eyes, ToolContext

__all__ = ["Audit", "Desk", "Guard"]

_LOG = logging.getLogger(__name__)
# A headline that takes longer is read by the lexicon; the agent's own two requests must still fit into what is left.
_READING_SHARE = 0.4


class Desk:
    """The desk, opened with its collaborators. Several symbols may be decided at once; one symbol, once at a time."""

    def __init__(
        self,
        *,
        market: MarketData,
        news: NewsFeed | None,
        guard: Guard,
        audit: Audit,
        setup: DeskSetup,
        models: Mapping[str, ChatModel],
        clock: Clock,
        progress: ProgressListener = silent,
        eyes: Eyes | None = None,
        reader: ChatModel | None = None,
        outlook: OutlookFeed | None = None,
        book: DayBook | None = None,
        weights: Callable[[], Mapping[str, Weight]] | None = None,
        memory: Memory | None = None,
        advised: Callable[[Snapshot], Snapshot] | None = None,
        crowd: CrowdFeed | None = None,
        flows: Flows | None = None,
        run: Run = runner.run_crew,
    ) -> None:
        self._snapshots = SnapshotBuilder(
            market=market,
            news=news,
            settings=setup.snapshot,
            source=setup.source,
            outlook=outlook,
            crowd=crowd,
            flows=flows,
            advised=advised,
        )
        self._guard = guard
        self._audit = audit
        self._setup = setup
        self._models = models
        self._clock = clock
        self._progress = progress
        self._eyes = eyes
        self._reader = reader
        self._book = book
        self._weights = weights or setup.trust.unproven
        self._memory = memory
        self._run = run
        # Read here, so that no decision waits for it.
        self._code = code_version()

    async def decide(self, symbol: str, run_id: str, alarms: tuple[AlarmBrief, ...] | None = None) -> DecisionRecord:
        """Decide once on `symbol`. The decision id follows from run and symbol, so a repeated run asks the same thing.

        `alarms` are what the spike crew was called by; the desk itself is called by none.

        Raises DataError or VenueError when market data is missing or stale, GuardError when the guard cannot tell the
        account (the audit log says so, and nothing was proposed), and JournalError when the log cannot be written.
        """
        if self._run is runner.run_crew:
            await beside(runner.load, name="load-crewai")
        case = self._case(symbol, run_id)
        with bound_contextvars(decision_id=case.decision_id, symbol=symbol):
            return await self._made(case, run_id, alarms)

    async def _made(self, case: Case, run_id: str, alarms: tuple[AlarmBrief, ...] | None) -> DecisionRecord:
        """The steps. Whatever is logged meanwhile tells the decision's id, and the intent's once there is one."""
        with case.stage(Shown.SNAPSHOT):
            snapshot, digest = await self._look(case, alarms)
        context = self._context(snapshot, case)
        with case.stage(Shown.PLAN):
            plan = await self._plan(case, snapshot, context)
        with case.stage(Shown.WORK):
            await self._work(case, plan, snapshot, context)
        with case.stage(Shown.DECIDE):
            proposed, judgement = await self._decide(case, plan, snapshot, context)
        intent = decide.build_intent(judgement, snapshot, self._setup, run_id=run_id, snapshot_hash=digest)
        bind_contextvars(**({} if intent is None else {"intent_id": intent.intent_id}))
        answer, trouble = await self._propose(case, intent, context)
        end = Conclusion(
            snapshot=snapshot,
            digest=digest,
            proposed=proposed,
            judgement=judgement,
            intent=intent,
            answer=answer,
            trouble=trouble,
            models=self._labels(),
        )
        record = conclude(case, end)
        _LOG.info("%s %s: %s by %s", record.symbol, record.action.value, record.verdict.value, record.rule)
        unbind_contextvars("intent_id")
        return record

    def close(self) -> None:
        """Give back what the desk itself opened."""
        self._snapshots.close()

    def _case(self, symbol: str, run_id: str) -> Case:
        setup = self._setup
        began = time.monotonic()
        weights = self._weights()
        decision_id = decide.decision_id_of(run_id, symbol)
        recorder = Recorder(self._audit, decision_id)
        purse = Purse(setup.budget, tariffs=setup.tariffs, book=self._book)
        announcer = Announcer(self._progress, decision_id=decision_id, symbol=symbol)
        recorder.note(
            Kind.RUN,
            {
                "run_id": run_id,
                "symbol": symbol,
                "crew": setup.crew,
                "profile": setup.profile,
                "config": setup.config,
                "config_hash": setup.config_hash,
                "code": self._code,
                "models": self._labels(),
                "weights": {agent: weight.to_json() for agent, weight in sorted(weights.items())},
            },
        )
        floor = Floor(
            models=self._models,
            purse=purse,
            recorder=recorder,
            announcer=announcer,
            ends=began + setup.deadline,
            run=self._run,
        )
        return Case(
            decision_id=decision_id,
            run_id=run_id,
            symbol=symbol,
            began=began,
            weights=weights,
            recorder=recorder,
            announcer=announcer,
            purse=purse,
            floor=floor,
        )

    async def _look(self, case: Case, alarms: tuple[AlarmBrief, ...] | None) -> tuple[Snapshot, str]:
        """Step one. The snapshot is on disk, by its hash, before anything is decided on it."""

        def look() -> tuple[Snapshot, str]:
            status = self._guard.state()
            snapshot = self._snapshots.build(case.symbol, self._clock.now(), status, alarms)
            return snapshot, case.recorder.keep_snapshot(snapshot.to_json())

        snapshot, digest = await beside(look, name="snapshot")
        row = {"digest": digest, "symbol": case.symbol, "at": snapshot.at.isoformat(), "source": snapshot.source}
        case.recorder.note(Kind.SNAPSHOT, row)
        return snapshot, digest

    def _context(self, snapshot: Snapshot, case: Case) -> ToolContext:
        """What the agents' tools may see, and whom they may have a picture or a headline read by."""
        settings, picture, headlines = self._setup.tools_for(snapshot.symbol), None, None
        if self._eyes is not None:
            picture = Picture(self._eyes, purse=case.purse, recorder=case.recorder)
        if self._reader is not None:
            seconds = self._setup.specialists[AgentName.NEWS].deadline * _READING_SHARE
            headlines = Headlines(self._reader, purse=case.purse, recorder=case.recorder, seconds=seconds)
        return ToolContext(snapshot=snapshot, settings=settings, chart_reader=picture, headline_reader=headlines)

    async def _plan(self, case: Case, snapshot: Snapshot, context: ToolContext) -> Plan:
        """Step two. A master or a guardian that gives no plan is replaced by the full one."""
        proposed: Proposed | None = None
        call = ""
        try:
            task = prompts.plan_task(self._setup.plan, snapshot)
            said = await case.floor.work(self._setup.plan, Stage.PLAN, plan_kind(self._setup), task, context)
            proposed, call = read_plan(said.text, self._setup), said.call
        except ModelError as error:
            abstain(case, self._setup.plan.agent, reason_of(error), error.message, stage=Stage.PLAN)
        plan = complete_plan(proposed, snapshot, self._setup)
        proposal = None if proposed is None else proposed.model_dump(mode="json")
        case.recorder.note(Kind.PLAN, {"plan": plan.to_json(), "proposed": proposal, "source_call": call})
        return plan

    async def _work(self, case: Case, plan: Plan, snapshot: Snapshot, context: ToolContext) -> None:
        """Step three. All at once; one that fails costs its own report and nothing else."""
        await asyncio.gather(*(self._specialist(case, agent, plan, snapshot, context) for agent in plan.focus))

    async def _specialist(self, case: Case, agent: str, plan: Plan, snapshot: Snapshot, context: ToolContext) -> None:
        began = time.monotonic()
        case.announcer.tell(ProgressKind.AGENT_STARTED, Shown.WORK, agent=agent)
        if agent == AgentName.NEWS and snapshot.headlines is None:
            # No source answered, which is not the same as no news: there is nothing to ask an agent about.
            abstain(case, agent, AbstentionReason.DATA_MISSING, "no news source answered", stage=Stage.WORK)
            return
        try:
            seat = self._setup.specialists[agent]
            task = prompts.work_task(seat, snapshot, plan.focus[agent])
            said: Said = await case.floor.work(seat, Stage.WORK, specialist_of(agent).report, task, context)
            report = decide.read_report(agent, said.text)
        except ModelError as error:
            spent = time.monotonic() - began
            abstain(case, agent, reason_of(error), error.message, stage=Stage.WORK, seconds=spent)
            return
        case.reports[agent] = report
        row = {"report": report.model_dump(mode="json"), "source_call": said.call}
        case.recorder.note(Kind.REPORT, row, agent=agent)
        case.announcer.tell(
            ProgressKind.AGENT_FINISHED, Shown.WORK, agent=agent, seconds=time.monotonic() - began, note=report.note
        )

    async def _decide(
        self, case: Case, plan: Plan, snapshot: Snapshot, context: ToolContext
    ) -> tuple[DeskDecision | None, Judgement]:
        """Step four. Without a decision the position rules still apply: holding is what code falls back to."""
        missing = sorted(case.abstentions, key=lambda item: item.agent)
        absent = [item for item in missing if item.agent not in self._setup.leaders]
        proposed, call = None, ""
        if case.reports:
            try:
                signal = prompts.weighted_signal(snapshot, self._setup)
                recalled = await beside(lambda: recall(self._memory, case, snapshot, self._setup), name="recall")
                facts = prompts.decide_facts(snapshot, self._setup, signal, case.reports, absent, recalled)
                task = prompts.decide_task(self._setup.decide, facts)
                said = await case.floor.work(self._setup.decide, Stage.DECIDE, DeskDecision, task, context)
                proposed, call = decide.read_decision(said.text), said.call
            except ModelError as error:
                abstain(case, self._setup.decide.agent, reason_of(error), error.message, stage=Stage.DECIDE)
        if plan.stood_down:
            judgement = decide.stood_down(self._setup)
        else:
            judgement = decide.judge(proposed, case.reports, absent, snapshot, self._setup, case.weights)
        case.recorder.note(
            Kind.DECISION,
            {
                "proposed": None if proposed is None else proposed.model_dump(mode="json"),
                "decision": judgement.to_json(),
                "caps": list(judgement.caps),
                "source_call": call,
            },
        )
        return proposed, judgement

    async def _propose(
        self, case: Case, intent: Intent | None, context: ToolContext
    ) -> tuple[GuardAnswer | None, GuardError | None]:
        """Steps five to seven. The intent is on disk before it leaves; HOLD never leaves."""
        if intent is None:
            return None, None
        note_intent(case.recorder, intent)
        case.recorder.flush()
        door = ToolContext(snapshot=context.snapshot, settings=context.settings, intent_door=GuardDoor(self._guard))
        trouble: GuardError | None = None
        with contextlib.suppress(GuardError), case.stage(Shown.PROPOSE):
            try:
                asked = beside(lambda: propose(intent, door), name="propose")
                answer = await asyncio.wait_for(asked, timeout=self._setup.guard_deadline)
            except TimeoutError:
                trouble = GuardUnreachableError("the guard did not answer in time", hint="crew status")
                raise trouble from None
            except GuardError as error:
                trouble = error
                raise
            note_answer(case.recorder, intent, answer)
            return answer, None
        return None, trouble

    def _labels(self) -> dict[str, str]:
        return {agent: model.label for agent, model in sorted(self._models.items())}
