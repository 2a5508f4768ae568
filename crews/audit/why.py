"""Why the desk did what it did, in one screen: who said what, what code changed, which rule decided, what came of it.

Taken from the record alone; the weighted signal is computed again from the stored snapshot.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Protocol

from config.loader import DeskConfig
from crews.seating import setup_of
from crews.work.prompts import weighted_signal
from desk.domain.errors import PrerequisiteError
from desk.domain.money import ZERO, plain
from desk.market.snapshot import Snapshot
from memory.audit import AuditRow
from memory.rows import Kind
from memory.standing import Basis

_SHOWN = 5


class Record(Protocol):
    """What is read to explain or replay a decision. `memory.audit.AuditLog` keeps this contract."""

    def rows(self, decision_id: str) -> Sequence[AuditRow]:
        """The rows of a decision in order. Raises JournalError."""
        ...

    def snapshot(self, digest: str) -> bytes:
        """The bytes kept under this digest. Raises JournalError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One specialist: its view in a few numbers, its note for people, and what the master made of it.

    `stance` is FOR, AGAINST or NEUTRAL and `weight` in [0, 1], both empty where the master did not cite it; `worth` is
    what its agreement counted for and why, by its record; `absent` is the reason it gave no report.
    """

    agent: str
    view: str
    note: str
    stance: str
    weight: str
    worth: str
    tools: tuple[str, ...]
    absent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """One vote of the weighted signal."""

    name: str
    contribution: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """The whole explanation. Amounts and prices are decimal text; empty text where the decision did not get that far.

    `wanted` is what the master asked for, `decided` what code made of it, `caps` the rules that changed it. `numbers`
    are those the guard's `rule` was decided on. `placed` lists orders, stops and fills as the guard told them.
    """

    decision_id: str
    at: str
    symbol: str
    profile: str
    models: tuple[str, ...]
    mark: str
    equity: str
    mode: str
    position: str
    licence: str
    score: int
    threshold: int
    votes: tuple[Vote, ...]
    voices: tuple[Voice, ...]
    wanted: Mapping[str, Any]
    decided: Mapping[str, Any]
    caps: tuple[str, ...]
    note: str
    verdict: str
    rule: str
    message: str
    numbers: Mapping[str, str]
    quantity: str
    placed: tuple[Mapping[str, Any], ...]
    outcome: Mapping[str, Any]
    requests: int
    prompt_tokens: int
    completion_tokens: int
    usd: str
    errors: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The explanation as plain JSON values."""
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """The explanation as plain lines for a terminal or a message."""
        yield f"{self.symbol} at {self.at}, mark {self.mark}, profile {self.profile}, {', '.join(self.models)}"
        yield f"account: {self.mode}, equity {self.equity}, {self.position}"
        yield f"proof: {self.licence or 'uncertified, no edge proven'}"
        votes = ", ".join(f"{vote.name.lower()} {vote.contribution:+d}" for vote in self.votes)
        yield f"signal: {self.score:+d} of {self.threshold} needed ({votes})"
        for voice in self.voices:
            said = f"abstained: {voice.absent}" if voice.absent else f"{voice.view}; {voice.note}"
            cited = f" [{voice.stance.lower()} {voice.weight}]" if voice.stance else ""
            worth = f" (counts {voice.worth})" if voice.worth and not voice.absent else ""
            yield f"{voice.agent}: {said}{cited}{worth}"
        yield f"master wanted: {_terms(self.wanted) or 'nothing, it gave no decision'}"
        yield f"decided: {_terms(self.decided)}" + (f", changed by {', '.join(self.caps)}" if self.caps else "")
        if self.verdict:
            numbers = ", ".join(f"{name} {value}" for name, value in self.numbers.items())
            yield f"guard: {self.verdict} by {self.rule}: {self.message} ({numbers})"
        for one in self.placed:
            yield "placed: " + ", ".join(f"{name} {value}" for name, value in one.items() if value is not None)
        yield f"cost: {self.requests} requests, {self.prompt_tokens} + {self.completion_tokens} tokens, {self.usd} USD"
        yield from (f"error: {error}" for error in self.errors)
        if self.outcome:
            yield f"outcome: {_terms(self.outcome)}"


def why(audit: Record, decision_id: str) -> Why:
    """Explain a decision from its rows; of a run that was repeated, the latest attempt.

    Raises:
        PrerequisiteError: when the log has no such decision.
        JournalError: when the log cannot be read.
    """
    rows = audit.rows(decision_id)
    if not rows:
        raise PrerequisiteError(f"the audit log has no decision {decision_id[:80]}", hint="crew audit list")
    begins = [index for index, row in enumerate(rows) if row.kind is Kind.RUN]
    rows = rows[begins[-1] :] if begins else rows
    run, verdict, decision = _last(rows, Kind.RUN), _last(rows, Kind.VERDICT), _last(rows, Kind.DECISION)
    replies = [row.payload for row in rows if row.kind is Kind.REPLY]
    proposed = decision.get("proposed") or {}
    return Why(
        decision_id=decision_id,
        symbol=run.get("symbol", ""),
        profile=run.get("profile", ""),
        models=tuple(sorted(set(run.get("models", {}).values()))),
        **_market(audit, rows, run),
        voices=tuple(_voices(rows, proposed.get("evidence", ()), run.get("weights", {}))),
        wanted=_without(proposed, "evidence", "note"),
        decided=decision.get("decision", {}),
        caps=tuple(decision.get("caps", ())),
        note=proposed.get("note", "") or _asked(run),
        verdict=verdict.get("outcome", ""),
        rule=verdict.get("rule", ""),
        message=verdict.get("message", ""),
        numbers=verdict.get("numbers", {}),
        quantity=verdict.get("quantity", ""),
        placed=tuple(_placed(rows)),
        outcome=_without(_last(rows, Kind.OUTCOME), "intent_id", "symbol"),
        requests=sum(not reply.get("recalled") for reply in replies),
        prompt_tokens=sum(reply["prompt_tokens"] for reply in replies),
        completion_tokens=sum(reply["completion_tokens"] for reply in replies),
        usd=plain(_cost(rows, run)),
        errors=tuple(f"{row.payload['stage']}: {row.payload['message']}" for row in rows if row.kind is Kind.ERROR),
    )


def _market(audit: Record, rows: Sequence[AuditRow], run: Mapping[str, Any]) -> dict[str, Any]:
    """What the desk saw, or blanks for a decision that never got to see the market."""
    seen = _last(rows, Kind.SNAPSHOT)
    if not seen:
        at = rows[0].at.isoformat()
        blank = {"mark": "", "equity": "", "mode": "", "position": "", "licence": ""}
        blank |= {"score": 0, "threshold": 0, "votes": ()}
        return {"at": at, **blank}
    snapshot = Snapshot.from_json(audit.snapshot(seen["digest"]))
    signal = weighted_signal(snapshot, setup_of(DeskConfig.from_json(run["config"])))
    return {
        "at": snapshot.at.isoformat(),
        "mark": plain(snapshot.mark.price),
        "equity": plain(snapshot.account.equity),
        "mode": snapshot.account.mode,
        "position": _position(snapshot),
        "licence": snapshot.licence or "",
        "score": signal.score,
        "threshold": signal.threshold,
        "votes": tuple(
            Vote(name=part.name.value, contribution=part.contribution, reason=part.reason.value)
            for part in signal.parts
        ),
    }


def _cost(rows: Sequence[AuditRow], run: Mapping[str, Any]) -> Decimal:
    """What the replies cost in USD, by the price table that was in force."""
    replies = [row for row in rows if row.kind is Kind.REPLY]
    if not replies:
        return ZERO
    config = DeskConfig.from_json(run["config"])
    models = {name: config.model_of(name) for name in config.agents}
    costs = (models[row.agent].cost(row.payload["prompt_tokens"], row.payload["completion_tokens"]) for row in replies)
    return sum(costs, ZERO)


def _position(snapshot: Snapshot) -> str:
    position = snapshot.account.position(snapshot.symbol)
    if position is None:
        return "flat"
    side = "long" if position.quantity > 0 else "short"
    return (
        f"{side} {plain(abs(position.quantity))} from {plain(position.entry)}, {plain(position.unrealized)} unrealised"
    )


def _voices(
    rows: Sequence[AuditRow], evidence: Sequence[Mapping[str, Any]], weights: Mapping[str, Mapping[str, str]]
) -> Iterator[Voice]:
    """Reports first, then those who abstained, each in the order of the log."""
    cited = {line["agent"]: line for line in evidence}
    for kind in (Kind.REPORT, Kind.ABSTENTION):
        for row in rows:
            if row.kind is not kind:
                continue
            report = row.payload.get("report", {})
            line = cited.get(row.agent, {})
            tools = [r.payload["tool"] for r in rows if r.kind is Kind.TOOL_CALL and r.agent == row.agent]
            yield Voice(
                agent=row.agent,
                view=_view(report),
                note=str(report.get("note", "")),
                stance=str(line.get("stance", "")),
                weight=f"{line['weight']:.2f}" if line else "",
                worth=_worth(weights.get(row.agent, {})),
                tools=tuple(dict.fromkeys(tools)),
                absent=f"{row.payload['reason']}: {row.payload['detail']}" if kind is Kind.ABSTENTION else "",
            )


def _worth(weight: Mapping[str, str]) -> str:
    if not weight:
        return ""
    lent = weight["basis"] == Basis.UNPROVEN.value and Decimal(weight["weight"]) > ZERO
    return f"{weight['weight']}, {weight['basis']}{', lent' if lent else ''}"


def _view(report: Mapping[str, Any]) -> str:
    """The words of a report, then its numbers: the verdict is a word."""
    words = [f"{name} {value}" for name, value in report.items() if isinstance(value, str) and name != "note"]
    numbers = [f"{name} {value:g}" for name, value in report.items() if isinstance(value, int | float)]
    return ", ".join((*words, *numbers)[:_SHOWN])


def _placed(rows: Sequence[AuditRow]) -> Iterator[Mapping[str, Any]]:
    for row in rows:
        if row.kind in (Kind.ORDER, Kind.STOP, Kind.FILL):
            yield {"what": row.payload.get("role", row.kind.value), **_without(row.payload, "intent_id", "role")}


def _last(rows: Sequence[AuditRow], kind: Kind) -> Mapping[str, Any]:
    return next((row.payload for row in reversed(rows) if row.kind is kind), {})


def _without(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


def _asked(run: Mapping[str, Any]) -> str:
    """Who asked for a trade that no crew decided."""
    return f"asked for by {run['asked']['by']}" if "asked" in run else ""


def _terms(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items() if value not in ("", None))
