"""Decide again from the record alone: no model, no market, no guard; and the same bytes, or the first that differs.

The raw replies of the models are taken as they were logged. Everything code made of them is made once more by the very
functions the desk uses: tool results, prompts, plan, reports, decision, caps and the intent's text. What other code
decided may come out otherwise without anybody having altered it: then that is what is said, with both versions.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from agents.reports import Report
from config.loader import DeskConfig
from crews.audit.recompute import again
from crews.audit.why import Record, Why, why
from crews.judgement import decide
from crews.judgement.asked import Asked, judgement_of
from crews.judgement.plan import Plan, complete_plan, read_plan
from crews.record.record import Abstention, AbstentionReason
from crews.record.version import code_version
from crews.seating import setup_of
from crews.setup import DESK, DeskSetup
from crews.view import headlines, picture
from crews.work import prompts
from desk.domain.errors import DeskError, JournalError, PrerequisiteError
from desk.domain.intents import Intent
from desk.guard.door.wire import intent_to_json
from desk.market.snapshot import Snapshot
from desk.news.text import plain_text
from memory.audit import AuditRow
from memory.payload import canonical
from memory.recall import Recalled
from memory.rows import Kind
from memory.standing import Weight

__all__ = ["Record", "ReplayReport", "Why", "replay", "why"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayReport:
    """Whether a decision replays bit-equal. `compared` counts values; `difference` tells the first that differs."""

    decision_id: str
    equal: bool
    compared: int
    difference: str
    note: str
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return {**asdict(self), "seconds": round(self.seconds, 4)}


class Compared(NamedTuple):
    """One value as it was logged and as it comes out now."""

    row: AuditRow
    what: str
    logged: Any
    again: Any


def replay(audit: Record, decision_id: str) -> ReplayReport:
    """Rebuild a decision from its rows and compare.

    Raises:
        PrerequisiteError: when the log has no such decision.
        JournalError: when the log cannot be read.
    """
    began = time.monotonic()
    rows = audit.rows(decision_id)
    if not rows:
        raise PrerequisiteError(f"the audit log has no decision {decision_id[:80]}", hint="crew audit list")
    count, difference = 0, ""
    try:
        for attempt in attempts(rows):
            for one in _Replay(audit).run(attempt):
                count += 1
                difference = difference or _difference(one)
    except JournalError:
        raise
    except (DeskError, KeyError, TypeError, ValueError) as error:
        difference = difference or f"the record does not lead to a decision: {error}"
    if difference:
        difference = f"{_by_other_code(rows)}{difference}"
    ended = [row for row in rows if row.kind is Kind.ERROR]
    return ReplayReport(
        decision_id=decision_id,
        equal=not difference,
        compared=count,
        difference=difference,
        note=f"ended early: {ended[-1].payload['message']}" if ended else "",
        seconds=time.monotonic() - began,
    )


def _by_other_code(rows: Sequence[AuditRow]) -> str:
    """That other code decided, with its version and the one that is here; nothing where this code did."""
    versions = {str(row.payload.get("code", "not told")) for row in rows if row.kind is Kind.RUN} - {code_version()}
    return f"decided by other code: version {', '.join(sorted(versions))}, here {code_version()}: " if versions else ""


def attempts(rows: Sequence[AuditRow]) -> list[list[AuditRow]]:
    """A run that was repeated has the same decision id, so each attempt is replayed on its own."""
    found: list[list[AuditRow]] = []
    for row in rows:
        if row.kind is Kind.RUN or not found:
            found.append([])
        found[-1].append(row)
    return found


@lru_cache(maxsize=16)
def setup_from(config: str, crew: str = DESK) -> DeskSetup:
    """The crew as it was set up, from the configuration kept with the decision."""
    return setup_of(DeskConfig.from_json(config), crew)


@dataclass
class _Replay:
    """One attempt, read row by row as it was written."""

    audit: Record
    run_id: str = ""
    setup: DeskSetup | None = None
    recalled: Recalled = field(default_factory=Recalled)
    weights: dict[str, Weight] = field(default_factory=dict[str, Weight])
    snapshot: Snapshot | None = None
    digest: str = ""
    plan: Plan | None = None
    replies: dict[str, AuditRow] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
    absent: list[Abstention] = field(default_factory=list)
    intent: Intent | None = None
    asked: Asked | None = None
    proposed_row: AuditRow | None = None

    def run(self, rows: Sequence[AuditRow]) -> Iterator[Compared]:
        """Every comparison this attempt allows, in the order in which it was written."""
        for row in rows:
            step = getattr(self, f"_{row.kind.value}", None)
            if step is not None:
                yield from step(row)
        if self.intent is not None and self.proposed_row is not None:
            yield Compared(self.proposed_row, "an intent follows", False, True)

    def _run(self, row: AuditRow) -> Iterator[Compared]:
        payload = row.payload
        self.run_id = payload["run_id"]
        self.setup = setup_from(payload["config"], payload.get("crew", DESK))
        self.weights = {agent: Weight.from_json(told) for agent, told in payload["weights"].items()}
        self.asked = Asked.from_json(payload["symbol"], payload["asked"]) if "asked" in payload else None
        yield Compared(row, "configuration hash", payload["config_hash"], self.setup.config_hash)
        yield Compared(row, "decision id", row.decision_id, decide.decision_id_of(self.run_id, payload["symbol"]))

    def _snapshot(self, row: AuditRow) -> Iterator[Compared]:
        self.digest = row.payload["digest"]
        data = self.audit.snapshot(self.digest)
        self.snapshot = snapshot = Snapshot.from_json(data)
        yield Compared(row, "snapshot bytes", data, snapshot.to_json())
        told = {"digest": self.digest, "symbol": snapshot.symbol, "at": snapshot.at.isoformat()}
        yield Compared(row, "snapshot", dict(row.payload), {**told, "source": snapshot.source})

    def _prompt(self, row: AuditRow) -> Iterator[Compared]:
        """The operator's words and the facts must be found, whole, in what the model was shown."""
        if row.payload["stage"] == picture.STAGE:
            return  # What was seen in it stands in the tool's result, which is compared.
        if row.payload["stage"] == headlines.STAGE:
            yield Compared(row, "prompt is of one headline", self._of_one_headline(row), True)
            return
        task = self._task(row)
        shown = any(task in str(message.get("content")) for message in row.payload["messages"])
        yield Compared(row, "prompt holds the task", shown, True)

    def _reply(self, row: AuditRow) -> Iterator[Compared]:
        self.replies[row.payload["call"]] = row
        yield from ()

    def _tool_call(self, row: AuditRow) -> Iterator[Compared]:
        setup, snapshot = self._at_work()
        asked = self.replies[row.payload["call"]].payload["tool_calls"]
        call = {"id": row.payload["id"], "name": row.payload["tool"], "arguments": row.payload["arguments"]}
        yield Compared(row, "tool call is the model's", True, call in asked)
        result, ok = again(row.payload, setup.specialists[row.agent], snapshot, setup, self.replies)
        yield Compared(row, f"result of {row.payload['tool'][:40]}", row.payload["result"], result)
        yield Compared(row, f"success of {row.payload['tool'][:40]}", row.payload["ok"], ok)

    def _plan(self, row: AuditRow) -> Iterator[Compared]:
        setup, snapshot = self._at_work()
        text = self._said(row)
        proposed = None if text is None else read_plan(text, setup)
        self.plan = complete_plan(proposed, snapshot, setup)
        yield Compared(row, "plan", row.payload["plan"], self.plan.to_json())

    def _report(self, row: AuditRow) -> Iterator[Compared]:
        report = decide.read_report(row.agent, self._said(row) or "")
        self.reports[row.agent] = report
        yield Compared(row, "report", row.payload["report"], report.model_dump(mode="json"))

    def _abstention(self, row: AuditRow) -> Iterator[Compared]:
        if self.setup is None or row.agent not in self.setup.leaders:
            reason = AbstentionReason(row.payload["reason"])
            self.absent.append(Abstention(agent=row.agent, reason=reason, detail=row.payload["detail"]))
            self.absent.sort(key=lambda item: item.agent)
        yield from ()

    def _recall(self, row: AuditRow) -> Iterator[Compared]:
        self.recalled = Recalled.from_json(row.payload["recalled"])
        yield from ()

    def _decision(self, row: AuditRow) -> Iterator[Compared]:
        setup, snapshot = self._at_work()
        text = self._said(row)
        proposed = None if text is None else decide.read_decision(text)
        told = None if proposed is None else proposed.model_dump(mode="json")
        yield Compared(row, "the master's decision", row.payload["proposed"], told)
        if self.asked is not None:
            judgement = judgement_of(self.asked, setup)
        elif self.plan is not None and self.plan.stood_down:
            judgement = decide.stood_down(setup)
        else:
            judgement = decide.judge(proposed, self.reports, self.absent, snapshot, setup, self.weights)
        yield Compared(row, "decision", row.payload["decision"], judgement.to_json())
        yield Compared(row, "caps", row.payload["caps"], list(judgement.caps))
        self.intent = decide.build_intent(judgement, snapshot, setup, run_id=self.run_id, snapshot_hash=self.digest)
        self.proposed_row = row

    def _intent(self, row: AuditRow) -> Iterator[Compared]:
        body = None if self.intent is None else intent_to_json(self.intent)
        yield Compared(row, "intent", row.payload["body"], body)
        self.proposed_row = None

    def _verdict(self, row: AuditRow) -> Iterator[Compared]:
        asked = None if self.intent is None else self.intent.intent_id
        yield Compared(row, "intent of the verdict", row.payload["intent_id"], asked)

    def _of_one_headline(self, row: AuditRow) -> bool:
        """Whether the model was shown one title of the snapshot, made plain, and nothing else."""
        _, snapshot = self._at_work()
        titles = {plain_text(headline.title).text for headline in snapshot.headlines or ()}
        return row.payload["messages"] in [list(headlines.messages_of(title)) for title in titles]

    def _task(self, row: AuditRow) -> str:
        setup, snapshot = self._at_work()
        if row.payload["stage"] == "plan":
            return prompts.plan_task(setup.plan, snapshot)
        if row.payload["stage"] == "work":
            if self.plan is None:
                raise JournalError(f"row {row.seq} was written before the plan", position=row.seq)
            return prompts.work_task(setup.specialists[row.agent], snapshot, self.plan.focus[row.agent])
        signal = prompts.weighted_signal(snapshot, setup)
        return prompts.decide_task(
            setup.decide, prompts.decide_facts(snapshot, setup, signal, self.reports, self.absent, self.recalled)
        )

    def _said(self, row: AuditRow) -> str | None:
        """The reply a row was read from, or None where the row says there was none."""
        call = row.payload["source_call"]
        return self.replies[call].payload["text"] if call else None

    def _at_work(self) -> tuple[DeskSetup, Snapshot]:
        if self.setup is None or self.snapshot is None:
            raise JournalError("a decision's rows do not begin with its run and snapshot")
        return self.setup, self.snapshot


def _difference(one: Compared) -> str:
    """Where the first difference lies, or nothing."""
    if isinstance(one.logged, bytes):
        logged, made = one.logged, one.again
    else:
        logged, made = canonical(one.logged).encode(), canonical(one.again).encode()
    if logged == made:
        return ""
    who = f" of {one.row.agent}" if one.row.agent else ""
    at = next((i for i, (a, b) in enumerate(zip(logged, made, strict=False)) if a != b), min(len(logged), len(made)))
    begin = max(0, at - 30)
    return (
        f"row {one.row.seq}: {one.what}{who}: logged …{logged[begin : at + 30].decode(errors='replace')}… "
        f"but now …{made[begin : at + 30].decode(errors='replace')}…"
    )
