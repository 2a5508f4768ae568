"""What the desk would have decided without an agent, or under another rule: from the record alone.

Reports and prices are those of the log; prompts are not asked again. Where the written rules decided, they decide once
more on what is left. A language model is not there to be asked, so its own proposal is kept and only code's rules are
applied anew, which finds less of an agent's influence than there was. Where a limit of the guard's is changed, its very
gate is asked again, in the state in which it heard the intent; a latch that would have been thrown otherwise is not.

An agent's credit is what the trades that ended owe to it: their profit, less the profit at the size, or none, that
would have been asked for without it. A trade that was never made has no profit to tell, and is counted as unknown.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from agents.executor import execute_offline
from agents.master import DeskDecision, decide_offline
from agents.offline import LABEL
from agents.reports import AgentName, Report
from config.loader import DeskConfig
from config.seats import reporting
from crews.audit.replay import attempts
from crews.audit.why import Record
from crews.judgement import decide
from crews.judgement.decide import Judgement
from crews.record.record import Abstention, AbstentionReason
from crews.seating import setup_of
from crews.setup import DESK, SPIKE, DeskSetup
from crews.work import prompts
from desk.domain.errors import ConfigError, PrerequisiteError
from desk.domain.intents import Action, Verdict
from desk.domain.money import ZERO, plain
from desk.guard.door.wire import intent_to_json
from desk.guard.record.otherwise import Heard, heard_again
from desk.market.snapshot import Snapshot
from memory.audit import AuditRow
from memory.recall import Recalled
from memory.rows import Kind
from memory.standing import Weight

_LIMITS = "desk.limits."
# Those who plan and decide; whoever else abstains is missed in the decision.
_LEADERS = frozenset({AgentName.MASTER, AgentName.GUARDIAN, AgentName.EXECUTOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Otherwise:
    """One decision as it was and as it would have been.

    `recomputed` is False where a language model's proposal had to be kept. `answer` and `otherwise_answer` are the
    guard's, where one of its limits was changed. `profit` is what came of it in USDT, None while nothing is known;
    `credit` the part of it that is owed to what was taken away, None where nobody can know.
    """

    decision_id: str
    symbol: str
    action: str
    conviction: str
    otherwise: str
    otherwise_conviction: str
    caps: tuple[str, ...]
    recomputed: bool
    profit: str | None
    credit: str | None
    answer: str = ""
    otherwise_answer: str = ""

    @property
    def changed(self) -> bool:
        """Whether anything else would have been done: only an opening's size follows its conviction."""
        sized = Action(self.action).opens and self.conviction != self.otherwise_conviction
        return self.action != self.otherwise or sized or self.answer != self.otherwise_answer

    def to_json(self) -> dict[str, Any]:
        """The comparison as plain JSON values."""
        return {**asdict(self), "changed": self.changed}


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """The sum over some decisions. `unknown` are those that changed and whose other ending nobody can know."""

    decisions: int
    changed: int
    unknown: int
    kept: int
    profit: Decimal
    credit: Decimal

    def to_json(self) -> dict[str, Any]:
        """The sum as plain JSON values."""
        return {**asdict(self), "profit": plain(self.profit), "credit": plain(self.credit)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Logged:
    """What the log has of one decision."""

    config: str
    crew: str
    decider: str
    run_id: str
    digest: str
    snapshot: Snapshot
    reports: Mapping[str, Report]
    absent: tuple[Abstention, ...]
    weights: Mapping[str, Weight]
    recalled: Recalled
    proposed: DeskDecision | None
    decided: Mapping[str, Any]
    answered: Mapping[str, Any] | None
    stood_down: bool
    profit: Decimal | None


def otherwise(
    audit: Record,
    decision_id: str,
    *,
    without: Iterable[str] = (),
    changes: Mapping[str, str] | None = None,
    heard: Mapping[str, Heard] | None = None,
) -> Otherwise | None:
    """The decision without these agents and under these changed settings; None where no crew decided.

    `changes` are dotted keys, such as `desk.decision.min_reports`, with JSON text. Under `desk.limits` they are the
    guard's, and `heard` is what its journal holds (`desk.guard.record.otherwise`).

    Raises:
        PrerequisiteError: when the log has no such decision, no agent of that name reports, or a limit is changed and
            nothing was `heard`.
        ConfigError: when a setting does not exist or does not fit.
        JournalError: when the log cannot be read.
    """
    rows = audit.rows(decision_id)
    if not rows:
        raise PrerequisiteError(f"the audit log has no decision {decision_id[:80]}", hint="crew audit list")
    logged = _logged(audit, attempts(rows)[-1])
    if logged is None:
        return None
    gone = frozenset(without)
    config = _changed(logged.config, changes or {})
    setup = setup_of(config, logged.crew)
    _refuse_strangers(gone, reporting(config.agents))
    reports = {agent: report for agent, report in logged.reports.items() if agent not in gone}
    absent = [one for one in logged.absent if one.agent not in gone]
    recomputed = logged.decider == LABEL
    proposed = _decided_again(logged, setup, reports, absent) if recomputed else logged.proposed
    if logged.stood_down:
        judgement = decide.stood_down(setup)
    else:
        judgement = decide.judge(proposed, reports, absent, logged.snapshot, setup, logged.weights)
    limits = _limits(config, changes or {})
    verdict = _asked_again(logged, judgement, setup, limits, heard) if limits else None
    return Otherwise(
        decision_id=decision_id,
        symbol=logged.snapshot.symbol,
        action=logged.decided["action"],
        conviction=logged.decided["conviction"],
        otherwise=judgement.action.value,
        otherwise_conviction=plain(judgement.conviction),
        caps=judgement.caps,
        recomputed=recomputed,
        profit=None if logged.profit is None else plain(logged.profit),
        credit=_credit_by_size(logged, judgement, verdict) if limits else _credit(logged, judgement),
        answer=_answer(logged.answered) if limits else "",
        otherwise_answer=_answer(verdict) if limits else "",
    )


def credit(compared: Sequence[Otherwise]) -> Credit:
    """The sum of some decisions."""
    return Credit(
        decisions=len(compared),
        changed=sum(one.changed for one in compared),
        unknown=sum(one.changed and one.credit is None for one in compared),
        kept=sum(not one.recomputed for one in compared),
        profit=sum((Decimal(one.profit) for one in compared if one.profit is not None), ZERO),
        credit=sum((Decimal(one.credit) for one in compared if one.credit is not None), ZERO),
    )


def _credit(logged: _Logged, judgement: Judgement) -> str | None:
    """A trade's profit less what would have come of it: in proportion to conviction, which is what sizes follow."""
    action, conviction = Action(logged.decided["action"]), Decimal(logged.decided["conviction"])
    if judgement.action is action and (not action.opens or judgement.conviction == conviction):
        return plain(ZERO)
    if not action.opens or logged.profit is None or not conviction:
        return None  # It held, or what it did has not ended: there is nothing to divide.
    if judgement.action is action:
        return plain(logged.profit * (1 - judgement.conviction / conviction))
    return plain(logged.profit) if judgement.action is Action.HOLD else None


def _credit_by_size(logged: _Logged, judgement: Judgement, verdict: Verdict | None) -> str | None:
    """A trade's profit less what would have come of it at the size that the guard would have allowed."""
    action, was = Action(logged.decided["action"]), _quantity(logged.answered)
    would = ZERO if verdict is None else verdict.quantity
    if judgement.action is action and was == would:
        return plain(ZERO)
    if not action.opens or logged.profit is None or not was or (would and judgement.action is not action):
        return None
    return plain(logged.profit * (1 - would / was))


def _asked_again(
    logged: _Logged,
    judgement: Judgement,
    setup: DeskSetup,
    limits: Mapping[str, Any],
    heard: Mapping[str, Heard] | None,
) -> Verdict | None:
    """The guard's answer to what would have been asked, or None where nothing would, or nothing was heard then."""
    if heard is None:
        raise PrerequisiteError("the guard's journal is not there, so its limits cannot be tried", hint="crew kickoff")
    intent = decide.build_intent(judgement, logged.snapshot, setup, run_id=logged.run_id, snapshot_hash=logged.digest)
    if intent is None or intent.intent_id not in heard:
        return None
    return heard_again(heard[intent.intent_id], intent_to_json(intent), limits)


def _answer(told: Mapping[str, Any] | Verdict | None) -> str:
    """The guard's answer in a few words; nothing where it was not asked."""
    if told is None:
        return ""
    if isinstance(told, Verdict):
        told = {"outcome": told.outcome.value, "rule": told.rule, "quantity": plain(told.quantity)}
    return f"{told['outcome']} {told['quantity']} by {told['rule']}"


def _quantity(answered: Mapping[str, Any] | None) -> Decimal:
    return ZERO if answered is None else Decimal(answered["quantity"])


def _limits(config: DeskConfig, changes: Mapping[str, str]) -> dict[str, Any]:
    """The limits of the guard's among the changed settings, by name, as they read now."""
    names = {key.removeprefix(_LIMITS).split(".")[0] for key in changes if key.startswith(_LIMITS)}
    return {name: getattr(config.desk.limits, name) for name in sorted(names)}


def _decided_again(
    logged: _Logged, setup: DeskSetup, reports: Mapping[str, Report], absent: Sequence[Abstention]
) -> DeskDecision | None:
    """The written rules on what is left. Nobody decides on nothing, as at the desk."""
    if not reports or logged.proposed is None:
        return None
    signal = prompts.weighted_signal(logged.snapshot, setup)
    facts = prompts.decide_facts(logged.snapshot, setup, signal, reports, absent, logged.recalled)
    return execute_offline(facts) if setup.crew == SPIKE else decide_offline(facts)


def _logged(audit: Record, rows: Sequence[AuditRow]) -> _Logged | None:
    run, seen, decision = (_last(rows, kind) for kind in (Kind.RUN, Kind.SNAPSHOT, Kind.DECISION))
    if run is None or seen is None or decision is None or "asked" in run:
        return None
    crew = run.get("crew", DESK)
    decider = AgentName.EXECUTOR if crew == SPIKE else AgentName.MASTER
    recalled, outcome = _last(rows, Kind.RECALL), _last(rows, Kind.OUTCOME)
    proposed = decision["proposed"]
    return _Logged(
        config=run["config"],
        crew=crew,
        decider=run["models"].get(decider.value, ""),
        run_id=run["run_id"],
        digest=seen["digest"],
        snapshot=Snapshot.from_json(audit.snapshot(seen["digest"])),
        reports={row.agent: _report(row) for row in rows if row.kind is Kind.REPORT},
        absent=tuple(_abstentions(rows)),
        weights={agent: Weight.from_json(told) for agent, told in run["weights"].items()},
        recalled=Recalled() if recalled is None else Recalled.from_json(recalled["recalled"]),
        proposed=None if proposed is None else decide.read_decision(json.dumps(proposed)),
        decided=decision["decision"],
        answered=_last(rows, Kind.VERDICT),
        stood_down=decide.STOOD_DOWN in decision["caps"],
        profit=None if outcome is None else Decimal(outcome["pnl"]),
    )


def _report(row: AuditRow) -> Report:
    return decide.read_report(row.agent, json.dumps(row.payload["report"]))


def _abstentions(rows: Sequence[AuditRow]) -> Iterator[Abstention]:
    for row in sorted(rows, key=lambda one: one.agent):
        if row.kind is Kind.ABSTENTION and row.agent not in _LEADERS:
            reason = AbstentionReason(row.payload["reason"])
            yield Abstention(agent=row.agent, reason=reason, detail=row.payload["detail"])


def _changed(config: str, changes: Mapping[str, str]) -> DeskConfig:
    """The configuration in force then, with these settings instead. Raises ConfigError."""
    tree = json.loads(config)
    for key, text in changes.items():
        *path, name = key.split(".")
        place: Any = tree
        for part in path:
            place = place.get(part) if isinstance(place, dict) else None
        if not isinstance(place, dict) or name not in place:
            raise ConfigError("no setting has this name", file="--set", key=key, hint="crew config check shows them")
        # Exact decimals are kept as text; a number is written the way its place is.
        place[name] = text if isinstance(place[name], str) else json.loads(text)
    return DeskConfig.from_json(json.dumps(tree))


def _refuse_strangers(gone: frozenset[str], reporting: Sequence[str]) -> None:
    for agent in sorted(gone - set(reporting)):
        known = ", ".join(sorted(reporting))
        raise PrerequisiteError(f"nobody who reports is called {agent[:40]}", hint=f"known: {known}")


def _last(rows: Sequence[AuditRow], kind: Kind) -> Mapping[str, Any] | None:
    return next((row.payload for row in reversed(rows) if row.kind is kind), None)
