"""A kickoff as it happens, as steps of an answer: stages in order, agents inside them, tools inside their agent."""

from __future__ import annotations

from crews.record.record import DecisionRecord, VerdictKind
from crews.work.progress import Progress, ProgressKind, Stage
from desk.domain.intents import Action
from desk.domain.money import ZERO, plain
from ui.console.chat.said import Said, Step, code
from ui.console.chat.said import plain as text_of
from ui.controls.kickoffs import Heard
from ui.figures import percent, price, usdt, words

_STAGES = {
    Stage.OPEN: "Opening the desk: venue, guard, crew",
    Stage.PACE: "Letting time pass, the guard looking on",
    Stage.SNAPSHOT: "Snapshot of market, book, funding, news, account",
    Stage.PLAN: "Plan",
    Stage.WORK: "Specialists at work",
    Stage.DECIDE: "The master weighs the reports",
    Stage.PROPOSE: "The guard checks, sizes, executes",
    Stage.RECORD: "Recording every step",
}


class Watching:
    """Turns what is heard of one run into the answer as it stands."""

    def __init__(self) -> None:
        self.said = Said()
        self._steps: dict[str, Step] = {}

    def hear(self, heard: Heard) -> None:
        """Take in one step, a decision, or the end."""
        if heard.step is not None:
            self._hear(heard.step)
        elif heard.decision is not None:
            self.said.text = _joined(self.said.text, decided(heard.decision))
        elif heard.run.error:
            self.said.text = _joined(
                self.said.text, f"**It ended early.** {text_of(heard.run.error)}. {text_of(heard.run.hint)}"
            )
        if heard.run.over:
            for step in self._steps.values():
                step.busy = False

    def _hear(self, event: Progress) -> None:
        stage = f"{event.decision_id}/{event.stage}"
        if event.kind in (ProgressKind.STAGE_STARTED, ProgressKind.STAGE_FINISHED):
            symbol = f"{event.symbol}: " if event.decision_id else ""
            self._put(stage, f"{symbol}{_STAGES[event.stage]}", "", event, ProgressKind.STAGE_STARTED)
            return
        agent = f"{stage}/{event.agent}"
        if event.kind in (ProgressKind.TOOL_STARTED, ProgressKind.TOOL_FINISHED):
            title = f"{event.agent} asks {event.tool}"
            self._put(f"{agent}/{event.tool}", title, agent, event, ProgressKind.TOOL_STARTED)
            return
        within = stage if stage in self._steps else ""
        self._put(agent, event.agent, within, event, ProgressKind.AGENT_STARTED)
        if event.kind is ProgressKind.AGENT_ABSTAINED:
            self._steps[agent].title = f"{event.agent} abstained"

    def _put(self, key: str, title: str, within: str, event: Progress, starts: ProgressKind) -> None:
        step = self._steps.get(key)
        if step is None:
            step = self._steps[key] = Step(key=key, title=title, within=within if within in self._steps else "")
            self.said.steps.append(step)
        if event.note:
            step.text = text_of(event.note)
        step.busy = event.kind is starts
        if not step.busy:
            step.seconds = event.seconds


def decided(record: DecisionRecord) -> str:
    """A decision in a few lines."""
    head = f"**{record.symbol}: {words(record.action.value)}**"
    if record.action is not Action.HOLD:
        head += f", conviction {record.conviction:.2f}"
    lines = [f"{head} at {price(record.mark)}"]
    lines.append(_guarded(record))
    if record.filled > ZERO:
        at = f" at {price(record.average_price)}" if record.average_price is not None else ""
        # What is closed is protected no more: its stop and its target are gone with it.
        rests = f"; stop {record.stop or 'none'}, target {record.target or 'none'}" if record.action.opens else ""
        lines.append(f"Filled {plain(record.filled)}{at}{rests}")
    if record.action.opens:
        lines.append(f"Stop distance {percent(record.stop_pct)}, target distance {percent(record.target_pct)}")
    if record.caps:
        lines.append(f"Changed by {', '.join(words(cap) for cap in record.caps)}")
    lines.append(f"Equity {usdt(record.equity)} USDT, {record.requests} requests, {record.seconds:.1f} s")
    lines.append(f"`{record.decision_id}`")
    return "  \n".join(lines)


def _guarded(record: DecisionRecord) -> str:
    """The guard's answer, or why it was not asked."""
    if record.verdict is VerdictKind.NOT_ASKED:
        return f"Guard: not asked ({words(record.rule)})"
    rule = f" ({code(record.rule)})" if record.rule else ""
    return f"Guard: {words(record.verdict.value)}{rule}. {text_of(record.message)}".strip()


def _joined(before: str, after: str) -> str:
    return f"{before}\n\n{after}" if before else after
