"""The desk's own reading copy: decisions, signals, trades, equity, breaker events and costs, as rows of the ledger.

The guard's journal and the audit log stay the truth. What is known already is not written twice, and a ledger that
cannot be opened or written costs one warning and its own rows, never a decision.
"""

from __future__ import annotations

import json
import logging
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial

from agents.reports import AgentName
from config.loader import DeskConfig
from crews.learning.scoring import Scorer
from crews.record.record import DecisionRecord
from crews.record.shadows import Advice, Shadows
from crews.record.trades import late_row, opening_row
from crews.running.services import Folder
from crews.seating import setup_of
from crews.setup import DeskSetup
from crews.view.charts import chart_row
from crews.view.context import context_row
from crews.work.prompts import weighted_signal
from desk.domain.moments import from_ms
from desk.domain.money import ZERO
from desk.guard.vocabulary.status import ClosedTrade, GuardStatus
from desk.ledger import (
    BreakerRow,
    ChartRow,
    CostRow,
    DecisionRow,
    EquityRow,
    Ledger,
    SignalRow,
    TradeClose,
    sqlite_url,
)
from desk.market.snapshot import Snapshot
from desk.ports import MarketData
from memory.audit import AuditLog
from memory.rows import Kind
from memory.standing import Weight
from tools.chart import READ_CHART

DATABASE_VARIABLE = "CREWDESK_DATABASE"
CALM, REDUCE_ONLY, LATCHED = "normal", "reduce_only", "latched"
_REASON_CHARS = 200
_LOG = logging.getLogger(__name__)


def ledger_url(config: DeskConfig, folder: Folder) -> str:
    """Where the ledger is: CREWDESK_DATABASE, what desk.yaml says, or the profile's own file."""
    return os.environ.get(DATABASE_VARIABLE) or config.desk.database or sqlite_url(folder.ledger)


class Bookkeeper:
    """Writes what the desk decides and what the guard tells into one ledger. Never raises; close it after use."""

    def __init__(
        self,
        config: DeskConfig,
        folder: Folder,
        audit: AuditLog,
        market: MarketData,
        advice: Advice | None = None,
        learn: Callable[[Snapshot], None] | None = None,
    ) -> None:
        """Open the ledger of CREWDESK_DATABASE, of desk.yaml, or the profile's own file.

        `advice` is what the shadow that follows the promoted policy listens to, `learn` hears of every snapshot.
        """
        self._advice, self._learn = advice, learn
        self._shadows: Shadows | None = None
        self._config, self._audit, self._market = config, audit, market
        self._ledger: Ledger | None = None
        self._scorer: Scorer | None = None
        self._setup = setup_of(config)
        self._weights = self._setup.trust.unproven()
        self._ended: set[str] = set()
        self._warned = False
        self._guarded(lambda: self._open(ledger_url(config, folder)))

    def close(self) -> None:
        """Give back the database."""
        if self._ledger is not None:
            self._ledger.close()

    def decided(self, record: DecisionRecord) -> None:
        """Book a decision, its context, its signal, its costs, and the trade it opened."""
        self._guarded(lambda: self._decided(record))

    def weights(self) -> dict[str, Weight]:
        """What each agent's agreement counts for; unproven where no record can be read."""
        return self._weights

    def looked(self, status: GuardStatus) -> None:
        """Book what the guard shows now: equity, what the breaker did, and trades that are over."""
        for trade in status.closed:
            if trade.intent_id not in self._ended:
                self._guarded(partial(self._end, trade))
        self._guarded(lambda: self._point(status))
        self._guarded(lambda: self._settle(from_ms(status.venue_time)))
        self._guarded(lambda: self._breaker(status))

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            # Whatever it is, the desk goes on: the ledger is a copy, and what it lacks stands in the audit log.
            told = _LOG.info if self._warned else _LOG.warning
            told("the ledger is not kept: %s: %s", type(error).__name__, error)
            self._warned = True

    def _open(self, url: str) -> None:
        self._ledger = Ledger(url)
        self._scorer = Scorer(self._ledger, self._setup)
        desk = self._config.desk
        self._shadows = Shadows(self._ledger, self._setup, desk.limits, symbols=len(desk.symbols), advice=self._advice)

    def _decided(self, record: DecisionRecord) -> None:
        if self._ledger is None:
            return
        self._ledger.record(decision_row(record, self._config.profile.name))
        if self._scorer is not None:
            self._scorer.note(record)
        for cost in cost_rows(record, self._config, self._audit):
            self._ledger.record(cost)
        for chart in chart_rows(record, self._audit):
            self._ledger.record(chart)
        opened = opening_row(record, self._audit)
        if opened is not None:
            self._ledger.record(opened)
        snapshot = Snapshot.from_json(self._audit.snapshot(record.snapshot_hash))
        self._ledger.record(context_row(snapshot))
        if self._config.desk.signals.interval in snapshot.intervals:
            self._ledger.record(signal_row(snapshot, self._config, self._setup))
        if self._shadows is not None:
            self._shadows.follow(record, snapshot)
        if self._learn is not None:
            self._learn(snapshot)

    def _settle(self, now: datetime) -> None:
        if self._scorer is None:
            return
        # Before it is read: a record that cannot be read has earned nobody anything.
        self._weights = self._setup.trust.unproven()
        self._scorer.settle(self._market, now)
        self._weights = self._scorer.weights(now)

    def _point(self, status: GuardStatus) -> None:
        if self._ledger is None:
            return
        moment = from_ms(status.venue_time)
        known = self._ledger.equity(since=moment, limit=1)
        if not known or known[0].at != moment:
            self._ledger.record(equity_row(status))

    def _breaker(self, status: GuardStatus) -> None:
        if self._ledger is None:
            return
        event = breaker_row(status, next(iter(self._ledger.breaker_events(limit=1)), None))
        if event is not None:
            self._ledger.record(event)

    def _end(self, trade: ClosedTrade) -> None:
        ledger = self._ledger
        if ledger is None:
            return
        if ledger.trade(trade.intent_id) is None:
            ledger.record(late_row(trade, self._audit))
        close = TradeClose(
            closed_at=from_ms(trade.closed_at),
            exit_price=trade.exit_price,
            fees=trade.fees,
            funding=trade.funding,
            pnl=trade.pnl,
            exit_reason=trade.reason,
        )
        ledger.close_trade(trade.intent_id, close)
        self._ended.add(trade.intent_id)


def decision_row(record: DecisionRecord, profile: str) -> DecisionRow:
    """A decision and how it ended."""
    return DecisionRow(
        decision_id=record.decision_id,
        run_id=record.run_id,
        at=record.decided_at,
        profile=profile,
        symbol=record.symbol,
        action=record.action.value,
        conviction=record.conviction,
        verdict=record.verdict.value,
        rule=record.rule,
        intent_id=record.intent_id,
        mark=record.mark,
        equity=record.equity,
        snapshot_hash=record.snapshot_hash,
    )


def cost_rows(record: DecisionRecord, config: DeskConfig, audit: AuditLog) -> Iterator[CostRow]:
    """What each agent's replies cost, by the configured price table. USD, exact."""
    spent: Mapping[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in audit.rows(record.decision_id, kind=Kind.REPLY):
        counts = spent[row.agent]
        counts[0] += not row.payload.get("recalled")
        counts[1] += row.payload["prompt_tokens"]
        counts[2] += row.payload["completion_tokens"]
    for agent, (requests, prompt, completion) in sorted(spent.items()):
        yield CostRow(
            decision_id=record.decision_id,
            agent=agent,
            at=record.decided_at,
            model=record.models.get(agent, ""),
            requests=requests,
            prompt_tokens=prompt,
            completion_tokens=completion,
            usd=config.model_of(agent).cost(prompt, completion),
        )


def chart_rows(record: DecisionRecord, audit: AuditLog) -> Iterator[ChartRow]:
    """The chart a decision was made on, in numbers and in its picture; none where nobody read one."""
    for row in audit.rows(record.decision_id, kind=Kind.TOOL_CALL):
        if row.payload["tool"] == READ_CHART.name and row.payload["ok"]:
            model = record.models.get(AgentName.CHART.value, "")
            yield chart_row(json.loads(row.payload["result"]), record.decided_at, model)
            return  # Whoever else asked was told the same.


def signal_row(snapshot: Snapshot, config: DeskConfig, setup: DeskSetup) -> SignalRow:
    """The weighted signal of the moment a decision was made at."""
    signal = weighted_signal(snapshot, setup)
    return SignalRow(
        symbol=snapshot.symbol,
        interval=config.desk.signals.interval,
        at=snapshot.at,
        score=signal.score,
        threshold=signal.threshold,
        direction=signal.direction.value,
    )


def equity_row(status: GuardStatus) -> EquityRow:
    """A point of the equity curve, by the guard: the lower of the venue's equity and its own books."""
    unrealized = sum((position.unrealized for position in status.positions), ZERO)
    return EquityRow(
        at=from_ms(status.venue_time),
        equity=status.equity,
        wallet=status.wallet,
        unrealized=unrealized,
        transfers=status.transfers,
    )


def breaker_row(status: GuardStatus, newest: BreakerRow | None) -> BreakerRow | None:
    """What the breaker did since the newest event in the ledger, or None when nothing changed.

    `journal_seq` is the head of the guard's journal when it was noticed: the proof stands at or before it.
    """
    event, reason, at = _shown(status)
    if newest is None and event == CALM:
        return None
    if newest is not None and newest.event == event and (event != LATCHED or newest.at == at):
        return None
    return BreakerRow(
        journal_seq=status.journal_seq, at=at, event=event, reason=reason[:_REASON_CHARS], equity=status.equity
    )


def _shown(status: GuardStatus) -> tuple[str, str, datetime]:
    if status.latch is not None:
        return LATCHED, status.latch.reason, from_ms(status.latch.at)
    if status.mode == "REDUCE_ONLY":
        return REDUCE_ONLY, "no new exposure", from_ms(status.venue_time)
    return CALM, "trading", from_ms(status.venue_time)
